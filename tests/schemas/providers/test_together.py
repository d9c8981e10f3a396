from __future__ import annotations

from typing import Any

import pytest
from tuneset.schemas.providers.problems import GENERAL, problems
from tuneset.schemas.providers.together import (
    MAX_IMAGE_CHARACTERS,
    PREFERENCE_RULES,
    RULES,
    ChatRow,
    PreferenceRow,
    PromptRow,
)

SYSTEM = {"role": "system", "content": "One line."}
USER = {"role": "user", "content": "Where is bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}
CALL = {"id": "c1", "type": "function", "function": {"name": "find_bay", "arguments": '{"bay": 4}'}}
TOOL = {"type": "function", "function": {"name": "find_bay", "parameters": {"type": "object"}}}
ASKS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "north"}
NO_ID = {"role": "assistant", "tool_calls": [{k: v for k, v in CALL.items() if k != "id"}]}


def _image(url: str = "data:image/png;base64,aaaa") -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def _looks(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "text", "text": "What is it?"}, *parts], **more}


SEES = {"role": "assistant", "content": [{"type": "text", "text": "A crane."}]}
VALID = [
    {"messages": [USER, ANSWER]},
    {"messages": [SYSTEM, USER, ANSWER, USER, ANSWER], "tools": None},
    {"messages": [{**USER, "weight": 0}, {**ANSWER, "weight": 1}]},
    {"messages": [{**USER, "weight": 1}, {**ANSWER, "weight": 0}, USER, ANSWER]},
    {"messages": [USER, ASKS, RESULT, ANSWER], "tools": [TOOL]},
    {"messages": [USER, NO_ID, RESULT, ANSWER]},
    {"messages": [USER, ASKS, RESULT, {**ANSWER, "tool_calls": [{**CALL, "id": "c2"}]}]},
    {"messages": [USER, {**ANSWER, "reasoning": "It is always north.", "tool_calls": None}]},
    {"messages": [_looks(_image()), SEES]},
    {"messages": [_looks(*[_image()] * 10, weight=0), SEES]},
]
INVALID: list[tuple[Any, str, str]] = [
    ({"messages": [USER, ANSWER], "parallel_tool_calls": True}, "unknown_member", "parallel_tool_calls"),
    ({"messages": [USER, ANSWER], "id": "7"}, "unknown_member", "id"),
    ({"messages": [USER, ANSWER], "text": "x"}, "unknown_member", "text"),
    ({"messages": [USER]}, "no_assistant", "messages"),
    ({"messages": [USER, ANSWER, USER]}, "last_turn_not_assistant", "messages.2"),
    ({"messages": [USER, {**ANSWER, "weight": 0}]}, "nothing_trained", "messages"),
    ({"messages": [USER, {**ANSWER, "weight": 0.5}]}, "bad_weight", "messages.1.weight"),
    ({"messages": [{**USER, "weight": None}, ANSWER]}, "bad_weight", "messages.0.weight"),
    ({"messages": [{**USER, "weight": True}, ANSWER]}, "bad_weight", "messages.0.weight"),
    ({"messages": [ANSWER, USER, ANSWER]}, "first_turn_not_user", "messages"),
    ({"messages": [SYSTEM, ANSWER]}, "first_turn_not_user", "messages"),
    ({"messages": [USER, USER, ANSWER]}, "roles_not_alternating", "messages.1"),
    ({"messages": [USER, ANSWER, ANSWER]}, "roles_not_alternating", "messages.2"),
    ({"messages": [USER, SYSTEM, ANSWER]}, "late_system_prompt", "messages.1"),
    ({"messages": [{**USER, "content": " "}, ANSWER]}, "empty_content", "messages.0.content"),
    ({"messages": [USER, {"role": "assistant", "content": ""}]}, "empty_content", "messages.1.content"),
    ({"messages": [{**SYSTEM, "role": "developer"}, USER, ANSWER]}, "unknown_role", "messages.0"),
    ({"messages": [{**USER, "name": "ana"}, ANSWER]}, "unknown_member", "messages.0.name"),
    ({"messages": [USER, ASKS, RESULT, RESULT, ANSWER]}, "tool_answer_without_call", "messages.3"),
    ({"messages": [USER, NO_ID, RESULT, RESULT, ANSWER]}, "tool_answer_without_call", "messages.3"),
    ({"messages": [USER, ASKS, USER, ANSWER]}, "tool_call_unanswered", "messages.2"),
    (
        {"messages": [USER, ASKS, RESULT, ASKS, RESULT, ANSWER]},
        "tool_call_twice",
        "messages.3.tool_calls.0",
    ),
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
    ({"messages": [_looks(_image()), ANSWER]}, "texts_and_parts", "messages"),
    ({"messages": [_looks(*[_image()] * 11), SEES]}, "bad_image", "messages.0"),
    ({"messages": [_looks(_image(), weight=1), SEES]}, "bad_image", "messages.0"),
]
IMAGE = "messages.0.content.1.image_url.url"


