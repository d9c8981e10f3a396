from __future__ import annotations

import copy
from typing import Any

import pytest
from tuneset.schemas.providers.openai import RULES, ChatRow
from tuneset.schemas.providers.problems import GENERAL, is_json_object, problems

USER = {"role": "user", "content": "Where is bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}
CALL = {"id": "c1", "type": "function", "function": {"name": "find_bay", "arguments": '{"bay": 4}'}}
TOOL = {"type": "function", "function": {"name": "find_bay", "parameters": {"type": "object"}}}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "north"}
ASKS = {"role": "assistant", "tool_calls": [CALL]}

VALID: dict[str, dict[str, Any]] = {
    "plain": {"messages": [USER, ANSWER]},
    "documented line": {
        "messages": [{"role": "system", "content": "Answer in one line."}, USER, {**ANSWER, "weight": 1}],
        "parallel_tool_calls": False,
        "tools": [TOOL],
    },
    "untrained turn": {"messages": [USER, {**ANSWER, "weight": 0}, USER, {**ANSWER, "weight": 1}]},
    "tools": {"messages": [USER, ASKS, RESULT, ANSWER], "tools": [TOOL]},
    "ends with a call": {"messages": [USER, ASKS], "tools": [TOOL]},
    "two calls": {
        "messages": [
            USER,
            {"role": "assistant", "content": None, "tool_calls": [CALL, {**CALL, "id": "c2"}]},
            {**RESULT, "tool_call_id": "c2"},
            RESULT,
            ANSWER,
        ]
    },
    "image": {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is it?"},
                    {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}},
                ],
            },
            ANSWER,
        ]
    },
    "empty tool result": {"messages": [USER, ASKS, {**RESULT, "content": ""}, ANSWER]},
    "two assistant turns": {"messages": [USER, ANSWER, ANSWER]},
    "refusal": {"messages": [USER, {"role": "assistant", "refusal": "I cannot say."}]},
}

INVALID: list[tuple[Any, str, str]] = [
    ({}, "missing_member", "messages"),
    ([], "wrong_type", ""),
    ({"messages": []}, "wrong_type", "messages"),
    ({"messages": [USER]}, "no_assistant", "messages"),
    ({"messages": [USER, ANSWER, USER]}, "last_turn_not_assistant", "messages.2"),
    ({"messages": [USER, {**ANSWER, "weight": 0}]}, "nothing_trained", "messages"),
    ({"messages": [USER, {**ANSWER, "weight": 0.5}]}, "bad_weight", "messages.1.weight"),
    ({"messages": [USER, {**ANSWER, "weight": 1.0}]}, "bad_weight", "messages.1.weight"),
    ({"messages": [USER, {**ANSWER, "weight": True}]}, "bad_weight", "messages.1.weight"),
    ({"messages": [USER, {**ANSWER, "weight": "1"}]}, "bad_weight", "messages.1.weight"),
    ({"messages": [{**USER, "weight": 1}, ANSWER]}, "bad_weight", "messages.0.weight"),
    ({"messages": [{**USER, "content": " \n"}, ANSWER]}, "empty_content", "messages.0.content"),
    ({"messages": [{"role": "user"}, ANSWER]}, "missing_member", "messages.0.content"),
    ({"messages": [{**USER, "content": None}, ANSWER]}, "wrong_type", "messages.0.content"),
    ({"messages": [USER, {"role": "assistant", "content": ""}]}, "empty_content", "messages.1.content"),
    ({"messages": [{**USER, "role": "human"}, ANSWER]}, "unknown_role", "messages.0"),
    ({"messages": [{**USER, "role": "developer"}, ANSWER]}, "unknown_role", "messages.0"),
    ({"messages": [{"content": "x"}, ANSWER]}, "missing_member", "messages.0"),
    (
        {"messages": [USER, {**ANSWER, "reasoning_content": "x"}]},
        "unknown_member",
        "messages.1.reasoning_content",
    ),
    ({"messages": [USER, ANSWER], "id": "7"}, "unknown_member", "id"),
    ({"messages": [USER, ANSWER], "tools": [{"name": "f"}]}, "missing_member", "tools.0.type"),
    (
        {"messages": [USER, ANSWER], "tools": [{"type": "function", "function": {"name": "find bay"}}]},
        "bad_function_name",
        "tools.0.function.name",
    ),
    ({"messages": [USER, ASKS, ANSWER]}, "tool_call_unanswered", "messages.2"),
    ({"messages": [USER, RESULT, ANSWER]}, "tool_answer_without_call", "messages.1"),
    ({"messages": [USER, ASKS, RESULT, RESULT, ANSWER]}, "tool_answer_without_call", "messages.3"),
    ({"messages": [USER, ASKS, RESULT, ASKS, RESULT, ANSWER]}, "tool_call_twice", "messages.3.tool_calls.0"),
    ({"messages": [USER, {**ASKS, "tool_calls": []}]}, "wrong_type", "messages.1.tool_calls"),
    ({"messages": [USER, {**ANSWER, "weight": None}]}, "bad_weight", "messages.1.weight"),
    ({"messages": [{**USER, "name": None}, ANSWER]}, "wrong_type", "messages.0.name"),
    ({"messages": [USER, ANSWER], "tools": None}, "wrong_type", "tools"),
    (
        {"messages": [USER, ASKS], "tools": [{"type": "function", "function": {"name": "find_dock"}}]},
        "undeclared_tool",
        "messages.1.tool_calls.0.function.name",
    ),
]


