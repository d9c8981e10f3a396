from __future__ import annotations

from typing import Any

import pytest
from tuneset.schemas.providers.problems import problems
from tuneset.schemas.providers.trl import RULES, ChatRow, PreferenceRow

USER = {"role": "user", "content": "Where is bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}
CALL = {"type": "function", "function": {"name": "find_bay", "arguments": {"bay": 4}}}
TEXT_CALL = {"type": "function", "function": {"name": "find_bay", "arguments": '{"bay": 4}'}}
TOOL = {"role": "tool", "name": "find_bay", "content": "north"}


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [USER, ANSWER]},
        {"messages": [{"role": "system", "content": "Short."}, USER, {**ANSWER, "reasoning_content": "Hm."}]},
        {
            "messages": [USER, {"role": "assistant", "tool_calls": [CALL]}, TOOL, ANSWER],
            "tools": [{"any": 1}],
        },
    ],
)
def test_a_conversation_has_no_problem(row: dict[str, Any]) -> None:
    assert problems(ChatRow, row) == []


CHAT_PROBLEMS = [
    ({"messages": [USER]}, "no_assistant", "messages"),
    ({"messages": [USER, ANSWER, USER]}, "last_turn_not_assistant", "messages.2"),
    ({"messages": [USER, {**ANSWER, "content": " "}]}, "empty_content", "messages.1.content"),
    ({"messages": [USER, {**ANSWER, "weight": 1}]}, "unknown_member", "messages.1.weight"),
    ({"messages": [{**USER, "role": "human"}, ANSWER]}, "wrong_type", "messages.0.role"),
    (
        {"messages": [USER, {"role": "assistant", "tool_calls": [TEXT_CALL]}]},
        "wrong_type",
        "messages.1.tool_calls.0.function.arguments",
    ),
]


@pytest.mark.parametrize(("row", "code", "where"), CHAT_PROBLEMS)
def test_a_broken_conversation_says_what_and_where(row: Any, code: str, where: str) -> None:
    found = problems(ChatRow, row)
    assert (found[0].code, found[0].where) == (code, where)


def test_a_preference_has_a_prompt_and_two_answers() -> None:
    row = {"prompt": [USER], "chosen": [ANSWER], "rejected": [{**ANSWER, "content": "No idea."}]}
    assert problems(PreferenceRow, row) == []
    assert problems(PreferenceRow, {**row, "prompt": []})[0].code == "empty_prompt"
    assert problems(PreferenceRow, {**row, "rejected": []})[0].where == "rejected"
    assert problems(PreferenceRow, {**row, "chosen": [ANSWER, USER]})[0].where == "chosen.1"
    assert set(RULES) == {code for _, code, _ in CHAT_PROBLEMS if code in RULES} | {"empty_prompt"}
