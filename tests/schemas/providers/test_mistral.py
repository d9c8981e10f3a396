from __future__ import annotations

from typing import Any

import pytest
from tuneset.schemas.providers.mistral import RULES, ChatRow
from tuneset.schemas.providers.problems import problems

SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Where is bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}
CALL = {"id": "TX92Jm8Zi", "type": "function", "function": {"name": "find_bay", "arguments": '{"bay": 4}'}}
ASKS = {"role": "assistant", "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "TX92Jm8Zi", "content": "north"}
FIND = {"name": "find_bay", "description": "", "parameters": {"type": "object", "properties": {}}}
TOOLS = [{"type": "function", "function": FIND}]


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [USER, ANSWER]},
        {"messages": [SYSTEM, USER, {**ANSWER, "weight": 0}, USER, {**ANSWER, "weight": 1}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "q"}]}, ANSWER]},
        {"messages": [USER, ASKS, RESULT, ANSWER], "tools": TOOLS},
        {"messages": [USER, {**ASKS, "content": ""}, {**RESULT, "name": "find_bay"}, ANSWER], "tools": TOOLS},
        {"messages": [USER, {**ANSWER, "weight": 0}, USER, ASKS], "tools": TOOLS},
        {"messages": [USER, ANSWER], "tools": [{"type": "function", "function": {**FIND, "name": "-"}}]},
    ],
)
def test_a_conversation_has_no_problem(row: dict[str, Any]) -> None:
    assert problems(ChatRow, row) == []


def calling(**changed: Any) -> dict[str, Any]:
    return {"messages": [USER, {"role": "assistant", "tool_calls": [{**CALL, **changed}]}]}


def defining(**changed: Any) -> dict[str, Any]:
    return {"messages": [USER, ANSWER], "tools": [{"type": "function", "function": {**FIND, **changed}}]}


BAD = [
    ({"messages": []}, "wrong_type", "messages"),
    ({"messages": [SYSTEM, USER]}, "no_assistant", "messages"),
    ({"messages": [USER, ANSWER, USER]}, "last_turn_not_assistant", "messages.2"),
    ({"messages": [ANSWER, USER, ANSWER]}, "first_turn_not_user", "messages.0"),
    ({"messages": [SYSTEM, ANSWER]}, "first_turn_not_user", "messages.1"),
    ({"messages": [SYSTEM, SYSTEM, USER, ANSWER]}, "system_not_first", "messages.1"),
    ({"messages": [USER, SYSTEM, ANSWER]}, "system_not_first", "messages.1"),
    ({"messages": [USER, USER, ANSWER]}, "turns_not_alternating", "messages.1"),
    ({"messages": [USER, ANSWER, ANSWER]}, "turns_not_alternating", "messages.2"),
    ({"messages": [USER, {**ANSWER, "weight": 0}]}, "nothing_trained", "messages"),
    (
        {"messages": [USER, ANSWER, USER, {**ANSWER, "weight": 0}], "tools": TOOLS},
        "nothing_trained",
        "messages",
    ),
    ({"messages": [USER, {**ANSWER, "content": " "}]}, "empty_content", "messages.1.content"),
    ({"messages": [{**USER, "content": ""}, ANSWER]}, "empty_content", "messages.0.content"),
    ({"messages": [USER, {**ASKS, "content": "Let me look."}]}, "content_and_calls", "messages.1"),
    ({"messages": [USER, {**ANSWER, "weight": 0.5}]}, "bad_weight", "messages.1.weight"),
    ({"messages": [USER, {**ANSWER, "weight": True}]}, "bad_weight", "messages.1.weight"),
    ({"messages": [{**USER, "weight": 0}, ANSWER]}, "unknown_member", "messages.0.weight"),
    ({"messages": [{**USER, "name": "ana"}, ANSWER]}, "unknown_member", "messages.0.name"),
    ({"messages": [{**USER, "role": "developer"}, ANSWER]}, "unknown_role", "messages.0"),
    (calling(id="call_1"), "bad_id", "messages.1.tool_calls.0.id"),
    (calling(id="TX92Jm8Zü"), "bad_id", "messages.1.tool_calls.0.id"),
    (
        calling(function={"name": "find bay", "arguments": "{}"}),
        "bad_function_name",
        "messages.1.tool_calls.0.function.name",
    ),
    (
        calling(function={"name": "find_bay", "arguments": "[]"}),
        "arguments_not_json",
        "messages.1.tool_calls.0.function.arguments",
    ),
    (
        calling(function={"name": "find_bay", "arguments": {}}),
        "wrong_type",
        "messages.1.tool_calls.0.function.arguments",
    ),
    (defining(parameters={"type": "dict"}), "bad_parameters", "tools.0.function.parameters.type"),
    (defining(parameters=None), "wrong_type", "tools.0.function.parameters"),
    (defining(returns={}), "unknown_member", "tools.0.function.returns"),
    (
        {"messages": [USER, ASKS], "tools": defining(name="other")["tools"]},
        "undeclared_function",
        "messages.1.tool_calls",
    ),
    (
        {"messages": [USER, {"role": "assistant", "tool_calls": [CALL, CALL]}]},
        "tool_call_twice",
        "messages.1.tool_calls",
    ),
    (
        {"messages": [USER, ASKS, {**RESULT, "tool_call_id": "123456789"}, ANSWER]},
        "tool_answer_without_call",
        "messages.2",
    ),
    ({"messages": [USER, ASKS, USER, ANSWER]}, "tool_call_unanswered", "messages.2"),
    ({"messages": [USER, ASKS, ANSWER]}, "tool_call_unanswered", "messages.2"),
]


@pytest.mark.parametrize(("row", "code", "where"), BAD)
def test_a_broken_conversation_says_what_and_where(row: Any, code: str, where: str) -> None:
    found = problems(ChatRow, row)
    assert (found[0].code, found[0].where) == (code, where)


def test_every_rule_is_broken_above() -> None:
    assert set(RULES) == {code for _, code, _ in BAD if code in RULES}
