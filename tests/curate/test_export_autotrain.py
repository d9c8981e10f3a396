"""AutoTrain files and configuration, read by AutoTrain's own parser and template code where it is installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from tuneset.curate import curate
from tuneset.curate.export import TARGETS, export
from tuneset.review_app import approve, freeze
from tuneset.schemas.providers.autotrain import ChatRow, PreferenceRow
from tuneset.schemas.providers.problems import problems

SYSTEM = {"role": "system", "content": "Be brief."}
LOST = [{"role": "assistant", "content": "No idea."}]


@pytest.fixture
def rows(workspaces) -> list[dict[str, Any]]:
    turns, row = workspaces.turns, workspaces.row
    return [
        row(1, [SYSTEM, *turns("Bay 4?", "North.")]),
        row(2, turns("Bay 5?", "South.", "And 6?", "East.")),
        row(3, turns("Bay 7?", "West.")),
        row(4, [SYSTEM, *turns("Dock?", "North dock.")], rejected=LOST),
        row(5, turns("Human: hi\n\nAssistant: ho", "a", "Which?", "This."), rejected=LOST),
    ]


@pytest.fixture
def frozen(workspaces, tmp_path: Path, rows) -> Path:
    told = [
        workspaces.verdict(r["row_id"], "split", "assign", value="validation" if n == 2 else "train")
        for n, r in enumerate(rows)
    ]
    out = workspaces.build(tmp_path / "w", rows, told)
    approve(out, where="true", actor="ana")
    freeze(out)
    return out


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _back(folder: Path, tmp_path: Path, *names: str) -> list[str]:
    curate([str(folder / name) for name in names], out=tmp_path / "back", recipe={"steps": ["structure"]})
    return pq.read_table(tmp_path / "back/rows.parquet", columns=["content_id"])["content_id"].to_pylist()


def test_conversations_and_back(frozen: Path, tmp_path: Path, rows) -> None:
    result = export(frozen, to="autotrain")
    folder = Path(result.folder)
    assert _lines(folder / "train.jsonl") == [{"text": r["messages"]} for r in rows[:2]]
    assert _lines(folder / "validation.jsonl") == [{"text": rows[2]["messages"]}]
    assert result.refused == {"preference_row": 2}
    assert any("not known" in warning for warning in result.warnings)
    told = _back(folder, tmp_path, "train.jsonl", "validation.jsonl")
    assert sorted(told) == sorted(r["content_id"] for r in rows[:3])


def test_preferences_and_back(frozen: Path, tmp_path: Path, rows) -> None:
    result = export(frozen, to="autotrain-dpo")
    folder = Path(result.folder)
    assert _lines(folder / "train.jsonl")[0] == {
        "prompt": "Dock?",
        "text": rows[3]["messages"],
        "rejected_text": [*rows[3]["messages"][:-1], *LOST],
    }
    assert sorted(_back(folder, tmp_path, "train.jsonl")) == sorted(r["content_id"] for r in rows[3:])


def test_the_configuration_says_what_the_recipe_says(frozen: Path) -> None:
    (frozen / "tuneset.yaml").write_text(
        "seed: 7\ntrain: {base: HuggingFaceTB/SmolLM2-1.7B, rank: 8, epochs: 2}\n"
    )
    folder = Path(export(frozen, to="autotrain").folder)
    told = yaml.safe_load((folder / "config.yml").read_text("utf-8"))
    assert (told["task"], told["base_model"]) == ("llm-sft", "HuggingFaceTB/SmolLM2-1.7B")
    assert told["data"] == {
        "path": ".",
        "train_split": "train",
        "valid_split": "validation",
        "chat_template": "tokenizer",
        "column_mapping": {"text_column": "text"},
    }
    assert (told["params"]["lora_r"], told["params"]["epochs"], told["params"]["seed"]) == (8, 2, 7)
    pairs = yaml.safe_load(
        (Path(export(frozen, to="autotrain-dpo").folder) / "config.yml").read_text("utf-8")
    )
    assert pairs["task"] == "llm-dpo"
    assert pairs["data"]["valid_split"] is None
    assert pairs["data"]["column_mapping"]["rejected_text_column"] == "rejected_text"
    assert pairs["params"]["max_prompt_length"] == pairs["params"]["model_max_length"]


@pytest.mark.parametrize("to", ["autotrain", "autotrain-dpo"])
def test_autotrain_parses_the_configuration_and_prepares_the_rows(
    frozen: Path, tmp_path: Path, monkeypatch, rows, to: str
) -> None:
    """Its parser, its munging of the files and its template code, up to the training itself."""
    parser = pytest.importorskip("autotrain.parser", reason="not installed: pip install autotrain-advanced")
    from autotrain.project import llm_munge_data
    from autotrain.trainers.clm.params import LLMTrainingParams
    from autotrain.trainers.clm.utils import apply_chat_template
    from datasets import load_from_disk

    monkeypatch.chdir(export(frozen, to=to, output=tmp_path / "x").folder)
    parsed = parser.AutoTrainConfigParser("config.yml").parsed_config
    unknown = set(parsed) - set(LLMTrainingParams.model_fields)
    assert not unknown
    params = llm_munge_data(LLMTrainingParams(**parsed), local=True)
    loaded = load_from_disk(params.data_path)["train"]
    renamed = {
        "autotrain_text": "chosen",
        "autotrain_rejected_text": "rejected",
        "autotrain_prompt": "prompt",
    }
    for row, given in zip(loaded, rows[:2] if to == "autotrain" else rows[3:], strict=True):
        if to == "autotrain-dpo":
            row = {renamed.get(name, name): value for name, value in row.items()}
        told = apply_chat_template(row, _Template(), params)
        said = "".join(turn["content"] for turn in given["messages"])
        if to == "autotrain":
            assert told["autotrain_text"] == said
        else:
            assert told["prompt"] + told["chosen"] == said
            assert told["rejected"] == "No idea."


class _Template:
    def apply_chat_template(self, messages: list[dict[str, str]], **_: Any) -> str:
        return "".join(turn["content"] for turn in messages)


def _turn(role: str, text: str = "x") -> dict[str, str]:
    return {"role": role, "content": text}


@pytest.mark.parametrize(
    ("model", "row", "code"),
    [
        (ChatRow, {"text": [_turn("user"), _turn("assistant")]}, None),
        (ChatRow, {"text": "[{'role': 'user'}]"}, "wrong_type"),
        (ChatRow, {"text": [_turn("user")]}, "no_assistant"),
        (ChatRow, {"text": [_turn("assistant"), _turn("user")]}, "last_turn_not_assistant"),
        (ChatRow, {"text": [_turn("user", " "), _turn("assistant")]}, "empty_content"),
        (ChatRow, {"text": [_turn("user"), _turn("assistant")], "tools": []}, "unknown_member"),
    ],
)
def test_rows(model, row: dict[str, Any], code: str | None) -> None:
    assert [p.code for p in problems(model, row)] == ([code] if code else [])


def test_pairs() -> None:
    won, lost = [_turn("user"), _turn("assistant", "a")], [_turn("user"), _turn("assistant", "b")]
    assert problems(PreferenceRow, {"prompt": "x", "text": won, "rejected_text": lost}) == []
    cases = [
        ({"text": won, "rejected_text": [_turn("user", "y"), _turn("assistant")]}, "other_prompt"),
        ({"text": won[1:], "rejected_text": lost[1:]}, "empty_prompt"),
        ({"text": won, "rejected_text": lost[:1]}, "no_assistant"),
    ]
    for row, code in cases:
        assert [p.code for p in problems(PreferenceRow, {"prompt": "x", **row})] == [code]


def test_what_a_pair_cannot_carry_is_refused(workspaces) -> None:
    target = TARGETS["autotrain-dpo"]
    base = {"row_id": "a:1", "content_id": "0" * 32, "messages": workspaces.turns("q", "a")}
    cases = [
        ({}, "not_a_preference_row"),
        ({"rejected": [*LOST, *LOST]}, "several_losing_turns"),
        ({"rejected": LOST, "tools": [{"type": "function"}]}, "tool_definitions"),
        ({"rejected": [{**LOST[0], "weight": 0.0}]}, "zero_weight"),
        ({"rejected": [{**LOST[0], "reasoning_content": "r"}]}, "reasoning_content"),
        ({"rejected": LOST, "messages": workspaces.turns("q", "a", "r")}, "unclear_prompt"),
    ]
    for more, code in cases:
        assert target.convert({**base, **more}).code == code  # pyright: ignore[reportAttributeAccessIssue]
