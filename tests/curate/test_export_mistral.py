from __future__ import annotations

import ast
import json
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml
from tuneset.curate.export import export
from tuneset.curate.export.targets.mistral import convert, plain_id
from tuneset.curate.readers.shapes import shape_of
from tuneset.review_app import approve, freeze
from tuneset.schemas.example import content_id
from tuneset.schemas.providers.problems import RowProblem

accepts = runpy.run_path(str(Path(__file__).with_name("oracles") / "mistral.py"))["accepts"]

USER = {"role": "user", "content": "Bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}


def call(call_id: str, bay: int = 4) -> dict[str, Any]:
    arguments = json.dumps({"bay": bay})
    return {"id": call_id, "type": "function", "function": {"name": "find_bay", "arguments": arguments}}


def result(call_id: str, said: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": said}


def tool(**function: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "find_bay", **function}}


FIND = tool(description="d", parameters={"type": "object", "properties": {"bay": {"type": "integer"}}})
TALK = [
    USER,
    {"role": "assistant", "content": "", "tool_calls": [call("call_1"), call("TX92Jm8Zi", 5)]},
    result("call_1", "north"),
    result("TX92Jm8Zi", "south"),
    {**ANSWER, "weight": 1.0},
]


def record(messages: list[Any], **more: Any) -> dict[str, Any]:
    return {"messages": messages, "tools": None, "rejected": None, "label": None, **more}


@pytest.fixture
def exported(workspaces, tmp_path: Path):
    """A function that freezes rows, the last as validation, and exports them."""

    def build(rows: list[dict[str, Any]], **more: Any):
        last = rows[-1]["row_id"]
        told = [
            workspaces.verdict(
                r["row_id"],
                "split",
                "assign",
                value="validation" if r["row_id"] == last and len(rows) > 1 else "train",
            )
            for r in rows
        ]
        out = workspaces.build(tmp_path / "w", rows, told)
        approve(out, where="true", actor="ana")
        freeze(out)
        return export(out, to="mistral", **more), out / "exports/mistral-v1"

    return build


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_ids_become_nine_letters_and_digits(workspaces, exported) -> None:
    told, folder = exported([workspaces.row(1, TALK, tools=[FIND]), workspaces.row(2, [USER, ANSWER])])
    (row,) = lines(folder / "train.jsonl")
    first = row["messages"][1]["tool_calls"][0]["id"]
    assert row == {
        "messages": [
            USER,
            {"role": "assistant", "tool_calls": [call(first), call("TX92Jm8Zi", 5)]},
            result(first, "north"),
            result("TX92Jm8Zi", "south"),
            {**ANSWER, "weight": 1},
        ],
        "tools": [FIND],
    }
    assert first != "call_1"
    assert told.changes == {"empty_content_left_out": 1, "tool_ids_rewritten": 1}
    assert any("only the last assistant turn is trained on" in warning for warning in told.warnings)


def test_an_id_is_the_same_each_time_and_never_another_ones() -> None:
    first = plain_id("call_1", set())
    assert plain_id("call_1", set()) == first
    assert plain_id("call_1", {first}) != first
    assert plain_id("call_2", set()) != first
    assert plain_id("TX92Jm8Zi", set()) == "TX92Jm8Zi"
    for one in (first, plain_id("call_1", {first})):
        assert len(one) == 9
        assert one.isascii()
        assert one.isalnum()


def test_tools_get_the_members_that_are_asked_for(workspaces, exported) -> None:
    told, folder = exported([workspaces.row(1, [USER, ANSWER], tools=[tool(parameters=None)])])
    (row,) = lines(folder / "train.jsonl")
    assert row["tools"] == [tool(description="", parameters={})]
    assert told.changes == {"tool_members_filled_in": 1}


REFUSED = [
    (record([USER, ANSWER], rejected=[ANSWER]), "preference_row"),
    (record([USER, ANSWER], label=False), "negative_label"),
    (record([USER, {"role": "system", "content": "s"}, ANSWER]), "late_system_prompt"),
    (record([USER, {**ANSWER, "weight": 0.5}]), "fractional_weight"),
    (record([USER, {**ANSWER, "reasoning_content": "r"}]), "reasoning_content"),
    (record([{**USER, "name": "ana"}, ANSWER]), "speaker_name"),
    (record([USER, {**ANSWER, "tool_calls": [call("a")]}]), "content_beside_calls"),
]


@pytest.mark.parametrize(("given", "code"), REFUSED)
def test_what_cannot_be_told_is_refused(given: dict[str, Any], code: str) -> None:
    found = convert(given)
    assert isinstance(found, RowProblem)
    assert found.code == code


@pytest.mark.parametrize(
    "given",
    [
        record([USER, ANSWER]),
        record([{"role": "system", "content": "s"}, USER, {**ANSWER, "weight": 0.0}, USER, ANSWER]),
        record(
            [
                USER,
                {"role": "assistant", "tool_calls": [call("TX92Jm8Zi")]},
                {**result("TX92Jm8Zi", "n"), "name": "find_bay"},
                ANSWER,
            ],
            tools=[FIND],
        ),
    ],
)
def test_what_was_exported_is_read_back_with_the_same_content_id(given: dict[str, Any]) -> None:
    converted = convert(given)
    assert not isinstance(converted, RowProblem)
    shape = shape_of(converted.row)
    assert shape is not None
    draft = shape.convert(converted.row)
    assert content_id(draft.messages, tools=draft.tools) == content_id(
        given["messages"], tools=given["tools"]
    )
    assert draft.meta == {}


def test_mistrals_own_validator_takes_every_line(workspaces, exported) -> None:
    pytest.importorskip("mistral_common")
    rows = [
        workspaces.row(1, TALK, tools=[FIND, tool(name="other")]),
        workspaces.row(2, [{"role": "developer", "content": "s"}, USER, ANSWER]),
        workspaces.row(3, TALK[:2], tools=[FIND]),
        workspaces.row(4, [USER, ANSWER]),
    ]
    _, folder = exported(rows)
    written = lines(folder / "train.jsonl")
    assert accepts("mistral", written) == [None, None, None]
    written[0]["messages"][2]["tool_call_id"] = "call_1"
    assert accepts("mistral", written[:1]) != [None]


def test_the_scripts_carry_the_recipes_settings(workspaces, exported) -> None:
    rows = [workspaces.row(n, workspaces.turns(f"q{n}", f"a{n}")) for n in range(1, 34)]
    _, folder = exported(rows)
    config = yaml.safe_load((folder / "finetune.yaml").read_text())
    assert config["data"] == {
        "instruct_data": str(folder / "train.jsonl"),
        "data": "",
        "eval_instruct_data": str(folder / "validation.jsonl"),
    }
    assert config["lora"] == {"rank": 16}
    assert (config["num_microbatches"], config["max_steps"], config["seed"]) == (16, 6, 13)
    assert config["no_eval"] is False
    script = ast.parse((folder / "job.py").read_text())
    told = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in script.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.Dict)
    }
    assert told == {
        "BASE_MODEL": "open-mistral-nemo",
        "TRAIN": "train.jsonl",
        "VALIDATION": "validation.jsonl",
        "HYPERPARAMETERS": {"epochs": 3},
        "SUFFIX": "v1",
    }
