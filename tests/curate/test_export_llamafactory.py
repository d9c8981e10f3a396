from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from tuneset.curate.export import TARGETS, export
from tuneset.curate.export.scripts.llamafactory import dataset_info, llamafactory_yaml, template_of
from tuneset.curate.export.sidecars import Exported
from tuneset.curate.export.transforms import find_transforms, transformed
from tuneset.curate.readers.shapes import shape_of
from tuneset.review_app import approve, freeze
from tuneset.schemas.example import content_id
from tuneset.schemas.providers.problems import RowProblem, problems
from tuneset.schemas.recipe import TrainOptions

SYSTEM, USER = {"role": "system", "content": "Brief."}, {"role": "user", "content": "Bay 4?"}
ANSWER, LOST = {"role": "assistant", "content": "North dock."}, {"role": "assistant", "content": "No idea."}
TOOL = {
    "type": "function",
    "function": {"name": "find_bay", "parameters": {"type": "object", "properties": {"bay": {}}}},
}


def call(call_id: str | None = "c1", arguments: str = '{"bay": 4}') -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": "find_bay", "arguments": arguments}}


def calls(*made: dict[str, Any], content: str | None = None) -> dict[str, Any]:
    return {"role": "assistant", "content": content, "tool_calls": list(made)}


def result(call_id: str | None = "c1", content: str = "north") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def record(messages: list[Any], **more: Any) -> dict[str, Any]:
    return {"row_id": "f:1", "content_id": "0", "messages": messages, **more}


def test_a_version_becomes_files_that_dataset_info_describes(workspaces, tmp_path: Path) -> None:
    talk = [USER, calls(call()), {**result(), "name": "find_bay"}, {**ANSWER, "weight": 1.0}]
    rows = [
        workspaces.row(1, [{"role": "developer", "content": "Brief."}, USER, ANSWER]),
        workspaces.row(2, talk, tools=[TOOL]),
        workspaces.row(3, [USER, {**ANSWER, "weight": 0.0}, USER, ANSWER]),
        workspaces.row(4, [{**USER, "content": "Bay 5?"}, ANSWER], label=True),
    ]
    split = ["train", "train", "train", "validation"]
    told = [
        workspaces.verdict(row["row_id"], "split", "assign", value=value)
        for row, value in zip(rows, split, strict=True)
    ]
    out = workspaces.build(tmp_path / "w", rows, told)
    approve(out, where="true", actor="ana")
    freeze(out)
    done = export(out, to="llamafactory")
    folder = Path(done.folder)
    assert done.refused == {"zero_weight": 1}
    assert done.changes == {
        "arguments_respelled": 1, "developer_to_system": 1, "full_weight_left_out": 1, "label_left_out": 1,
        "tool_ids_left_out": 1, "tool_name_left_out": 1,
    }  # fmt: skip
    first, second = [json.loads(x) for x in (folder / "train.jsonl").read_text().splitlines()]
    question, answer = {"from": "human", "value": "Bay 4?"}, {"from": "gpt", "value": "North dock."}
    assert first == {"conversations": [question, answer], "system": "Brief.", "tools": ""}
    assert second["conversations"] == [
        question,
        {"from": "function_call", "value": '{"name": "find_bay", "arguments": {"bay": 4}}'},
        {"from": "observation", "value": "north"},
        answer,
    ]
    assert json.loads(second["tools"]) == [TOOL]
    info = json.loads((folder / "dataset_info.json").read_text())
    columns = {"messages": "conversations", "system": "system", "tools": "tools"}
    assert info == {
        "tuneset_train": {"file_name": "train.jsonl", "formatting": "sharegpt", "columns": columns},
        "tuneset_validation": {"file_name": "validation.jsonl", "formatting": "sharegpt", "columns": columns},
    }
    config = yaml.safe_load((folder / "llamafactory.yaml").read_text())
    assert (config["dataset"], config["eval_dataset"]) == ("tuneset_train", "tuneset_validation")


