"""Versions as files of OpenAI, Azure, Together and Fireworks, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tuneset.curate.export import TARGETS, export
from tuneset.curate.readers.shapes import shape_of
from tuneset.review_app import approve, freeze
from tuneset.schemas.example import content_id

SYSTEM = {"role": "system", "content": "One line."}
USER = {"role": "user", "content": "Where is bay 4? 🚢"}
ANSWER = {"role": "assistant", "content": "North \u2028 dock."}
WORSE = {"role": "assistant", "content": "No idea."}
MORE = {"role": "user", "content": "And bay 5?"}
CALL = {"id": "c1", "type": "function", "function": {"name": "find_bay", "arguments": '{"bay": 4}'}}
TOOL = {"type": "function", "function": {"name": "find_bay", "parameters": {"type": "object"}}}
ASKS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "north"}
THINKS = {**ANSWER, "reasoning_content": "It is always north."}
CHAT = ["openai", "azure", "together", "fireworks"]
DPO = [f"{name}-dpo" for name in CHAT]
RFT = ["openai-rft", "azure-rft", "fireworks-rft"]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def written(workspaces, tmp_path: Path):
    """A function that exports rows: the lines, the reasons of refusals, the changes."""

    def write(to: str, *rows: Any, changes: tuple[str, ...] = ()) -> tuple[list[Any], dict, dict]:
        filler = {"messages": [USER, ANSWER]} | ({"rejected": [WORSE]} if to.endswith("dpo") else {})
        told = [
            workspaces.row(n, r["messages"], **{k: v for k, v in r.items() if k != "messages"})
            for n, r in enumerate([*rows, filler], start=1)
        ]
        splits = [workspaces.verdict(r["row_id"], "split", "assign", value="train") for r in told]
        out = workspaces.build(tmp_path / "w", told, splits)
        approve(out, where="true", actor="ana")
        freeze(out)
        result = export(out, to=to, changes=changes)
        return _lines(Path(result.folder) / "train.jsonl")[:-1], result.refused, result.changes

    return write


def _back(row: Any) -> str:
    """The content id of a line as the readers read it."""
    shape = shape_of(row)
    assert shape is not None
    draft = shape.convert(row)
    return content_id(draft.messages, tools=draft.tools, rejected=draft.rejected, label=draft.label)


def test_openai_dpo_has_prompt_and_two_answers(written) -> None:
    row = {"messages": [SYSTEM, USER, {**ANSWER, "weight": 0.0}, MORE, ANSWER], "rejected": [WORSE]}
    (line,), refused, changes = written("openai-dpo", row | {"tools": [TOOL]})
    assert line == {
        "input": {"messages": [SYSTEM, USER, {**ANSWER, "weight": 0}, MORE], "tools": [TOOL]},
        "preferred_output": [ANSWER],
        "non_preferred_output": [WORSE],
    }
    assert (refused, changes) == ({}, {})


def test_openai_rft_takes_the_last_answer_as_the_reference(written) -> None:
    (line,), refused, changes = written("openai-rft", {"messages": [SYSTEM, USER, ANSWER], "tools": [TOOL]})
    assert line == {
        "messages": [{"role": "developer", "content": "One line."}, USER],
        "tools": [TOOL],
        "reference_answer": "North \u2028 dock.",
    }
    assert (refused, changes) == ({}, {"system_to_developer": 1})


def test_fireworks_rft_keeps_the_system_turn_and_names_the_reference_its_way(written) -> None:
    (line,), _, changes = written("fireworks-rft", {"messages": [SYSTEM, USER, ANSWER]})
    assert line == {"messages": [SYSTEM, USER], "ground_truth": "North \u2028 dock."}
    assert changes == {}


def test_together_prompt_is_one_question_and_one_answer(written) -> None:
    (line,), _, _ = written("together-prompt", {"messages": [USER, ANSWER]})
    assert line == {"prompt": "Where is bay 4? 🚢", "completion": "North \u2028 dock."}


def test_one_weight_makes_every_turn_count_at_together(written) -> None:
    """There train_on_inputs is on as soon as one turn has a weight: the others must be masked."""
    row = {"messages": [SYSTEM, USER, {**ANSWER, "weight": 0.0}, MORE, ANSWER]}
    (line, plain), _, _ = written("together", row, {"messages": [USER, ANSWER]})
    assert line["messages"] == [
        {**SYSTEM, "weight": 0},
        {**USER, "weight": 0},
        {**ANSWER, "weight": 0},
        {**MORE, "weight": 0},
        ANSWER,
    ]
    assert plain["messages"] == [USER, ANSWER]


def test_reasoning_stays_where_it_is_learnt(written) -> None:
    for to, member in [("together", "messages"), ("fireworks", "messages")]:
        (line,), _, _ = written(to, {"messages": [USER, THINKS]})
        assert line[member] == [USER, THINKS]


REFUSED: list[tuple[list[str], dict[str, Any], str]] = [
    (CHAT, {"messages": [USER, ANSWER], "rejected": [WORSE]}, "preference_row"),
    (CHAT, {"messages": [USER, ANSWER], "label": False}, "negative_label"),
    (["openai", "azure"], {"messages": [USER, THINKS]}, "reasoning_content"),
    (CHAT, {"messages": [USER, {**ANSWER, "weight": 0.5}]}, "fractional_weight"),
    (["together"], {"messages": [{**USER, "name": "ana"}, ANSWER]}, "speaker_name"),
    (["together", "fireworks"], {"messages": [USER, ANSWER, SYSTEM, MORE, ANSWER]}, "late_system_prompt"),
    (["together"], {"messages": [USER, MORE, ANSWER]}, "roles_not_alternating"),
    (["together"], {"messages": [ANSWER, USER, ANSWER]}, "first_turn_not_user"),
    (["azure"], {"messages": [USER, ANSWER, ASKS, RESULT, ANSWER]}, "call_beside_assistant"),
    (CHAT, {"messages": [USER, ASKS, RESULT, ANSWER], "tools": [{**TOOL, "function": {"name": "go"}}]},
     "undeclared_tool"),
    (DPO, {"messages": [USER, ANSWER]}, "not_a_preference_row"),
    (DPO, {"messages": [USER, ANSWER, ANSWER], "rejected": [WORSE]}, "unclear_prompt"),
    (DPO, {"messages": [USER, ASKS, RESULT, ANSWER], "rejected": [WORSE]}, "unclear_prompt"),
    (DPO, {"messages": [ANSWER], "rejected": [WORSE]}, "unclear_prompt"),
    (["openai-dpo", "together-dpo", "fireworks-dpo"],
     {"messages": [USER, ANSWER], "rejected": [WORSE, WORSE]}, "several_losing_turns"),
    (DPO, {"messages": [USER, {**ANSWER, "weight": 0.0}], "rejected": [WORSE]}, "zero_weight"),
    (DPO, {"messages": [USER, {**ANSWER, "weight": 0.5}], "rejected": [WORSE]}, "fractional_weight"),
    (["openai-dpo", "azure-dpo", "fireworks-dpo"], {"messages": [USER, THINKS], "rejected": [WORSE]},
     "reasoning_content"),
    (RFT, {"messages": [USER, ASKS], "tools": [TOOL]}, "answer_not_text"),
    (RFT, {"messages": [USER, ANSWER, MORE]}, "answer_not_text"),
    (RFT, {"messages": [USER, ASKS, RESULT, ANSWER]}, "last_turn_not_user"),
    (RFT, {"messages": [ANSWER]}, "last_turn_not_user"),
    (RFT, {"messages": [USER, THINKS]}, "reasoning_content"),
    (RFT, {"messages": [USER, {**ANSWER, "name": "bot"}]}, "speaker_name"),
    (RFT, {"messages": [USER, {**ANSWER, "weight": 0.0}]}, "zero_weight"),
    (RFT, {"messages": [USER, ANSWER], "rejected": [WORSE]}, "preference_row"),
    (["together-prompt"], {"messages": [SYSTEM, USER, ANSWER]}, "system_prompt"),
    (["together-prompt"], {"messages": [USER, SYSTEM, ANSWER]}, "late_system_prompt"),
    (["together-prompt"], {"messages": [USER, ANSWER, MORE, ANSWER]}, "several_turns"),
    (["together-prompt"], {"messages": [USER, MORE, ANSWER]}, "roles_not_alternating"),
    (["together-prompt"], {"messages": [USER, ASKS, RESULT, ANSWER]}, "tool_calls"),
    (["together-prompt"], {"messages": [USER, ANSWER], "tools": [TOOL]}, "tool_definitions"),
    (["together-prompt"], {"messages": [USER, THINKS]}, "reasoning_content"),
    (["together-prompt"], {"messages": [{**USER, "name": "ana"}, ANSWER]}, "speaker_name"),
    (["together-prompt"], {"messages": [USER, {**ANSWER, "weight": 0.0}]}, "zero_weight"),
    (["together-prompt"], {"messages": [ANSWER]}, "no_prompt"),
    (["together-prompt"], {"messages": [USER]}, "no_assistant"),
    (["together-prompt"], {"messages": [USER, ANSWER, MORE]}, "last_turn_not_assistant"),
    (["together-prompt"], {"messages": [USER, {**ANSWER, "content": " "}]}, "empty_content"),
]  # fmt: skip


@pytest.mark.parametrize(("to", "row", "reason"), [(t, row, why) for ts, row, why in REFUSED for t in ts])
def test_what_a_format_cannot_carry_is_refused(written, to: str, row: dict[str, Any], reason: str) -> None:
    lines, refused, _ = written(to, row)
    assert lines == []
    assert refused == {reason: 1}
    assert TARGETS[to].rule(reason).sentence


LIFTED: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("together-prompt", {"messages": [SYSTEM, USER, ANSWER]}, ("system_to_user",)),
    ("together-prompt", {"messages": [USER, ANSWER, MORE, ANSWER]}, ("history_in_prompt",)),
    ("together-prompt", {"messages": [USER, MORE, ANSWER]}, ("merge_same_role",)),
    ("together-prompt", {"messages": [USER, ANSWER], "tools": [TOOL]}, ("drop_tools",)),
    ("together-prompt", {"messages": [SYSTEM, USER, ANSWER, MORE, ANSWER]},
     ("history_in_prompt", "system_to_user")),
    ("together", {"messages": [USER, ANSWER, SYSTEM, MORE, ANSWER]}, ("system_to_user",)),
    ("together", {"messages": [USER, MORE, ANSWER]}, ("merge_same_role",)),
    ("azure", {"messages": [USER, ANSWER, ASKS, RESULT, ANSWER]}, ("merge_same_role",)),
    ("openai-dpo", {"messages": [USER, ANSWER], "rejected": [WORSE, WORSE]}, ("merge_same_role",)),
    ("openai-rft", {"messages": [USER, THINKS]}, ("drop_reasoning",)),
]  # fmt: skip


@pytest.mark.parametrize(("to", "row", "changes"), LIFTED)
def test_a_named_change_lifts_the_reason_and_is_counted(
    written, to: str, row: dict[str, Any], changes: tuple[str, ...]
) -> None:
    lines, refused, counted = written(to, row, changes=changes)
    assert len(lines) == 1
    assert refused == {}
    assert {name: 1 for name in changes}.items() <= counted.items()


def test_a_losing_answer_of_several_turns_fits_azure(written) -> None:
    lost = [ASKS, RESULT, WORSE]
    (line,), refused, _ = written("azure-dpo", {"messages": [USER, ANSWER], "rejected": lost})
    assert refused == {}
    assert [turn["role"] for turn in line["non_preferred_output"]] == ["assistant", "tool", "assistant"]


def test_what_is_left_out_without_loss_is_counted(written) -> None:
    sure = {**ANSWER, "weight": 1.0}
    _, _, changes = written("openai-dpo", {"messages": [USER, sure], "rejected": [WORSE]})
    assert changes == {"full_weight_left_out": 1}
    _, _, changes = written("together-prompt", {"messages": [USER, sure], "label": True})
    assert changes == {"full_weight_left_out": 1, "label_left_out": 1}


ROUND: list[tuple[list[str], dict[str, Any]]] = [
    ([*CHAT, *RFT, "together-prompt"], {"messages": [USER, ANSWER]}),
    ([*CHAT, *RFT], {"messages": [SYSTEM, USER, ANSWER]}),
    ([*CHAT, *RFT], {"messages": [USER, {**ANSWER, "weight": 0.0}, MORE, ANSWER], "tools": [TOOL]}),
    (CHAT, {"messages": [USER, ASKS, RESULT, ANSWER], "tools": [TOOL]}),
    ([*CHAT, *RFT], {"messages": [USER, ASKS, RESULT, ANSWER, MORE, ANSWER], "tools": [TOOL]}),
    (["together", "fireworks"], {"messages": [USER, THINKS]}),
    (["openai", "azure", "fireworks"], {"messages": [{**USER, "name": "ana"}, ANSWER]}),
    (DPO, {"messages": [SYSTEM, USER, ANSWER, MORE, ANSWER], "rejected": [WORSE], "tools": [TOOL]}),
    (DPO, {"messages": [USER, ANSWER], "rejected": [ASKS], "tools": [TOOL]}),
    (["together-dpo"], {"messages": [USER, THINKS], "rejected": [WORSE]}),
    (["azure-dpo"], {"messages": [USER, ANSWER], "rejected": [ASKS, RESULT, WORSE]}),
]


@pytest.mark.parametrize(("to", "row"), [(to, row) for targets, row in ROUND for to in targets])
def test_a_line_is_read_back_as_the_row_that_it_was(written, to: str, row: dict[str, Any]) -> None:
    lines, refused, _ = written(to, row)
    assert refused == {}
    kept = {k: v for k, v in row.items() if k != "messages"}
    assert [_back(line) for line in lines] == [content_id(row["messages"], **kept)]


@pytest.mark.parametrize(
    ("row", "texts", "meta"),
    [
        ({"messages": [USER], "reference_answer": "north"}, ["north"], {}),
        ({"messages": [USER], "ground_truth": "north", "level": 3}, ["north"], {"level": 3}),
        (
            {"messages": [USER, ANSWER], "ground_truth": "north"},
            [ANSWER["content"]],
            {"ground_truth": "north"},
        ),
        ({"messages": [USER], "reference_answer": ["n"]}, [], {"reference_answer": ["n"]}),
        ({"messages": [USER], "reference_answer": " "}, [], {"reference_answer": " "}),
        ({"messages": [USER, RESULT], "reference_answer": "n"}, [], {"reference_answer": "n"}),
    ],
)
def test_a_reference_in_words_is_the_answer_where_there_is_none(
    row: dict[str, Any], texts: list[str], meta: dict[str, Any]
) -> None:
    shape = shape_of(row)
    assert shape is not None
    draft = shape.convert(row)
    assert [t["content"] for t in draft.messages if t["role"] == "assistant"] == texts
    assert {k: v for k, v in draft.meta.items() if k != "turn_members"} == meta


def test_instructions_beside_a_reference_are_a_system_prompt() -> None:
    row = {"messages": [{"role": "developer", "content": "One line."}, USER], "reference_answer": "north"}
    assert _back(row) == content_id([SYSTEM, USER, {"role": "assistant", "content": "north"}])
