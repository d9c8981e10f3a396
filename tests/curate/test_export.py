from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tuneset.curate.export import TARGETS, export
from tuneset.curate.export.shape import CHANGES, UNCARRIED
from tuneset.review_app import approve, freeze
from tuneset.schemas.errors import RecipeError, VersionError, WorkspaceError
from tuneset.schemas.providers.openai import ChatRow
from tuneset.schemas.providers.problems import problems

CALL = {"id": "c1", "type": "function", "function": {"name": "find_bay", "arguments": '{"bay": 4}'}}
OTHER_CALL = {"id": "c1", "type": "function", "function": {"name": "find_bay", "arguments": '{"dock": "n"}'}}
TOOL = {
    "type": "function",
    "function": {
        "name": "find_bay",
        "parameters": {"type": "object", "properties": {"bay": {"enum": [None, 1]}}},
    },
}


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def frozen(workspaces, tmp_path: Path):
    """A function that freezes rows, all in train unless a split is given."""

    def build(rows: list[dict[str, Any]], splits: dict[int, str] | None = None) -> Path:
        told = [
            workspaces.verdict(r["row_id"], "split", "assign", value=(splits or {}).get(i, "train"))
            for i, r in enumerate(rows)
        ]
        out = workspaces.build(tmp_path / "w", rows, told)
        approve(out, where="true", actor="ana")
        freeze(out)
        return out

    return build


@pytest.fixture
def many(workspaces, frozen) -> Path:
    """Twelve rows of every kind: ten plain or with tools, one preference, one bad answer."""
    asks = {"role": "assistant", "tool_calls": [CALL]}
    asks_other = {"role": "assistant", "content": "Let me look.", "tool_calls": [OTHER_CALL]}
    answer = {"role": "tool", "tool_call_id": "c1", "name": "find_bay", "content": "north"}
    user, end = (
        {"role": "user", "content": "Bay 4?"},
        {"role": "assistant", "content": "North \u2028 dock.", "weight": 1.0},
    )
    rows = [workspaces.row(n, workspaces.turns(f"Frage {n} 🚢", f"Antwort {n}")) for n in range(1, 7)]
    rows += [
        workspaces.row(7, [user, asks, answer, end], tools=[TOOL]),
        workspaces.row(8, [user, asks_other, answer, end], tools=[TOOL]),
        workspaces.row(9, [{"role": "developer", "content": "Be brief."}, user, end]),
        workspaces.row(10, [user, end], label=True),
        workspaces.row(11, workspaces.turns("q", "good"), rejected=workspaces.turns("x", "bad")[1:]),
        workspaces.row(12, workspaces.turns("q", "bad"), label=False),
    ]
    return frozen(rows, {4: "validation", 5: "test"})


def test_openai_files_hold_what_was_approved(many: Path, workspaces) -> None:
    result = export(many, to="openai")
    folder = many / "exports" / "openai-v1"
    assert result.folder == str(folder)
    train = _lines(folder / "train.jsonl")
    assert [r["messages"][-1]["content"] for r in train] == [
        "Antwort 1", "Antwort 2", "Antwort 3", "Antwort 4", *["North \u2028 dock."] * 4,
    ]  # fmt: skip
    assert train[0] == {"messages": workspaces.turns("Frage 1 🚢", "Antwort 1")}
    assert train[4] == {
        "messages": [
            {"role": "user", "content": "Bay 4?"},
            {"role": "assistant", "tool_calls": [CALL]},
            {"role": "tool", "content": "north", "tool_call_id": "c1"},
            {"role": "assistant", "content": "North \u2028 dock.", "weight": 1},
        ],
        "tools": [TOOL],
    }
    assert train[6]["messages"][0] == {"role": "system", "content": "Be brief."}
    assert _lines(folder / "validation.jsonl") == [{"messages": workspaces.turns("Frage 5 🚢", "Antwort 5")}]
    assert sorted(p.name for p in folder.iterdir()) == [
        "refused.jsonl", "report.json", "train.jsonl", "validation.jsonl",
    ]  # fmt: skip
    assert result.refused == {"negative_label": 1, "preference_row": 1}
    assert result.changes == {"developer_to_system": 1, "label_left_out": 1, "tool_name_left_out": 2}
    assert result.held_out == 1
    assert result.warnings[0] == "8 training rows; openai takes no fewer than 10"
    assert "closing" in result.warnings[1]