REFUSED = [
    (record([USER, ANSWER], rejected=[LOST]), "preference_row", "rejected"),
    (record([USER, ANSWER], label=False), "negative_label", "label"),
    (record([USER, {**ANSWER, "reasoning_content": "Hm."}]), "reasoning_content", "messages.1.reasoning_content"),
    (record([USER, {**ANSWER, "weight": 0.0}]), "zero_weight", "messages.1.weight"),
    (record([USER, {**ANSWER, "weight": 0.5}]), "fractional_weight", "messages.1.weight"),
    (record([{**USER, "name": "Ana"}, ANSWER]), "speaker_name", "messages.0.name"),
    (record([USER, calls(call(), content="Let me look.")]), "content_beside_calls", "messages.1"),
    (
        record([USER, calls(call(arguments="[4]"))]),
        "arguments_not_object",
        "messages.1.tool_calls.0.function.arguments",
    ),
    (
        record([USER, calls(call(arguments='{"bay": 4, "bay": 5}'))]),
        "arguments_not_kept",
        "messages.1.tool_calls.0.function.arguments",
    ),
    (record([USER, calls(call("a"), call("a"))]), "tool_call_twice", "messages.1"),
    (record([USER, calls(call("a")), result("b"), ANSWER]), "tool_answer_without_call", "messages.2"),
    (record([USER, calls(call("a")), ANSWER]), "tool_call_unanswered", "messages.2"),
    (record([{**SYSTEM, "content": " "}, USER, ANSWER]), "empty_content", "messages.0"),
    (
        record([USER, calls(call("a"), call("b")), result("a"), result("b"), ANSWER]),
        "several_tool_answers",
        "conversations.3",
    ),
    (record([USER, USER, ANSWER]), "roles_not_alternating", "conversations.1"),
    (record([USER, ANSWER, SYSTEM]), "late_system_prompt", "conversations.2"),
    (record([SYSTEM, ANSWER]), "first_turn_not_user", "conversations.0"),
    (record([USER, calls(call()), result(), USER, ANSWER]), "turn_out_of_order", "conversations.3"),
    (record([USER, ANSWER, USER]), "last_turn_not_assistant", "conversations.2"),
    (record([{"role": "user", "content": None}, ANSWER]), "empty_content", "conversations.0.value"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "code", "where"), REFUSED)
def test_a_row_that_would_be_skipped_or_bent_is_refused(row: Any, code: str, where: str) -> None:
    target = TARGETS["llamafactory"]
    made = target.convert(row)
    found = made if isinstance(made, RowProblem) else problems(target.model, made.row)[0]
    assert (found.code, found.where) == (code, where)
    assert found.sentence == target.rule(code).sentence


def test_calls_in_one_turn_are_a_list() -> None:
    made = TARGETS["llamafactory"].convert(record([USER, calls(call("a"), call("b", '{"bay": 5}'))]))
    assert not isinstance(made, RowProblem)
    assert problems(TARGETS["llamafactory"].model, made.row) == []
    assert json.loads(made.row["conversations"][1]["value"]) == [
        {"name": "find_bay", "arguments": {"bay": 4}},
        {"name": "find_bay", "arguments": {"bay": 5}},
    ]


def test_the_last_answer_alone_is_learnt_where_the_others_have_weight_0() -> None:
    target = TARGETS["llamafactory-last"]
    said = [USER, {**ANSWER, "weight": 0.0}, USER, ANSWER]
    made = target.convert(record(said))
    assert not isinstance(made, RowProblem)
    assert made.changes == ("prompt_weight_left_out",)
    refused = target.convert(record([USER, ANSWER, USER, ANSWER]))
    assert isinstance(refused, RowProblem)
    assert (refused.code, refused.where) == ("trained_prompt", "messages.1")
    apart, _ = transformed(record([USER, ANSWER, USER, ANSWER]), find_transforms(["answers_apart"]))
    rows = [target.convert(row) for row in apart]
    assert [len(row.row["conversations"]) for row in rows if not isinstance(row, RowProblem)] == [2, 4]


def test_a_pair_is_one_row_for_dpo_and_two_for_kto() -> None:
    pair = record([SYSTEM, USER, {**ANSWER, "weight": 0.0}, USER, ANSWER], rejected=[LOST])
    dpo = TARGETS["llamafactory-dpo"].convert(pair)
    assert not isinstance(dpo, RowProblem)
    turns = [("human", "Bay 4?"), ("gpt", "North dock."), ("human", "Bay 4?")]
    prompt = [{"from": who, "value": text} for who, text in turns]
    won, lost = {"from": "gpt", "value": "North dock."}, {"from": "gpt", "value": "No idea."}
    besides = {"system": "Brief.", "tools": ""}
    assert dpo.row == {"conversations": prompt, "chosen": won, "rejected": lost, **besides}
    target = TARGETS["llamafactory-kto"]
    rows = [target.convert(row) for row in transformed(pair, find_transforms(target.always))[0]]
    assert [row.row for row in rows if not isinstance(row, RowProblem)] == [
        {"conversations": [*prompt, won], **besides, "label": True},
        {"conversations": [*prompt, lost], **besides, "label": False},
    ]
    several = TARGETS["llamafactory-dpo"].convert({**pair, "rejected": [LOST, USER, LOST]})
    assert isinstance(several, RowProblem)
    assert several.code == "several_losing_turns"


