from __future__ import annotations

from typing import Any

import pytest
from tuneset.schemas.providers.problems import problems
from tuneset.schemas.providers.trl import RULES, ChatRow, LabelRow, PreferenceRow, PromptRow

SYSTEM = {"role": "system", "content": "Short."}
USER = {"role": "user", "content": "Where is bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}
CALL = {"type": "function", "function": {"name": "find_bay", "arguments": {"bay": 4}}}
TEXT_CALL = {"type": "function", "function": {"name": "find_bay", "arguments": '{"bay": 4}'}}
CALLS = {"role": "assistant", "tool_calls": [CALL]}
TWO_CALLS = {"role": "assistant", "tool_calls": [{**CALL, "id": "a"}, {**CALL, "id": "b"}]}
TOOL = {"role": "tool", "name": "find_bay", "content": "north"}
FIND = {"type": "function", "function": {"name": "find_bay", "parameters": {}}}


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [USER, ANSWER]},
        {"messages": [SYSTEM, USER, {**ANSWER, "reasoning_content": "Hm.", "weight": 1}]},
        {"messages": [USER, ANSWER, USER, CALLS]},
        {"messages": [USER, CALLS, TOOL, ANSWER], "tools": [FIND]},
        {"messages": [USER, CALLS, TOOL, ANSWER], "tools": [FIND["function"]]},
        {
            "messages": [
                USER,
                TWO_CALLS,
                {**TOOL, "tool_call_id": "b"},
                {**TOOL, "tool_call_id": "a"},
                ANSWER,
            ]
        },
        {"messages": [USER, CALLS, TOOL, CALLS, TOOL, ANSWER]},
        {"messages": [USER, CALLS, {"role": "tool"}, ANSWER]},
    ],
)
def test_a_conversation_has_no_problem(row: dict[str, Any]) -> None:
    assert problems(ChatRow, row) == []


CHAT_PROBLEMS = [
    ([USER], "no_assistant", "messages"),
    ([USER, ANSWER, USER], "last_turn_not_assistant", "messages.2"),
    ([USER, CALLS, TOOL], "last_turn_not_assistant", "messages.2"),
    ([USER, {**ANSWER, "content": " "}], "empty_content", "messages.1.content"),
    ([{**USER, "content": ""}, ANSWER], "empty_content", "messages.0.content"),
    ([SYSTEM, USER, SYSTEM, ANSWER], "late_system_prompt", "messages.2"),
    ([SYSTEM, SYSTEM, USER, ANSWER], "late_system_prompt", "messages.1"),
    ([ANSWER, USER, ANSWER], "first_turn_not_user", "messages.0"),
    ([SYSTEM, ANSWER], "first_turn_not_user", "messages.1"),
    ([USER, USER, ANSWER], "roles_not_alternating", "messages.1"),
    ([USER, ANSWER, ANSWER], "roles_not_alternating", "messages.2"),
    ([USER, ANSWER, TOOL, ANSWER], "tool_answer_without_call", "messages.2"),
    ([USER, CALLS, TOOL, TOOL, ANSWER], "tool_answer_without_call", "messages.3"),
    ([USER, TWO_CALLS, {**TOOL, "tool_call_id": "c"}], "tool_answer_without_call", "messages.2"),
    ([USER, CALLS, USER, ANSWER], "tool_call_unanswered", "messages.2"),
    ([USER, CALLS, ANSWER], "tool_call_unanswered", "messages.2"),
    ([USER, TWO_CALLS, {**TOOL, "tool_call_id": "a"}, ANSWER], "tool_call_unanswered", "messages.3"),
    ([USER, {**ANSWER, "weight": 0}, USER, ANSWER], "weight_not_read", "messages.1.weight"),
    ([USER, {**ANSWER, "weight": 0.5}], "weight_not_read", "messages.1.weight"),
    ([USER, {**ANSWER, "weight": True}], "wrong_type", "messages.1.weight"),
    ([{**USER, "weight": 1}, ANSWER], "unknown_member", "messages.0.weight"),
    ([{**USER, "role": "human"}, ANSWER], "unknown_role", "messages.0"),
    ([{"content": "q"}, ANSWER], "missing_member", "messages.0"),
    ([{**USER, "content": None}, ANSWER], "wrong_type", "messages.0.content"),
    ([{**USER, "tool_calls": [CALL]}, ANSWER], "unknown_member", "messages.0.tool_calls"),
    (
        [USER, {"role": "assistant", "tool_calls": [TEXT_CALL]}],
        "wrong_type",
        "messages.1.tool_calls.0.function.arguments",
    ),
    ([], "wrong_type", "messages"),
]


