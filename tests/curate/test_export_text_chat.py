"""Predibase and Replicate: texts alone, one file with a split column, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tuneset.curate import curate
from tuneset.curate.export import TARGETS, export
from tuneset.review_app import approve, freeze
from tuneset.schemas.providers import predibase, replicate
from tuneset.schemas.providers.problems import problems

CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
SYSTEM = {"role": "system", "content": "s"}


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


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _back(folder: Path, tmp_path: Path, *files: str) -> list[str]:
    curate([str(folder / f) for f in files], out=tmp_path / "back", recipe={"steps": ["structure"]})
    return pq.read_table(tmp_path / "back/rows.parquet", columns=["content_id"])["content_id"].to_pylist()


def test_predibase_is_one_file_with_a_split_column(workspaces, frozen, tmp_path: Path) -> None:
    rows = [
        workspaces.row(1, [SYSTEM, *workspaces.turns("q", "a")]),
        workspaces.row(2, workspaces.turns("r", "b", "t", "c")),
        workspaces.row(3, workspaces.turns("s", "d")),
    ]
    result = export(frozen(rows, {1}), to="predibase")
    folder = Path(result.folder)
    lines = _lines(folder / "dataset.jsonl")
    assert lines == [
        {"messages": rows[0]["messages"], "split": "train"},
        {"messages": rows[2]["messages"], "split": "train"},
        {"messages": rows[1]["messages"], "split": "evaluation"},
    ]
    assert result.rows == {"train": 2, "validation": 1}
    assert any("not known" in warning for warning in result.warnings)
    assert all(problems(predibase.ChatRow, line) == [] for line in lines)
    assert sorted(_back(folder, tmp_path, "dataset.jsonl")) == sorted(r["content_id"] for r in rows)


@pytest.mark.parametrize("to", ["predibase-prompt", "replicate"])
def test_prompts_and_completions(workspaces, frozen, tmp_path: Path, to: str) -> None:
    rows = [workspaces.row(n, workspaces.turns(f"q{n}", f"a{n}")) for n in range(1, 4)]
    rows.append(workspaces.row(4, [SYSTEM, *workspaces.turns("q", "a")]))
    result = export(frozen(rows, {1}), to=to)
    folder = Path(result.folder)
    assert result.refused == {"system_prompt": 1}
    first = _lines(folder / next(iter(result.files)))[0]
    assert first == {"prompt": "q1", "completion": "a1"} | (
        {"split": "train"} if to == "predibase-prompt" else {}
    )
    files = [name for name in result.files if name != "refused.jsonl"]
    assert sorted(_back(folder, tmp_path, *files)) == sorted(r["content_id"] for r in rows[:3])


def _user(text: str = "q", **more: Any) -> dict[str, Any]:
    return {"role": "user", "content": text, **more}


def _answer(text: str | None = "a", **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": text, **more}


@pytest.mark.parametrize(
    ("messages", "more", "reason", "where"),
    [
        ([_user(), _answer(None, tool_calls=[CALL])], {}, "tool_calls", "messages.1"),
        ([_user(), _answer()], {"tools": [{"type": "function"}]}, "tool_definitions", "tools"),
        ([_user(), _answer(weight=0.0), _user(), _answer()], {}, "zero_weight", "messages.1.weight"),
        ([_user(), _answer(weight=0.5)], {}, "fractional_weight", "messages.1.weight"),
        ([_user(name="ana"), _answer()], {}, "speaker_name", "messages.0.name"),
        ([_user(), _answer(reasoning_content="r")], {}, "reasoning_content", "messages.1.reasoning_content"),
        ([_user(), SYSTEM, _answer()], {}, "late_system_prompt", "messages.1"),
        ([_user()], {}, "no_assistant", "messages"),
        ([_user(), _answer(), _user()], {}, "last_turn_not_assistant", "messages.2"),
        ([_user(" "), _answer()], {}, "empty_content", "messages.0.content"),
        ([_user(), _answer()], {"label": False}, "negative_label", "label"),
        ([_user(), _answer()], {"rejected": [_answer()]}, "preference_row", "rejected"),
    ],
)
def test_what_texts_cannot_carry_is_refused(messages, more, reason: str, where: str) -> None:
    target = TARGETS["predibase"]
    found = target.convert({"row_id": "a:1", "content_id": "0" * 32, "messages": messages, **more})
    row = getattr(found, "row", None)
    problem = problems(target.model, row)[0] if row is not None else found
    assert (problem.code, problem.where) == (reason, where)
    assert target.rule(problem.code).sentence == problem.sentence


def test_a_weight_of_one_is_left_out_and_counted(workspaces, frozen) -> None:
    rows = [workspaces.row(1, [_user(), _answer(weight=1.0)])]
    assert export(frozen(rows), to="predibase").changes == {"full_weight_left_out": 1}


@pytest.mark.parametrize(
    ("model", "row", "code"),
    [
        (predibase.ChatRow, {"messages": [_user(), _answer()], "split": "evaluation"}, None),
        (predibase.ChatRow, {"messages": [_user(), _answer()], "split": "validation"}, "wrong_type"),
        (predibase.ChatRow, {"messages": [_user(), {"role": "tool", "content": "x"}]}, "wrong_type"),
        (predibase.ChatRow, {"messages": [_user(), _answer(weight=1)]}, "unknown_member"),
        (predibase.ChatRow, {"messages": []}, "wrong_type"),
        (predibase.PromptRow, {"prompt": "q", "completion": "a", "split": "train"}, None),
        (predibase.PromptRow, {"prompt": "q", "completion": " "}, "empty_content"),
        (replicate.PromptRow, {"prompt": "q", "completion": "a"}, None),
        (replicate.PromptRow, {"prompt": "q", "completion": "a", "split": "train"}, "unknown_member"),
        (replicate.PromptRow, {"prompt": "q"}, "missing_member"),
    ],
)
def test_rows(model, row: dict[str, Any], code: str | None) -> None:
    assert [p.code for p in problems(model, row)] == ([code] if code else [])