@pytest.mark.parametrize("row", VALID)
def test_a_valid_conversation_has_no_problem(row: Any) -> None:
    assert problems(ChatRow, row) == []


@pytest.mark.parametrize(("row", "code", "where"), INVALID)
def test_an_invalid_conversation_says_which_rule_and_where(row: Any, code: str, where: str) -> None:
    found = problems(ChatRow, row)
    assert (found[0].code, found[0].where) == (code, where)


@pytest.mark.parametrize("url", ["https://example.org/a.png", "data:image/gif;base64,aaaa", ""])
def test_images_stand_in_the_line_itself(url: str) -> None:
    found = problems(ChatRow, {"messages": [_looks(_image(url)), SEES]})
    assert ("bad_image", IMAGE) in [(p.code, p.where) for p in found]


def test_an_image_has_at_most_ten_megabytes() -> None:
    """4 characters of base64 for 3 bytes, after `data:image/jpeg;base64,` (23 characters)."""
    assert MAX_IMAGE_CHARACTERS == 23 + 10 * 1024 * 1024 * 4 // 3
    most = "data:image/jpeg;base64,".ljust(MAX_IMAGE_CHARACTERS, "a")
    assert problems(ChatRow, {"messages": [_looks(_image(most)), SEES]}) == []
    found = problems(ChatRow, {"messages": [_looks(_image(most + "a")), SEES]})
    assert "bad_image" in [p.code for p in found]


def test_arguments_are_json_text() -> None:
    call = {**CALL, "function": {"name": "find_bay", "arguments": "bay 4"}}
    (found,) = problems(ChatRow, {"messages": [USER, {"role": "assistant", "tool_calls": [call]}]})
    assert found.code == "arguments_not_json"


def test_prompt_and_completion_are_texts_and_nothing_else() -> None:
    assert problems(PromptRow, {"prompt": "q", "completion": "a"}) == []
    assert problems(PromptRow, {"prompt": [_image()], "completion": [{"type": "text", "text": "a"}]}) == []
    for row, code in [
        ({"prompt": "q"}, "missing_member"),
        ({"prompt": "", "completion": "a"}, "empty_content"),
        ({"prompt": "q", "completion": 4}, "wrong_type"),
        ({"prompt": "q", "completion": "a", "tools": []}, "unknown_member"),
        ({"prompt": "q", "completion": "a", "messages": [USER, ANSWER]}, "unknown_member"),
    ]:
        assert problems(PromptRow, row)[0].code == code


def _pair(**more: Any) -> dict[str, Any]:
    pair = {"input": {"messages": [USER]}, "preferred_output": [ANSWER], "non_preferred_output": [ANSWER]}
    return pair | more


@pytest.mark.parametrize(
    "row",
    [
        _pair(),
        _pair(input={"messages": [ANSWER, USER]}),  # as in the documentation's own example
        _pair(input={"messages": [USER, ASKS, RESULT], "tools": [TOOL]}),
        _pair(non_preferred_output=[{"role": "assistant", "tool_calls": [CALL]}]),
    ],
)
def test_valid_preferences(row: Any) -> None:
    assert problems(PreferenceRow, row) == []


@pytest.mark.parametrize(
    ("row", "code", "where"),
    [
        (_pair(input={"messages": [USER, ANSWER]}), "prompt_ends_with_assistant", "input.messages.1"),
        (_pair(preferred_output=[]), "not_one_answer", "preferred_output"),
        (_pair(non_preferred_output=[ANSWER, ANSWER]), "not_one_answer", "non_preferred_output"),
        (_pair(preferred_output=[USER]), "wrong_type", "preferred_output.0.role"),
        (_pair(preferred_output=[{**ANSWER, "content": None}]), "wrong_type", "preferred_output.0.content"),
        (_pair(tools=[TOOL]), "unknown_member", "tools"),
        (_pair(input={"messages": [USER, USER]}), "roles_not_alternating", "input.messages.1"),
    ],
)
def test_invalid_preferences_say_which_rule_and_where(row: Any, code: str, where: str) -> None:
    found = problems(PreferenceRow, row)
    assert (found[0].code, found[0].where) == (code, where)


def test_every_rule_is_reached_and_has_a_source() -> None:
    reached = {code for _, code, _ in INVALID} | {"arguments_not_json"}
    assert set(RULES) <= reached
    assert set(PREFERENCE_RULES) - set(RULES) == {"not_one_answer", "prompt_ends_with_assistant"}
    assert all(rule.sentence and rule.source for rule in {**PREFERENCE_RULES, **GENERAL}.values())