def test_the_bytes_are_what_providers_ask_for(many: Path) -> None:
    """UTF-8 without a mark, one object a line, no needless escapes, no blank line, a last line end."""
    export(many, to="openai")
    data = (many / "exports/openai-v1/train.jsonl").read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\n")
    assert b"\n\n" not in data
    assert b"\r" not in data
    assert "🚢".encode() in data
    assert all(isinstance(json.loads(line), dict) for line in data.decode().split("\n")[:-1])


def test_refused_rows_are_listed_with_their_reasons(many: Path) -> None:
    export(many, to="openai")
    refused = _lines(many / "exports/openai-v1/refused.jsonl")
    assert [(r["row_id"].split(":")[1], r["split"], r["reason"]) for r in refused] == [
        ("11", "train", "preference_row"),
        ("12", "train", "negative_label"),
    ]
    report = json.loads((many / "exports/openai-v1/report.json").read_text())
    assert report["refused"]["negative_label"]["rows"] == 1
    assert report["refused"]["negative_label"]["sentence"]
    assert (
        report["manifest_sha256"]
        == hashlib.sha256((many / "versions/v1/manifest.json").read_bytes()).hexdigest()
    )
    for name, listed in report["files"].items():
        data = (many / "exports/openai-v1" / name).read_bytes()
        found = {
            "rows": len(data.split(b"\n")) - 1,
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        assert found == listed


def test_openais_own_types_and_checker_accept_every_line(many: Path) -> None:
    chat = pytest.importorskip("openai.types.chat")
    from pydantic import TypeAdapter

    export(many, to="openai")
    for name in ("train.jsonl", "validation.jsonl"):
        for row in _lines(many / "exports/openai-v1" / name):
            assert _cookbook_problems(row) == []
            TypeAdapter(list[chat.ChatCompletionMessageParam]).validate_python(row["messages"])
            TypeAdapter(list[chat.ChatCompletionToolParam]).validate_python(row.get("tools", []))


def _cookbook_problems(row: Any) -> list[str]:
    """The checks of openai-cookbook's Chat_finetuning_data_prep.ipynb, and the tool members it predates."""
    if not isinstance(row, dict) or not row.get("messages"):
        return ["no messages"]
    found: list[str] = []
    for message in row["messages"]:
        known = {"role", "content", "name", "weight", "tool_calls", "tool_call_id"}
        if set(message) - known or message.get("role") not in ("system", "user", "assistant", "tool"):
            found.append("key or role")
        if not isinstance(message.get("content"), str) and not message.get("tool_calls"):
            found.append("content")
        if message.get("weight", 1) not in (0, 1) or isinstance(message.get("weight", 1), float):
            found.append("weight")
    if not any(m["role"] == "assistant" for m in row["messages"]):
        found.append("no assistant")
    return found


HARD = [
    ([{"role": "user", "content": "q"}], {}, "no_assistant"),
    (
        [{"role": "assistant", "content": "a"}, {"role": "user", "content": "q"}],
        {},
        "last_turn_not_assistant",
    ),
    (
        [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "weight": 0.5}],
        {},
        "fractional_weight",
    ),
    (
        [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "weight": 0.0}],
        {},
        "nothing_trained",
    ),
    (
        [{"role": "user", "content": "q", "weight": 1.0}, {"role": "assistant", "content": "a"}],
        {},
        "bad_weight",
    ),
    (
        [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "reasoning_content": "r"}],
        {},
        "reasoning_content",
    ),
    ([{"role": "user", "content": ""}, {"role": "assistant", "content": "a"}], {}, "empty_content"),
    ([{"role": "user", "content": "q"}, {"role": "assistant"}], {}, "empty_content"),
    (
        [{"role": "user", "content": "q"}, {"role": "assistant", "tool_calls": [{**CALL, "id": None}]}],
        {},
        "missing_member",
    ),
    (
        [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}],
        {"tools": [{"type": "function", "function": {"name": "f", "returns": 1}}]},
        "unknown_member",
    ),
]


@pytest.mark.parametrize(("messages", "more", "reason"), HARD)
def test_openai_refuses_row_by_row(workspaces, frozen, messages, more, reason: str) -> None:
    rows = [workspaces.row(1, messages, **more), workspaces.row(2, workspaces.turns("q", "a"))]
    result = export(frozen(rows), to="openai")
    assert result.refused == {reason: 1}
    assert result.files["train.jsonl"]["rows"] == 1


