from __future__ import annotations

from typing import Any

import pytest
from tuneset.schemas.providers.fireworks import (
    PREFERENCE_RULES,
    REINFORCEMENT_RULES,
    RULES,
    ChatRow,
    PreferenceRow,
    ReinforcementRow,
)
from tuneset.schemas.providers.problems import problems

SYSTEM = {"role": "system", "content": "One line."}
USER = {"role": "user", "content": "Where is bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}
CALL = {"type": "function", "function": {"name": "find_bay", "arguments": '{"bay": 4}'}}
TOOL = {"type": "function", "function": {"name": "find_bay", "parameters": {"bay": {"type": "int"}}}}
ASKS = {"role": "assistant", "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "north"}
NAMED = {"role": "assistant", "tool_calls": [{**CALL, "id": "c1"}]}

VALID = [
    {"messages": [SYSTEM, USER, ANSWER]},
    {"messages": [USER, {**ANSWER, "weight": 0}, USER, ANSWER]},
    {"messages": [USER, ANSWER], "weight": -0.5},
    {"messages": [USER, ASKS], "tools": [TOOL]},
    {"messages": [USER, NAMED, RESULT, ANSWER], "tools": [TOOL], "parallel_tool_calls": False},
    {"messages": [USER, {**ANSWER, "reasoning_content": "It is always north."}]},
    {"messages": [{**USER, "content": [{"type": "text", "text": "Say "}, {"type": "text", "text": "it"}]}, ANSWER]},
    {"messages": [ANSWER, USER, USER, ANSWER]},
]  # fmt: skip
INVALID: list[tuple[Any, str, str]] = [
    ({"messages": [USER, SYSTEM, ANSWER]}, "late_system_prompt", "messages.1"),
    ({"messages": [{**SYSTEM, "role": "developer"}, USER, ANSWER]}, "unknown_role", "messages.0"),
    ({"messages": [USER, {**ANSWER, "weight": 0.5}]}, "bad_weight", "messages.1.weight"),
    ({"messages": [USER, {**ANSWER, "weight": 0}]}, "nothing_trained", "messages"),
    ({"messages": [USER]}, "no_assistant", "messages"),
    ({"messages": [USER, ANSWER, USER]}, "last_turn_not_assistant", "messages.2"),
    ({"messages": [{**USER, "content": ""}, ANSWER]}, "empty_content", "messages.0.content"),
    ({"messages": [USER, {**ANSWER, "content": None}]}, "empty_content", "messages.1.content"),
    ({"messages": [USER, ASKS, USER, ANSWER]}, "tool_call_unanswered", "messages.2"),
    ({"messages": [USER, RESULT, ANSWER]}, "tool_answer_without_call", "messages.1"),
    ({"messages": [USER, NAMED, RESULT, NAMED, RESULT, ANSWER]}, "tool_call_twice", "messages.3.tool_calls.0"),
    (
        {"messages": [USER, ASKS], "tools": [{"type": "function", "function": {"name": "go"}}]},
        "undeclared_tool",
        "messages.1.tool_calls.0.function.name",
    ),
    (
        {"messages": [USER, ANSWER], "tools": [{"type": "function", "function": {"name": "a b"}}]},
        "bad_function_name",
        "tools.0.function.name",
    ),
    ({"messages": [USER, ANSWER], "id": 7}, "unknown_member", "id"),
    ({"messages": [USER, ANSWER], "weight": "1"}, "wrong_type", "weight"),
]  # fmt: skip


@pytest.mark.parametrize("row", VALID)
def test_a_valid_conversation_has_no_problem(row: Any) -> None:
    assert problems(ChatRow, row) == []


@pytest.mark.parametrize(("row", "code", "where"), INVALID)
def test_an_invalid_conversation_says_which_rule_and_where(row: Any, code: str, where: str) -> None:
    found = problems(ChatRow, row)
    assert (found[0].code, found[0].where) == (code, where)


def test_preferences_compare_one_answer_with_one() -> None:
    pair = {"input": {"messages": [USER], "tools": []}, "preferred_output": [ANSWER]}
    assert problems(PreferenceRow, {**pair, "non_preferred_output": [ANSWER]}) == []
    (found,) = problems(PreferenceRow, {**pair, "non_preferred_output": [ANSWER, ANSWER]})
    assert (found.code, found.where) == ("not_one_answer", "non_preferred_output")
    late = {**pair, "input": {"messages": [USER, SYSTEM]}, "non_preferred_output": [ANSWER]}
    assert [p.code for p in problems(PreferenceRow, late)] == ["late_system_prompt"]


def test_a_reinforcement_prompt_ends_with_the_user() -> None:
    assert problems(ReinforcementRow, {"messages": [SYSTEM, USER], "ground_truth": "north", "level": 3}) == []
    (found,) = problems(ReinforcementRow, {"messages": [USER, ANSWER]})
    assert (found.code, found.where) == ("last_turn_not_user", "messages")


def test_every_rule_is_reached_and_has_a_source() -> None:
    call = {"type": "function", "function": {"name": "find_bay", "arguments": "bay"}}
    (found,) = problems(ChatRow, {"messages": [USER, {"role": "assistant", "tool_calls": [call]}]})
    assert set(RULES) <= {code for _, code, _ in INVALID} | {found.code}
    assert set(PREFERENCE_RULES) | set(REINFORCEMENT_RULES) == {
        *RULES,
        "not_one_answer",
        "last_turn_not_user",
    }
    for rule in {**PREFERENCE_RULES, **REINFORCEMENT_RULES}.values():
        assert rule.sentence
        assert rule.source
