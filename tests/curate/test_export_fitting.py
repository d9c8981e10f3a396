"""A named change is made where a row is refused for what the change lifts, and nowhere else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tuneset.curate.export import TARGETS
from tuneset.curate.export.fitting import Fitted, fit
from tuneset.curate.export.transforms import find_transforms
from tuneset.schemas.example import content_id
from tuneset.schemas.providers.problems import RowProblem

SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}
THOUGHT = {**ANSWER, "reasoning_content": "It moved."}


def record(*turns: dict[str, Any], **more: Any) -> dict[str, Any]:
    messages = list(turns)
    return {"row_id": "f:1", "content_id": content_id(messages, **more), "messages": messages, **more}


def fitted(to: str, given: dict[str, Any], *changes: str) -> Fitted | RowProblem:
    return fit(TARGETS[to], find_transforms([*TARGETS[to].always, *changes]), given)


def test_without_a_change_the_row_is_refused() -> None:
    told = fitted("openai", record(USER, THOUGHT))
    assert isinstance(told, RowProblem)
    assert told.code == "reasoning_content"


def test_a_change_lifts_its_own_reason_and_names_the_row_anew() -> None:
    told = fitted("openai", record(USER, THOUGHT), "drop_reasoning", "system_to_user")
    assert isinstance(told, Fitted)
    assert told.rows == [{"messages": [USER, ANSWER]}]
    assert told.changes == {"drop_reasoning"}
    assert told.records[0]["content_id"] == content_id([USER, ANSWER])


@pytest.mark.parametrize("change", ["system_to_user", "history_in_prompt", "drop_names", "winner_only"])
def test_a_row_that_fits_is_left_alone(change: str) -> None:
    given = record(SYSTEM, USER, ANSWER, USER, ANSWER)
    told = fitted("openai", given, change)
    assert isinstance(told, Fitted)
    assert (told.rows, told.changes) == ([{"messages": given["messages"]}], set())


def test_changes_follow_one_another_as_reasons_come_up() -> None:
    given = record(SYSTEM, USER, ANSWER, USER, THOUGHT)
    allowed = ("drop_reasoning", "history_in_prompt", "system_to_user")
    told = fitted("together-prompt", given, *allowed)
    assert isinstance(told, Fitted)
    assert told.changes >= set(allowed)
    [row] = told.rows
    assert set(row) == {"prompt", "completion"}
    assert "Be brief." in row["prompt"]
    assert row["prompt"].count("Bay 4?") == 2
    assert row["completion"] == "North dock."


@pytest.mark.parametrize("target", ["vertex", "mistral", "trl", "bedrock-llama", "together"])
def test_merging_lets_in_two_turns_of_one_speaker_whatever_a_family_calls_them(target: str) -> None:
    given = record(USER, {**USER, "content": "Please."}, ANSWER)
    assert isinstance(fitted(target, given), RowProblem)
    told = fitted(target, given, "merge_same_role")
    assert isinstance(told, Fitted)
    assert told.records[0]["messages"] == [{**USER, "content": "Bay 4?\n\nPlease."}, ANSWER]


@pytest.mark.parametrize("target", ["bedrock-nova-2", "bedrock-llama", "together-prompt", "torchtune"])
def test_tools_that_no_turn_calls_may_be_dropped_for_every_target_without_tools(target: str) -> None:
    tool = {"type": "function", "function": {"name": "bay", "description": "Where a bay is."}}
    assert isinstance(fitted(target, record(USER, ANSWER, tools=[tool])), RowProblem)
    told = fitted(target, record(USER, ANSWER, tools=[tool]), "drop_tools")
    assert isinstance(told, Fitted)
    assert told.changes == {"drop_tools"}


def test_a_reason_that_no_allowed_change_lifts_stays() -> None:
    told = fitted("together-prompt", record(SYSTEM, USER, ANSWER), "drop_reasoning")
    assert isinstance(told, RowProblem)
    assert told.code == "system_prompt"


def test_what_the_target_always_does_needs_no_refusal() -> None:
    given = record(USER, ANSWER, rejected=[{**ANSWER, "content": "South."}])
    told = fitted("trl-kto", given)
    assert isinstance(told, Fitted)
    assert [row["label"] for row in told.rows] == [True, False]


@pytest.mark.parametrize("name", [n for n, t in TARGETS.items() if "chat" in t.kinds])
def test_a_good_verdict_is_carried_or_counted_as_left_out(name: str) -> None:
    told = fitted(name, record(USER, {**ANSWER, "content": "North dock, bay four."}, label=True))
    assert isinstance(told, Fitted)
    carried = any("true" in json.dumps(row) for row in told.rows)
    assert ("label_left_out" in told.changes) is not carried