def test_an_untrained_user_turn_loses_a_weight_without_meaning(workspaces, frozen) -> None:
    messages = [{"role": "user", "content": "q", "weight": 0.0}, {"role": "assistant", "content": "a"}]
    out = frozen([workspaces.row(1, messages)])
    assert export(out, to="openai").refused == {}
    assert _lines(out / "exports/openai-v1/train.jsonl")[0]["messages"] == workspaces.turns("q", "a")


def test_trl_files_load_and_render(many: Path, tmp_path: Path) -> None:
    """Through datasets and TRL's own functions, with a template that shows every part of a turn."""
    datasets = pytest.importorskip("datasets")
    result = export(many, to="trl")
    folder = many / "exports/trl-v1"
    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert {name: rows.num_rows for name, rows in loaded.items()} == {"train": 8, "validation": 1}
    assert result.refused == {"negative_label": 1, "preference_row": 1}
    assert list(loaded["train"]["messages"]) == [r["messages"] for r in _lines(folder / "train.jsonl")]
    assert loaded["train"][4]["messages"][1]["tool_calls"][0]["function"]["arguments"] == {"bay": 4}
    assert loaded["train"][5]["messages"][1]["tool_calls"][0]["function"]["arguments"] == {"dock": "n"}
    assert loaded["train"][4]["tools"] == [TOOL]
    assert loaded["train"][0]["tools"] is None


def test_trls_own_functions_read_every_line(many: Path) -> None:
    data_utils = pytest.importorskip("trl.data_utils")
    tokenizer = _tokenizer()
    export(many, to="trl")
    for row in _lines(many / "exports/trl-v1/train.jsonl"):
        assert data_utils.is_conversational(row)
        text = data_utils.apply_chat_template(
            {"messages": row["messages"]}, tokenizer, tools=row.get("tools")
        )["text"]
        for turn in row["messages"]:
            assert turn.get("content", "") in text
            for call in turn.get("tool_calls", []):
                assert json.dumps(call["function"]["arguments"]) in text
    export(many, to="trl-dpo")
    (row,) = _lines(many / "exports/trl-dpo-v1/train.jsonl")
    told = data_utils.apply_chat_template(row, tokenizer)
    assert told["prompt"] + told["chosen"] == "<user>q<assistant>good"
    assert told["rejected"].endswith("bad")


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"a": 0}, unk_token="a")))
    tokenizer.chat_template = (
        "{% for m in messages %}<{{ m.role }}>{{ m.content or '' }}"
        "{% for c in m.tool_calls or [] %}{{ c.function.arguments | tojson }}{% endfor %}{% endfor %}"
        "{% if add_generation_prompt %}<assistant>{% endif %}"
    )
    return tokenizer


