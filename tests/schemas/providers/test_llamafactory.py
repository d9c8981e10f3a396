from __future__ import annotations

import json
from typing import Any

import pytest
from tuneset.schemas.providers.llamafactory import RULES, ChatRow, LabelledRow, PreferenceRow
from tuneset.schemas.providers.problems import problems


def turn(speaker: str, value: Any) -> dict[str, Any]:
    return {"from": speaker, "value": value}


SYSTEM, USER, ANSWER = turn("system", "Short."), turn("human", "Bay 4?"), turn("gpt", "North dock.")
CALL = turn("function_call", '{"name": "find_bay", "arguments": {"bay": 4}}')
SEEN = turn("observation", "north")


def tools(**parameters: Any) -> str:
    return json.dumps([{"type": "function", "function": {"name": "find_bay", "parameters": parameters}}])


DEFINED = tools(type="object", properties={"bay": {"enum": ["1", "4"]}})


@pytest.mark.parametrize(
    "row",
    [
        {"conversations": [USER, ANSWER]},
        {"conversations": [USER, ANSWER, USER, ANSWER], "system": "Short.", "tools": ""},
        {"conversations": [SYSTEM, USER, ANSWER], "system": None, "tools": None},
        {"conversations": [USER, CALL, SEEN, ANSWER], "tools": DEFINED},
        {"conversations": [USER, CALL, SEEN, CALL, turn("observation", ""), ANSWER], "tools": DEFINED},
        {"conversations": [USER, CALL], "tools": '[{"name": "find_bay", "parameters": {"properties": {}}}]'},
        {"conversations": [USER, turn("function_call", f"[{CALL['value']}, {CALL['value']}]")]},
    ],
)
def test_a_conversation_that_llamafactory_trains_on(row: dict[str, Any]) -> None:
    assert problems(ChatRow, row) == []


def calling(value: str) -> dict[str, Any]:
    return {"conversations": [USER, turn("function_call", value)]}


