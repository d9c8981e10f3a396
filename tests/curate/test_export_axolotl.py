from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from tuneset.curate.export import TARGETS, export
from tuneset.curate.export.layout_widest_first import WidestFirst
from tuneset.curate.export.layouts import JSONL, JsonLines
from tuneset.curate.export.scripts.axolotl import axolotl_yaml
from tuneset.curate.export.sidecars import Exported
from tuneset.curate.export.transforms import find_transforms, transformed
from tuneset.curate.readers.shapes import shape_of
from tuneset.review_app import approve, freeze
from tuneset.schemas.example import content_id
from tuneset.schemas.providers.problems import RowProblem
from tuneset.schemas.recipe import TrainOptions

USER = {"role": "user", "content": "Bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}
CALL = {"id": "c1", "type": "function", "function": {"name": "find_bay", "arguments": '{"bay": 4}'}}
TOOL = {"type": "function", "function": {"name": "find_bay", "parameters": {"type": "object"}}}
RESULT = {"role": "tool", "tool_call_id": "c1", "name": "find_bay", "content": "north"}
TOOL_TALK = [USER, {"role": "assistant", "content": None, "tool_calls": [CALL]}, RESULT, ANSWER]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def record(messages: list[Any], **more: Any) -> dict[str, Any]:
    return {"row_id": "f:1", "content_id": "0", "messages": messages, **more}


def test_weights_become_train_flags_and_tools_json_text(workspaces, tmp_path: Path) -> None:
    weighted = [USER, {**ANSWER, "weight": 0.0}, USER, {**ANSWER, "weight": 1.0}, USER, ANSWER]
    rows = [
        workspaces.row(1, [{"role": "developer", "content": "Brief."}, *weighted]),
        workspaces.row(2, TOOL_TALK, tools=[TOOL]),
        workspaces.row(3, [USER, {**ANSWER, "weight": 0.5}]),
        workspaces.row(4, [USER, {**ANSWER, "weight": 0.0}]),
        workspaces.row(5, [USER, ANSWER], label=True),
        workspaces.row(6, [USER, ANSWER], rejected=[{**ANSWER, "content": "No idea."}]),
    ]
    told = [workspaces.verdict(row["row_id"], "split", "assign", value="train") for row in rows]
    out = workspaces.build(tmp_path / "w", rows, told)
    approve(out, where="true", actor="ana")
    freeze(out)
    result = export(out, to="axolotl")
    assert result.refused == {"fractional_weight": 1, "nothing_trained": 1, "preference_row": 1}
    assert result.changes == {"developer_to_system": 1, "label_left_out": 1}
    first, second, third = _lines(Path(result.folder) / "train.jsonl")
    assert first["messages"][0] == {"role": "system", "content": "Brief."}
    assert [turn.get("train") for turn in first["messages"]] == [None, None, False, None, True, None, None]
    assert second["messages"][1] == {"role": "assistant", "tool_calls": [CALL]}
    assert second["messages"][2] == RESULT
    assert json.loads(second["tools"]) == [TOOL]
    assert third == {"messages": [USER, ANSWER], "tools": "[]"}
    config = yaml.safe_load((Path(result.folder) / "axolotl.yaml").read_text())
    assert [d["path"] for d in config["datasets"]] == ["train.jsonl"]
    assert "test_datasets" not in config


PAIR = {"rejected": [{"role": "assistant", "content": "No idea."}]}
REFUSED = [
    ("axolotl-dpo", record([USER, ANSWER]), "not_a_preference_row", ""),
    ("axolotl-dpo", record([USER, ANSWER, ANSWER], **PAIR), "unclear_prompt", "messages"),
    ("axolotl-dpo", record([USER, ANSWER], rejected=[ANSWER, USER]), "several_losing_turns", "rejected"),
    ("axolotl-dpo", record([USER, ANSWER], tools=[TOOL], **PAIR), "tool_definitions", "tools"),
    ("axolotl-dpo", record([*TOOL_TALK, USER, ANSWER], **PAIR), "tool_calls", "messages.1"),
    (
        "axolotl-dpo",
        record([USER, ANSWER], rejected=[{"role": "assistant", "content": None, "tool_calls": [CALL]}]),
        "tool_calls",
        "rejected.0",
    ),
    (
        "axolotl-dpo",
        record([USER, {**ANSWER, "reasoning_content": "Hm."}], **PAIR),
        "reasoning_content",
        "messages.1.reasoning_content",
    ),
    ("axolotl-dpo", record([{**USER, "name": "Ana"}, ANSWER], **PAIR), "speaker_name", "messages.0.name"),
    ("axolotl-dpo", record([USER, {**ANSWER, "weight": 0.0}], **PAIR), "zero_weight", "messages.1.weight"),
    (
        "axolotl-dpo",
        record([USER, {**ANSWER, "weight": 0.5}, USER, ANSWER], **PAIR),
        "fractional_weight",
        "messages.1.weight",
    ),
    ("axolotl-kto", record([USER, ANSWER]), "not_labelled", "label"),
    ("axolotl-kto", record([USER, ANSWER, ANSWER], **PAIR), "unclear_prompt", "messages"),
    ("axolotl-kto", record(TOOL_TALK, label=True), "tool_calls", "messages.1"),
]


@pytest.mark.parametrize(("target", "row", "code", "where"), REFUSED)
def test_what_the_preference_loaders_would_drop_is_refused(
    target: str, row: dict[str, Any], code: str, where: str
) -> None:
    found = TARGETS[target].convert(row)
    assert isinstance(found, RowProblem)
    assert (found.code, found.where) == (code, where)
    assert found.sentence == TARGETS[target].rule(code).sentence


def test_a_pair_is_one_row_for_dpo_and_two_for_kto() -> None:
    history = [{"role": "system", "content": "Brief."}, USER, {**ANSWER, "weight": 0.0}, USER]
    pair = record([*history, {"role": "assistant", "content": "Bay 4 is north.", "weight": 1.0}], **PAIR)
    dpo = TARGETS["axolotl-dpo"].convert(pair)
    assert not isinstance(dpo, RowProblem)
    prompt = [{"role": "system", "content": "Brief."}, USER, ANSWER, USER]
    assert dpo.row == {
        "messages": prompt,
        "chosen": {"role": "assistant", "content": "Bay 4 is north."},
        "rejected": {"role": "assistant", "content": "No idea."},
    }
    assert dpo.changes == ("full_weight_left_out", "prompt_weight_left_out")
    target = TARGETS["axolotl-kto"]
    won, lost = transformed(pair, find_transforms(target.always))[0]
    rows = [target.convert(row) for row in (won, lost)]
    assert [row.row for row in rows if not isinstance(row, RowProblem)] == [
        {"completion": [*prompt, {"role": "assistant", "content": "Bay 4 is north."}], "label": True},
        {"completion": [*prompt, {"role": "assistant", "content": "No idea."}], "label": False},
    ]


ROUND_TRIPS = [
    (
        "axolotl",
        record([USER, {**ANSWER, "weight": 0.0}, {**USER, "name": "Ana"}, {**ANSWER, "weight": 1.0}]),
    ),
    ("axolotl", record([*TOOL_TALK[:3], {**ANSWER, "reasoning_content": "Hm."}], tools=[TOOL])),
    ("axolotl-dpo", record([USER, ANSWER], **PAIR)),
    ("axolotl-kto", record([{"role": "system", "content": "Brief."}, USER, ANSWER], label=False)),
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


def _told(**train: Any) -> Exported:
    files = {"train": "train.jsonl", "validation": "validation.jsonl"}
    options = TrainOptions(**train)
    return Exported(
        "axolotl", "v1", Path("/w/exports/axolotl-v1"), {"train": 400, "validation": 40}, files, options,
        given=frozenset(train), seed=7, has=frozenset({"tools"}), longest=3000,
    )  # fmt: skip


def test_the_config_carries_the_recipe() -> None:
    told = _told(
        base="Qwen/Qwen2.5-7B-Instruct", rank=8, learning_rate=5e-5, epochs=2, batch_size=8, patience=5
    )
    config = yaml.safe_load(axolotl_yaml(told, "sft"))
    stated = {
        "base_model": "Qwen/Qwen2.5-7B-Instruct", "adapter": "lora", "lora_r": 8, "lora_alpha": 16,
        "lora_target_linear": True, "learning_rate": 5e-5, "num_epochs": 2, "lr_scheduler": "cosine",
        "early_stopping_patience": 5, "seed": 7, "train_on_inputs": False, "sample_packing": False,
        "val_set_size": 0, "excess_length_strategy": "raise", "output_dir": "../axolotl-v1-adapter",
    }  # fmt: skip
    assert {name: config[name] for name in stated} == stated
    assert config["micro_batch_size"] * config["gradient_accumulation_steps"] == 8
    assert config["sequence_len"] >= 3000  # a token is at least a byte
    assert config["warmup_steps"] == 5  # 5 % of 2 epochs of 50 updates
    assert config["eval_steps"] == config["save_steps"]
    train = {
        "path": "train.jsonl", "ds_type": "json", "split": "train", "type": "chat_template",
        "field_messages": "messages", "field_tools": "tools", "message_field_training": "train",
        "roles_to_train": ["assistant"], "train_on_eos": "turn",
    }  # fmt: skip
    assert config["datasets"] == [train]
    assert config["test_datasets"] == [{**train, "path": "validation.jsonl"}]


@pytest.mark.parametrize(("over_length", "strategy"), [("drop", "drop"), ("truncate_prompt", "raise")])
def test_no_completion_is_cut(over_length: str, strategy: str) -> None:
    config = yaml.safe_load(axolotl_yaml(_told(over_length=over_length, max_length=512), "sft"))
    assert (config["excess_length_strategy"], config["sequence_len"]) == (strategy, 512)


@pytest.mark.parametrize(
    ("objective", "kind"), [("dpo", "chat_template.default"), ("kto", "chatml.argilla_chat")]
)
def test_preferences_name_their_loader(objective: Any, kind: str) -> None:
    config = yaml.safe_load(axolotl_yaml(_told(), objective))
    assert config["rl"] == objective
    assert config["datasets"][0]["type"] == kind
    assert config.get("remove_unused_columns") is (False if objective == "kto" else None)


def test_a_member_that_first_appears_late_moves_to_the_front(tmp_path: Path) -> None:
    plain = {"messages": [{"role": "user", "content": "x" * 400_000}]}
    late = {"messages": [{"role": "user", "content": "\u2028", "name": "Ana"}]}
    writer = WidestFirst().open(tmp_path)
    for row in (plain, plain, plain, late, plain, late):
        writer.write("train", row)
    told = writer.close()["train.jsonl"]
    data = (tmp_path / "train.jsonl").read_bytes()
    assert [json.loads(line) for line in data.splitlines()] == [late, plain, plain, plain, plain, late]
    assert (told["rows"], told["bytes"]) == (6, len(data))
    assert [path.name for path in tmp_path.iterdir()] == ["train.jsonl"]


def test_rows_keep_their_order_where_every_member_appears_early(tmp_path: Path) -> None:
    rows = [{"a": 1}, {"a": 2, "b": [{"c": 1}]}, {"a": 3}]
    writer = WidestFirst().open(tmp_path)
    for row in rows:
        writer.write("train", row)
    writer.close()
    assert _lines(tmp_path / "train.jsonl") == rows


@pytest.mark.slow
@pytest.mark.parametrize(("layout", "loads"), [(WidestFirst(), True), (JSONL, False)])
def test_datasets_loads_a_large_file_whose_first_tool_call_is_its_last_row(
    layout: JsonLines, loads: bool, tmp_path: Path
) -> None:
    """In plain order it does not, which is why the order is changed."""
    from datasets import load_dataset

    talk = [{**USER, "content": "x" * 2_000}, {**ANSWER, "content": "y" * 2_000}]
    writer = layout.open(tmp_path)
    for _ in range(5_000):
        writer.write("train", {"messages": talk, "tools": "[]"})
    writer.write("train", {"messages": TOOL_TALK, "tools": json.dumps([TOOL])})
    writer.close()
    load = partial(load_dataset, "json", data_files=str(tmp_path / "train.jsonl"), split="train")
    if not loads:
        with pytest.raises(Exception, match="error occurred while generating"):
            load(cache_dir=str(tmp_path / "cache"))
        return
    first: Any = load(cache_dir=str(tmp_path / "cache"))[0]
    assert first["messages"][1]["tool_calls"][0]["function"] == CALL["function"]
