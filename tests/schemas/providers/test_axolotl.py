from __future__ import annotations

import json
from typing import Any

import pytest
from tuneset.schemas.providers.axolotl import RULES, ChatRow, LabelledRow, PreferenceRow
from tuneset.schemas.providers.problems import problems

SYSTEM = {"role": "system", "content": "Short."}
USER = {"role": "user", "content": "Where is bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}
TOOL = {"type": "function", "function": {"name": "find_bay", "parameters": {"type": "object"}}}


def call(arguments: Any = '{"bay": 4}', name: str = "find_bay", **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "arguments": arguments}, **more}


def calls(*made: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "tool_calls": list(made)}


def result(said: str = "north", **more: Any) -> dict[str, Any]:
    return {"role": "tool", "content": said, **more}


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [USER, ANSWER]},
        {"messages": [SYSTEM, USER, {**ANSWER, "train": False}, USER, {**ANSWER, "train": True}]},
        {"messages": [USER, {**ANSWER, "reasoning_content": "Hm."}], "tools": "[]"},
        {"messages": [USER, calls(call(id="a")), result(tool_call_id="a"), ANSWER], "tools": [TOOL]},
        {"messages": [USER, calls(call(id="a"))], "tools": json.dumps([TOOL])},
        {
            "messages": [
                {**USER, "name": "Ana"},
                calls(call(id="a"), call(id="b")),
                result("", tool_call_id="b"),
                result(tool_call_id="a"),
                ANSWER,
            ]
        },
        {"messages": [USER, calls(call(), call()), result(), result(), ANSWER]},
    ],
)
def test_a_conversation_that_axolotl_trains_on(row: dict[str, Any]) -> None:
    assert problems(ChatRow, row) == []


CHAT_PROBLEMS = [
    ({"messages": []}, "wrong_type", "messages"),
    ({"messages": [SYSTEM, USER]}, "no_assistant", "messages"),
    ({"messages": [USER, ANSWER, USER]}, "last_turn_not_assistant", "messages.2"),
    ({"messages": [USER, {**ANSWER, "train": False}]}, "nothing_trained", "messages"),
    ({"messages": [{**USER, "content": " "}, ANSWER]}, "empty_content", "messages.0.content"),
    ({"messages": [USER, {**ANSWER, "content": ""}]}, "empty_content", "messages.1"),
    ({"messages": [USER, {**ANSWER, "content": "zzdummymessagezz"}]}, "sentinel", "messages.1.content"),
    ({"messages": [USER, {**ANSWER, "content": 12345}]}, "wrong_type", "messages.1.content"),
    ({"messages": [{"role": "user"}, ANSWER]}, "missing_member", "messages.0.content"),
    ({"messages": [{"content": "Hi."}, ANSWER]}, "missing_member", "messages.0"),
    ({"messages": [{**USER, "role": "gpt"}, ANSWER]}, "unknown_role", "messages.0"),
    ({"messages": [USER, {**ANSWER, "weight": 0}]}, "unknown_member", "messages.1.weight"),
    ({"messages": [USER, {**ANSWER, "train": 0}]}, "wrong_type", "messages.1.train"),
    ({"messages": [USER, ANSWER, SYSTEM]}, "late_system_prompt", "messages.2"),
    ({"messages": [SYSTEM, ANSWER, USER, ANSWER]}, "first_turn_not_user", "messages.1"),
    ({"messages": [USER, USER, ANSWER]}, "roles_not_alternating", "messages.1"),
    ({"messages": [USER, ANSWER, ANSWER]}, "roles_not_alternating", "messages.2"),
    (
        {"messages": [USER, calls(call('{"bay": 4'))]},
        "arguments_not_json",
        "messages.1.tool_calls.0.function.arguments",
    ),
    (
        {"messages": [USER, calls(call({"bay": 4}))]},
        "wrong_type",
        "messages.1.tool_calls.0.function.arguments",
    ),
    ({"messages": [USER, calls(call(name=""))]}, "wrong_type", "messages.1.tool_calls.0.function.name"),
    ({"messages": [USER, ANSWER], "tools": "no list"}, "tools_not_json", "tools"),
    ({"messages": [USER, ANSWER], "tools": '[{"type": "function"}]'}, "tools_not_json", "tools"),
    ({"messages": [USER, calls(call(name="other"))], "tools": [TOOL]}, "undeclared_tool", "messages.1"),
    ({"messages": [USER, calls(call(id="a"), call(id="a"))]}, "tool_call_twice", "messages.1"),
    (
        {"messages": [USER, calls(call(id="a")), result(tool_call_id="b"), ANSWER]},
        "tool_answer_without_call",
        "messages.2",
    ),
    ({"messages": [USER, ANSWER, result(), ANSWER]}, "tool_answer_without_call", "messages.2"),
    ({"messages": [USER, calls(call(id="a")), ANSWER]}, "tool_call_unanswered", "messages.2"),
]


@pytest.mark.parametrize(("row", "code", "where"), CHAT_PROBLEMS)
def test_a_broken_conversation_says_what_and_where(row: Any, code: str, where: str) -> None:
    found = problems(ChatRow, row)
    assert (found[0].code, found[0].where) == (code, where)


PAIR = {"messages": [SYSTEM, USER], "chosen": ANSWER, "rejected": {**ANSWER, "content": "No idea."}}
PAIR_PROBLEMS = [
    ({**PAIR, "messages": [USER, ANSWER]}, "roles_not_alternating", "messages.2"),
    ({**PAIR, "messages": [SYSTEM]}, "first_turn_not_user", "messages.1"),
    ({**PAIR, "chosen": {**ANSWER, "content": "North dock.\n"}}, "outer_space", "chosen.content"),
    ({**PAIR, "rejected": {**ANSWER, "content": "A"}}, "answer_in_template", "rejected.content"),
    ({**PAIR, "rejected": {**ANSWER, "content": ""}}, "empty_content", "rejected.content"),
    ({**PAIR, "rejected": USER}, "wrong_type", "rejected.role"),
    ({**PAIR, "chosen": {**ANSWER, "tool_calls": []}}, "unknown_member", "chosen.tool_calls"),
]


@pytest.mark.parametrize(("row", "code", "where"), PAIR_PROBLEMS)
def test_a_broken_preference_says_what_and_where(row: Any, code: str, where: str) -> None:
    assert problems(PreferenceRow, PAIR) == []
    found = problems(PreferenceRow, row)
    assert (found[0].code, found[0].where) == (code, where)


def test_a_judged_conversation_ends_with_the_answer() -> None:
    row = {"completion": [SYSTEM, USER, ANSWER], "label": False}
    assert problems(LabelledRow, row) == []
    assert problems(LabelledRow, {**row, "label": 0})[0].where == "label"
    assert problems(LabelledRow, {"completion": [USER, ANSWER]})[0].code == "missing_member"
    assert problems(LabelledRow, {**row, "completion": [USER, ANSWER, USER]})[0].where == "completion.2"


def test_every_rule_is_broken_by_a_row_above() -> None:
    assert set(RULES) <= {code for _, code, _ in [*CHAT_PROBLEMS, *PAIR_PROBLEMS]}
