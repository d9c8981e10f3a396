"""CSV files, read back by Python's csv module, by pandas and by tuneset."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.curate import curate
from tuneset.curate.export import export
from tuneset.curate.export.layout_csv import CsvFiles
from tuneset.curate.export.targets.csv import CSV, CSV_MESSAGES
from tuneset.curate.readers.raw_csv import read_csv
from tuneset.review_app import approve, freeze
from tuneset.schemas.providers.csv import MessagesRow, PromptRow
from tuneset.schemas.providers.problems import problems

HARD = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    'a "quoted" text',
    "a,b;c\td",
    "one\ntwo\r\nthree\rfour",
    " spaces ",
    "'",
    "🚢 \u2028 \x85",
    "\ufeffmark",
]
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"maximum": 1e20}}}


@pytest.fixture
def frozen(workspaces, tmp_path: Path):
    def build(rows: list[dict[str, Any]], held: set[int] = frozenset()) -> Path:
        told = [
            workspaces.verdict(r["row_id"], "split", "assign", value="validation" if n in held else "train")
            for n, r in enumerate(rows)
        ]
        out = workspaces.build(tmp_path / "w", rows, told)
        approve(out, where="true", actor="ana")
        freeze(out)
        return out

    return build


def _cells(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def _back(folder: Path, tmp_path: Path) -> list[str]:
    files = sorted(str(path) for path in folder.glob("*.csv"))
    curate(files, out=tmp_path / "back", recipe={"steps": ["structure"]})
    return pq.read_table(tmp_path / "back/rows.parquet", columns=["content_id"])["content_id"].to_pylist()


def test_prompts_and_completions_stand_as_they_are_and_come_back(workspaces, frozen, tmp_path: Path) -> None:
    rows = [workspaces.row(n, workspaces.turns(text, f"{text}!")) for n, text in enumerate(HARD, start=1)]
    result = export(frozen(rows, {2}), to="csv")
    folder = Path(result.folder)
    data = (folder / "train.csv").read_bytes()
    assert data.startswith(b"prompt,completion\r\n=1+1,=1+1!\r\n+1,+1!\r\n@SUM(A1)")
    assert [(c["prompt"], c["completion"]) for c in _cells(folder / "train.csv")] == [
        (text, f"{text}!") for n, text in enumerate(HARD) if n != 2
    ]
    assert _cells(folder / "validation.csv") == [{"prompt": "-1", "completion": "-1!"}]
    for name, rows_here in (("train.csv", len(HARD) - 1), ("validation.csv", 1)):
        told = {"rows": rows_here, "bytes": (folder / name).stat().st_size}
        told["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        assert result.files[name] == told
    assert sorted(_back(folder, tmp_path)) == sorted(r["content_id"] for r in rows)


def test_a_system_prompt_has_a_column_where_any_row_has_one(workspaces, frozen, tmp_path: Path) -> None:
    system = {"role": "system", "content": "=Be brief."}
    rows = [
        workspaces.row(1, [system, *workspaces.turns("q", "a")]),
        workspaces.row(2, workspaces.turns("r", "b")),
        workspaces.row(3, [{"role": "developer", "content": "Go."}, *workspaces.turns("s", "c")]),
    ]
    result = export(frozen(rows, {1}), to="csv")
    folder = Path(result.folder)
    assert _cells(folder / "train.csv")[0] == {"system": "=Be brief.", "prompt": "q", "completion": "a"}
    assert _cells(folder / "validation.csv") == [{"system": "", "prompt": "r", "completion": "b"}]
    assert result.changes == {"developer_to_system": 1}
    assert set(_back(folder, tmp_path)) >= {rows[0]["content_id"], rows[1]["content_id"]}


def test_conversations_are_json_text_and_come_back(workspaces, frozen, tmp_path: Path) -> None:
    tools = [
        {"role": "developer", "content": "x", "name": "n"},
        {"role": "user", "content": 'a,\n"b"'},
        {"role": "assistant", "tool_calls": [CALL], "reasoning_content": "r", "weight": 0.5},
        {"role": "tool", "tool_call_id": "c1", "name": "f", "content": "1"},
        {"role": "assistant", "content": "done"},
    ]
    rows = [workspaces.row(1, tools, tools=[TOOL]), workspaces.row(2, workspaces.turns("q", "a", "r", "b"))]
    rows.append(workspaces.row(3, workspaces.turns("s", "t"), rejected=workspaces.turns("", "u")[1:]))
    result = export(frozen(rows), to="csv-messages")
    cells = _cells(Path(result.folder) / "train.csv")
    assert [json.loads(c["messages"]) for c in cells] == [r["messages"] for r in rows[:2]]
    assert [c["tools"] and json.loads(c["tools"]) for c in cells] == [[TOOL], ""]
    assert result.refused == {"preference_row": 1}
    assert sorted(_back(Path(result.folder), tmp_path)) == sorted(r["content_id"] for r in rows[:2])


def test_pandas_reads_the_same_cells(workspaces, frozen) -> None:
    pandas = pytest.importorskip("pandas")
    rows = [workspaces.row(n, workspaces.turns(text, f"{text}!")) for n, text in enumerate(HARD, start=1)]
    folder = Path(export(frozen(rows), to="csv").folder)
    frame = pandas.read_csv(folder / "train.csv", dtype=str, keep_default_na=False)
    assert frame["prompt"].tolist() == HARD
    assert frame["completion"].tolist() == [f"{text}!" for text in HARD]


def _user(text: str | None = "q", **more: Any) -> dict[str, Any]:
    return {"role": "user", "content": text, **more}


def _answer(text: str | None = "a", **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": text, **more}


SYSTEM = {"role": "system", "content": "s"}


@pytest.mark.parametrize(
    ("messages", "more", "reason", "where"),
    [
        ([_user(), _answer(), _user(), _answer()], {}, "several_turns", "messages"),
        ([SYSTEM, _user(), _answer(), _user(), _answer()], {}, "several_turns", "messages"),
        ([_user(), _user(), _answer()], {}, "roles_not_alternating", "messages"),
        ([SYSTEM, SYSTEM, _user(), _answer()], {}, "late_system_prompt", "messages.1"),
        ([SYSTEM, _user(), SYSTEM, _answer()], {}, "late_system_prompt", "messages.2"),
        ([SYSTEM, _answer()], {}, "no_prompt", "messages"),
        ([_user()], {}, "no_assistant", "messages"),
        ([SYSTEM], {}, "no_assistant", "messages"),
        ([_user(), _answer(), _user()], {}, "last_turn_not_assistant", "messages.2"),
        ([SYSTEM, _user(name="ana"), _answer()], {}, "speaker_name", "messages.1.name"),
        ([{**SYSTEM, "name": "n"}, _user(), _answer()], {}, "speaker_name", "messages.0.name"),
        ([_user(), _answer(weight=0.0)], {}, "zero_weight", "messages.1.weight"),
        ([SYSTEM, _user(), _answer(weight=0.5)], {}, "fractional_weight", "messages.2.weight"),
        ([_user(), _answer(reasoning_content="r")], {}, "reasoning_content", "messages.1.reasoning_content"),
        ([_user(), _answer(None, tool_calls=[CALL])], {}, "tool_calls", "messages.1"),
        ([_user(), _answer()], {"tools": [TOOL]}, "tool_definitions", "tools"),
        ([_user(), _answer()], {"label": False}, "negative_label", "label"),
        ([_user(), _answer()], {"rejected": [_answer()]}, "preference_row", "rejected"),
        ([{**SYSTEM, "content": " "}, _user(), _answer()], {}, "empty_content", "messages.0"),
        ([_user(" "), _answer()], {}, "empty_content", "prompt"),
        ([_user(), _answer("")], {}, "empty_content", "completion"),
    ],
)
def test_what_a_pair_cannot_carry_is_refused(messages, more, reason: str, where: str) -> None:
    found = CSV.convert({"row_id": "a:1", "content_id": "0" * 32, "messages": messages, **more})
    problem = found if not hasattr(found, "row") else problems(PromptRow, found.row)[0]  # pyright: ignore
    assert (problem.code, problem.where) == (reason, where)
    assert CSV.rule(problem.code).sentence == problem.sentence or problem.code == "wrong_type"


CHAT = '[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]'


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"messages": CHAT}, None),
        ({"messages": CHAT, "tools": ""}, None),
        ({"messages": CHAT, "tools": "[{}]"}, None),
        ({"messages": '[{"role":"user","content":"q"}]'}, "no_assistant"),
        ({"messages": '[{"role":"bot","content":"q"}]'}, "not_messages"),
        ({"messages": "[]"}, "not_messages"),
        ({"messages": "hello"}, "not_messages"),
        ({"messages": CHAT, "tools": "{}"}, "not_tools"),
        ({"messages": CHAT, "tools": "[1]"}, "not_tools"),
        ({"prompt": "q"}, "missing_member"),
    ],
)
def test_cells_of_json(row: dict[str, str], code: str | None) -> None:
    found = [p.code for p in problems(MessagesRow, row)]
    assert found[:1] == ([code] if code else [])


def test_history_may_be_put_into_the_prompt(workspaces, frozen) -> None:
    rows = [workspaces.row(1, workspaces.turns("q", "a", "r", "b"))]
    result = export(frozen(rows), to="csv", changes=["history_in_prompt"])
    assert result.changes == {"history_in_prompt": 1}
    (cells,) = _cells(Path(result.folder) / "train.csv")
    assert cells["completion"] == "b"


TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=4), st.booleans())
def test_any_text_comes_back(tmp_path_factory, rows: list[tuple[str, str, str]], narrow: bool) -> None:
    folder = tmp_path_factory.mktemp("csv")
    writer = CsvFiles(("x", "a", "b", "c"), frozenset({"x"})).open(folder)
    for a, b, c in rows:
        writer.write("train", {"a": a, "b": b, "c": c} | ({} if narrow else {"x": "1"}))
    told = writer.close()
    data = (folder / "train.csv").read_bytes()
    found = [row.value for row in read_csv(io.BytesIO(data), "train.csv")]
    assert [tuple(row[name] for name in "abc") for row in found] == rows
    assert all(("x" in row) != narrow for row in found)
    assert told["train.csv"]["bytes"] == len(data)
    assert sorted(path.name for path in folder.iterdir()) == ["train.csv"]


def test_both_targets_are_listed() -> None:
    assert (CSV.carries.turns, CSV_MESSAGES.carries.turns) == (False, True)