@pytest.mark.parametrize(("turns", "code", "where"), CHAT_PROBLEMS)
def test_a_broken_conversation_says_what_and_where(turns: Any, code: str, where: str) -> None:
    found = problems(ChatRow, {"messages": turns})
    assert (found[0].code, found[0].where) == (code, where)


def test_a_called_tool_is_defined_where_tools_are() -> None:
    row = {"messages": [USER, CALLS], "tools": [{"type": "function", "function": {"name": "other"}}]}
    (found,) = problems(ChatRow, row)
    assert (found.code, found.where) == ("undeclared_tool", "messages.1.tool_calls.0")


def test_a_tool_whose_name_is_no_text_is_not_called() -> None:
    row = {"messages": [USER, CALLS], "tools": [{"type": "function", "function": {"name": ["find_bay"]}}]}
    (found,) = problems(ChatRow, row)
    assert found.code == "undeclared_tool"


def test_only_the_completion_of_a_prompt_is_learnt() -> None:
    row = {"prompt": [USER, {**ANSWER, "weight": 0.0}, USER], "completion": [ANSWER]}
    assert problems(PromptRow, row) == []
    trained = {**row, "prompt": [USER, {**ANSWER, "weight": 1}, USER]}
    assert problems(PromptRow, trained)[0].where == "prompt.1.weight"
    untrained = {**row, "completion": [{**ANSWER, "weight": 0}]}
    assert problems(PromptRow, untrained)[0].where == "completion.0.weight"
    assert problems(PromptRow, {**row, "prompt": []})[0].code == "empty_prompt"
    assert problems(PromptRow, {**row, "completion": [USER]})[0].where == "completion.0"
    assert problems(PromptRow, {**row, "prompt": [USER, ANSWER]})[0].where == "completion.0"


def test_a_labelled_answer_has_a_true_or_false_label() -> None:
    row = {"prompt": [USER], "completion": [ANSWER], "label": False}
    assert problems(LabelRow, row) == []
    assert problems(LabelRow, {**row, "label": 1})[0].code == "wrong_type"
    assert problems(LabelRow, {k: v for k, v in row.items() if k != "label"})[0].code == "missing_member"
    assert problems(LabelRow, {**row, "prompt": [SYSTEM]})[0].code == "first_turn_not_user"


def test_a_preference_has_a_prompt_and_two_answers() -> None:
    row = {"prompt": [USER], "chosen": [ANSWER], "rejected": [{**ANSWER, "content": "No idea."}]}
    assert problems(PreferenceRow, row) == []
    assert problems(PreferenceRow, {**row, "chosen": [CALLS], "tools": [FIND]}) == []
    assert problems(PreferenceRow, {**row, "prompt": []})[0].code == "empty_prompt"
    assert problems(PreferenceRow, {**row, "rejected": []})[0].where == "rejected"
    assert problems(PreferenceRow, {**row, "chosen": [ANSWER, USER]})[0].where == "chosen.1"
    weighted = {**row, "rejected": [{**ANSWER, "weight": 0}]}
    assert problems(PreferenceRow, weighted)[0].where == "rejected.0.weight"


def test_every_rule_has_a_row_that_breaks_it() -> None:
    broken = {code for _, code, _ in CHAT_PROBLEMS}
    assert set(RULES) - broken == {"undeclared_tool", "empty_prompt"}  # the tests above