@pytest.mark.parametrize("name", VALID)
def test_a_valid_line_has_no_problem(name: str) -> None:
    assert problems(ChatRow, VALID[name]) == []


@pytest.mark.parametrize(("row", "code", "where"), INVALID)
def test_an_invalid_line_says_which_rule_and_where(row: Any, code: str, where: str) -> None:
    found = problems(ChatRow, row)
    assert (found[0].code, found[0].where) == (code, where)
    assert found[0].sentence


@pytest.mark.parametrize("arguments", ["", "{", "[1]", "4", "null", '{"a": NaN}', "{'a': 1}"])
def test_arguments_are_a_json_object_as_text(arguments: str) -> None:
    row = copy.deepcopy(VALID["tools"])
    row["messages"][1]["tool_calls"][0]["function"]["arguments"] = arguments
    (found,) = problems(ChatRow, row)
    assert (found.code, found.where) == (
        "arguments_not_json",
        "messages.1.tool_calls.0.function.arguments",
    )


@pytest.mark.parametrize("name", ["", "a b", "é", "x" * 65, "a.b"])
def test_function_names_are_plain(name: str) -> None:
    tool = {"type": "function", "function": {"name": name}}
    assert problems(ChatRow, {"messages": [USER, ANSWER], "tools": [tool]})[0].code == "bad_function_name"


def test_every_rule_has_a_sentence_and_a_dated_source() -> None:
    for rule in {**RULES, **GENERAL}.values():
        assert rule.sentence
        assert rule.source
    reached = {code for _, code, _ in INVALID} | {"arguments_not_json", "bad_function_name"}
    assert set(RULES) <= reached


@pytest.mark.parametrize("name", VALID)
def test_openais_own_types_agree_on_valid_lines(name: str) -> None:
    """The SDK's request types are an independent reading of the same specification."""
    chat = pytest.importorskip("openai.types.chat")
    from pydantic import TypeAdapter

    row = VALID[name]
    TypeAdapter(list[chat.ChatCompletionMessageParam]).validate_python(row["messages"])
    TypeAdapter(list[chat.ChatCompletionToolParam]).validate_python(row.get("tools", []))


SDK_SEES = {"unknown_role", "missing_member", "wrong_type"}
SDK_DIFFERS = ("developer", "tool_calls': []")  # chat requests may have both; training lines may not
BROKEN = [r for r, code, where in INVALID if code in SDK_SEES and where.startswith("messages.")]


@pytest.mark.parametrize("row", [r for r in BROKEN if not any(text in str(r) for text in SDK_DIFFERS)])
def test_openais_own_types_agree_on_types_and_roles(row: Any) -> None:
    chat = pytest.importorskip("openai.types.chat")
    from pydantic import TypeAdapter, ValidationError

    with pytest.raises(ValidationError):
        TypeAdapter(list[chat.ChatCompletionMessageParam]).validate_python(row["messages"])


def test_deeply_nested_json_is_no_crash() -> None:
    assert not is_json_object("[" * 200_000)
    assert is_json_object('{"a": {"b": [1, null]}}')