CHAT_PROBLEMS = [
    ({"conversations": []}, "wrong_type", "conversations"),
    ({"conversations": [USER]}, "no_assistant", "conversations"),
    ({"conversations": [SYSTEM]}, "no_assistant", "conversations"),
    ({"conversations": [USER, ANSWER, USER]}, "last_turn_not_assistant", "conversations.2"),
    ({"conversations": [ANSWER, USER, ANSWER]}, "first_turn_not_user", "conversations.0"),
    ({"conversations": [USER, USER, ANSWER]}, "roles_not_alternating", "conversations.1"),
    ({"conversations": [USER, ANSWER, ANSWER]}, "roles_not_alternating", "conversations.2"),
    ({"conversations": [USER, CALL, SEEN, USER, ANSWER]}, "turn_out_of_order", "conversations.3"),
    ({"conversations": [USER, CALL, ANSWER]}, "turn_out_of_order", "conversations.2"),
    ({"conversations": [USER, CALL, SEEN, SEEN, ANSWER]}, "several_tool_answers", "conversations.3"),
    ({"conversations": [USER, ANSWER, SEEN, ANSWER]}, "observation_without_call", "conversations.2"),
    ({"conversations": [USER, CALL, USER, ANSWER]}, "call_unanswered", "conversations.2"),
    ({"conversations": [USER, ANSWER, SYSTEM]}, "late_system_prompt", "conversations.2"),
    ({"conversations": [SYSTEM, USER, ANSWER], "system": "Long."}, "late_system_prompt", "conversations.0"),
    ({"conversations": [USER, turn("gpt", " ")]}, "empty_content", "conversations.1.value"),
    ({"conversations": [USER, ANSWER], "system": "\n"}, "empty_content", "system"),
    ({"conversations": [turn("human", "Say {{idx}}."), ANSWER]}, "placeholder", "conversations.0.value"),
    ({"conversations": [turn("human", None), ANSWER]}, "wrong_type", "conversations.0.value"),
    ({"conversations": [turn("user", "Hi."), ANSWER]}, "unknown_role", "conversations.0"),
    ({"messages": [USER, ANSWER]}, "missing_member", "conversations"),
    (calling('{"name": "find_bay", "arguments": '), "call_not_json", "conversations.1.value"),
    (calling('{"name": "find_bay", "arguments": "{}"}'), "call_not_json", "conversations.1.value"),
    (calling('{"name": "find_bay", "arguments": {"x": NaN}}'), "call_not_json", "conversations.1.value"),
    (calling('{"arguments": {}}'), "call_not_json", "conversations.1.value"),
    (calling("[]"), "call_not_json", "conversations.1.value"),
    (
        calling('{"name": "f", "arguments": {"x": "<tool_call>1</tool_call>"}}'),
        "markup_in_call",
        "conversations.1.value",
    ),
    ({"conversations": [USER, ANSWER], "tools": "find_bay"}, "tools_not_json", "tools"),
    ({"conversations": [USER, ANSWER], "tools": '{"name": "find_bay"}'}, "tools_not_json", "tools"),
    ({"conversations": [USER, ANSWER], "tools": tools(type="object")}, "tool_without_properties", "tools"),
    ({"conversations": [USER, ANSWER], "tools": tools(properties={"a": 1})}, "tool_without_properties", "tools"),
    (
        {"conversations": [USER, ANSWER], "tools": tools(properties={}, required=None)},
        "required_not_list",
        "tools",
    ),
    (
        {"conversations": [USER, ANSWER], "tools": tools(properties={"bay": {"enum": [1, 4]}})},
        "enum_not_text",
        "tools",
    ),
    (
        {"conversations": [USER, turn("function_call", '{"name": "f", "arguments": {}}')], "tools": DEFINED},
        "undeclared_tool",
        "conversations.1.value",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("row", "code", "where"), CHAT_PROBLEMS)
def test_a_broken_conversation_says_what_and_where(row: Any, code: str, where: str) -> None:
    found = problems(ChatRow, row)
    assert (found[0].code, found[0].where) == (code, where)


def test_a_preference_is_a_prompt_that_waits_for_an_answer() -> None:
    row = {"conversations": [USER], "chosen": ANSWER, "rejected": turn("gpt", "No idea."), "system": ""}
    assert problems(PreferenceRow, row) == []
    assert problems(PreferenceRow, {**row, "rejected": CALL, "tools": DEFINED}) == []
    assert problems(PreferenceRow, {**row, "conversations": [USER, CALL, SEEN]}) == []
    closed = problems(PreferenceRow, {**row, "conversations": [USER, ANSWER]})[0]
    assert (closed.code, closed.where) == ("turn_out_of_order", "conversations.1")
    assert problems(PreferenceRow, {**row, "conversations": [SYSTEM]})[0].code == "turn_out_of_order"
    assert problems(PreferenceRow, {**row, "rejected": USER})[0].code == "unknown_role"
    broken = problems(PreferenceRow, {**row, "chosen": turn("function_call", "{}")})[0]
    assert (broken.code, broken.where) == ("call_not_json", "chosen.value")


def test_a_judged_conversation_says_good_or_bad() -> None:
    row = {"conversations": [USER, ANSWER], "label": False}
    assert problems(LabelledRow, row) == []
    assert problems(LabelledRow, {"conversations": [USER, ANSWER]})[0].code == "missing_member"
    assert problems(LabelledRow, {**row, "label": 1})[0].where == "label"


BY_ID = {"tool_call_twice", "tool_answer_without_call", "tool_call_unanswered"}
"""Rules of the conversation that a row was made from: tests/curate/test_export_llamafactory.py."""


def test_every_rule_is_broken_by_a_row_above() -> None:
    assert set(RULES) - BY_ID <= {code for _, code, _ in CHAT_PROBLEMS}