ROUND_TRIPS = [
    ("llamafactory", record([SYSTEM, USER, ANSWER, USER, ANSWER])),
    (
        "llamafactory",
        record([USER, calls(call("call_1", '{"bay":4}')), result("call_1"), ANSWER], tools=[TOOL]),
    ),
    ("llamafactory-dpo", record([SYSTEM, USER, ANSWER], rejected=[LOST])),
    ("llamafactory-kto", record([USER, ANSWER], label=False)),
]


@pytest.mark.parametrize(("target", "row"), ROUND_TRIPS)
def test_curate_reads_a_row_back_as_the_same_content(target: str, row: dict[str, Any]) -> None:
    converted = TARGETS[target].convert(row)
    assert not isinstance(converted, RowProblem)
    shape = shape_of(json.loads(json.dumps(converted.row)))
    assert shape is not None
    draft = shape.convert(converted.row)
    members = {name: row.get(name) for name in ("tools", "rejected", "label")}
    found = content_id(draft.messages, tools=draft.tools, rejected=draft.rejected, label=draft.label)
    assert found == content_id(row["messages"], **members)


def test_ids_come_back_as_the_readers_number_them() -> None:
    """ShareGPT has no ids: order alone says which call an answer belongs to."""
    made = TARGETS["llamafactory"].convert(record([USER, calls(call("xyz")), result("xyz"), ANSWER]))
    assert not isinstance(made, RowProblem)
    shape = shape_of(made.row)
    assert shape is not None
    messages = shape.convert(made.row).messages
    assert messages[1]["tool_calls"] == [call("call_1", '{"bay":4}')]
    assert messages[2]["tool_call_id"] == "call_1"


def _told(**train: Any) -> Exported:
    files = {"train": "train.jsonl", "validation": "validation.jsonl"}
    return Exported(
        "llamafactory", "v1", Path("/w/exports/llamafactory-v1"), {"train": 400, "validation": 40}, files,
        TrainOptions(**train), given=frozenset(train), seed=7, longest=3000,
    )  # fmt: skip


def test_the_config_carries_the_recipe() -> None:
    told = _told(
        base="Qwen/Qwen2.5-7B-Instruct", rank=8, learning_rate=5e-5, epochs=2, batch_size=8, patience=5
    )
    config = yaml.safe_load(llamafactory_yaml(told, "sft"))
    stated = {
        "model_name_or_path": "Qwen/Qwen2.5-7B-Instruct", "stage": "sft", "finetuning_type": "lora",
        "lora_rank": 8, "lora_alpha": 16, "lora_target": "all", "template": "qwen", "dataset_dir": ".",
        "learning_rate": 5e-5, "num_train_epochs": 2, "lr_scheduler_type": "cosine", "seed": 7,
        "early_stopping_steps": 5, "mask_history": False, "output_dir": "../llamafactory-v1-adapter",
    }  # fmt: skip
    assert {name: config[name] for name in stated} == stated
    assert config["per_device_train_batch_size"] * config["gradient_accumulation_steps"] == 8
    assert config["cutoff_len"] >= 3000  # a token is at least a byte
    assert config["eval_steps"] == config["save_steps"]
    assert yaml.safe_load(llamafactory_yaml(told, "sft", last_alone=True))["mask_history"] is True


def test_preferences_name_their_columns() -> None:
    dpo = json.loads(dataset_info(_told(), "dpo"))["tuneset_train"]
    assert dpo["ranking"] is True
    assert (dpo["columns"]["chosen"], dpo["columns"]["rejected"]) == ("chosen", "rejected")
    assert json.loads(dataset_info(_told(), "kto"))["tuneset_train"]["columns"]["kto_tag"] == "label"
    for objective in ("dpo", "kto"):
        config = yaml.safe_load(llamafactory_yaml(_told(), objective))
        assert (config["stage"], "mask_history" in config) == (objective, False)


@pytest.mark.parametrize(
    ("base", "template"),
    [
        ("HuggingFaceTB/SmolLM2-135M-Instruct", "smollm2"),
        ("Qwen/Qwen2.5-0.5B-Instruct", "qwen"),
        ("Qwen/Qwen3-8B", "qwen3"),
        ("Qwen/Qwen3-4B-Instruct-2507", "qwen3_nothink"),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama3"),
        ("/models/my-own", None),
    ],
)
def test_the_template_follows_the_base_model(base: str, template: str | None) -> None:
    assert template_of(base) == template