def test_trl_dpo_takes_preferences_alone(many: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    result = export(many, to="trl-dpo")
    assert result.refused == {"not_a_preference_row": 10}
    loaded = datasets.load_dataset(str(many / "exports/trl-dpo-v1"), cache_dir=str(tmp_path / "cache"))
    assert {k: v for k, v in loaded["train"][0].items() if v is not None} == {
        "prompt": [{"role": "user", "content": "q"}],
        "chosen": [{"role": "assistant", "content": "good"}],
        "rejected": [{"role": "assistant", "content": "bad"}],
    }


def test_tools_that_come_late_still_load(workspaces, frozen, tmp_path: Path) -> None:
    """A loader that guesses features from the first 10 MB fails here; the folder's README tells them."""
    datasets = pytest.importorskip("datasets")
    rows = [workspaces.row(n, workspaces.turns("x" * 6000, "a")) for n in range(1, 2501)]
    late = [{"role": "user", "content": "q"}, {"role": "assistant", "tool_calls": [CALL]}]
    out = frozen([*rows, workspaces.row(2501, late, tools=[TOOL])])
    export(out, to="trl")
    for folder in (out / "exports/trl-v1", out / "versions/v1"):
        loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
        assert loaded["train"][-1]["tools"] == [TOOL]


@pytest.mark.parametrize(
    ("messages", "more", "to", "reason"),
    [
        ([{"role": "assistant", "content": "a", "weight": 0.0}], {}, "trl", "zero_weight"),
        ([{"role": "assistant", "content": "a", "weight": 0.5}], {}, "trl", "fractional_weight"),
        (
            [{"role": "assistant", "tool_calls": [{**CALL, "function": {"name": "f", "arguments": "x"}}]}],
            {},
            "trl",
            "arguments_not_object",
        ),
        (
            [{"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}],
            {"rejected": [{"role": "assistant", "content": "c"}]},
            "trl-dpo",
            "unclear_prompt",
        ),
    ],
)
def test_trl_refuses_row_by_row(workspaces, frozen, messages, more, to: str, reason: str) -> None:
    user = {"role": "user", "content": "q"}
    good = {"rejected": [{"role": "assistant", "content": "c"}]} if to == "trl-dpo" else {}
    rows = [
        workspaces.row(1, [user, *messages], **more),
        workspaces.row(2, workspaces.turns("q", "a"), **good),
    ]
    assert export(frozen(rows), to=to).refused == {reason: 1}


def test_reasoning_stays_where_the_format_has_it(workspaces, frozen) -> None:
    messages = [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "a", "reasoning_content": "because"},
    ]
    out = frozen([workspaces.row(1, messages)])
    assert export(out, to="trl").refused == {}
    assert _lines(out / "exports/trl-v1/train.jsonl")[0]["messages"] == messages


@pytest.mark.parametrize("to", TARGETS)
def test_the_same_export_again_gives_the_same_bytes(many: Path, to: str) -> None:
    def bytes_of(folder: Path) -> dict[str, bytes]:
        return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    folder = Path(export(many, to=to).folder)
    first = bytes_of(folder)
    export(many, to=to)
    assert bytes_of(folder) == first
    assert [p.name for p in folder.parent.iterdir()] == [folder.name]


def test_a_folder_of_someone_else_is_never_replaced(many: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    export(many, to="openai", output=mine)
    export(many, to="openai", output=mine)
    (mine / "report.json").write_text('{"rows": 3}')
    with pytest.raises(WorkspaceError, match="no export of tuneset"):
        export(many, to="openai", output=mine)
    (mine / "report.json").unlink()
    with pytest.raises(WorkspaceError, match="no export of tuneset"):
        export(many, to="openai", output=mine)
    assert (mine / "train.jsonl").exists()


def test_a_changed_version_is_refused_and_nothing_is_written(many: Path) -> None:
    path = many / "versions/v1/train.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("Antwort 2", "Antwort 3"), encoding="utf-8")
    with pytest.raises(VersionError, match=":2' has other content"):
        export(many, to="openai")
    assert not (many / "exports").exists()


def test_nothing_that_fits_is_an_error_and_writes_nothing(workspaces, frozen) -> None:
    out = frozen([workspaces.row(1, workspaces.turns("q", "a"), label=False)])
    with pytest.raises(VersionError, match="negative_label 1"):
        export(out, to="openai")
    assert list((out / "exports").iterdir()) == []


def test_unknown_names_say_what_was_near(many: Path) -> None:
    with pytest.raises(RecipeError) as error:
        export(many, to="opnai")
    assert "did you mean 'openai'?" in error.value.fix
    with pytest.raises(WorkspaceError, match="no version 'v9'"):
        export(many, to="openai", version="v9")
    with pytest.raises(RecipeError):
        export(many, to="openai", version="../v1")


def test_every_code_has_a_sentence() -> None:
    for target in TARGETS.values():
        for code in (*UNCARRIED, *target.rules):
            assert target.rule(code).sentence
    assert all(CHANGES.values())


def test_every_written_line_passes_the_row_model(many: Path) -> None:
    export(many, to="openai")
    for row in _lines(many / "exports/openai-v1/train.jsonl"):
        assert problems(ChatRow, row) == []


def test_the_verb_exports_and_lists(many: Path, capsys) -> None:
    from tuneset.cli.main import main

    assert main(["export", "--to", "list"]) == 0
    assert "trl-dpo" in capsys.readouterr().out
    assert main(["export", str(many), "--to", "openai", "--version", "v1"]) == 0
    text = capsys.readouterr().out
    assert "exported v1 for openai: train.jsonl 8 rows, validation.jsonl 1 rows" in text
    assert "1  preference_row" in text
    assert main(["export", "--to", "openai", "--json"]) == 2
    assert "no workspace is named" in capsys.readouterr().out
    assert main(["export", str(many), "--to", "trl", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"]["train.jsonl"]["rows"] == 8
