from __future__ import annotations

from typing import Any

import pytest
from tuneset.schemas.providers.problems import problems
from tuneset.schemas.providers.torchtune import RULES, ChatRow

SYSTEM = {"role": "system", "content": "Short."}
USER = {"role": "user", "content": "Where is bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}


@pytest.mark.parametrize("turns", [[USER, ANSWER], [SYSTEM, USER, ANSWER, USER, {**ANSWER, "weight": 1.0}]])
def test_a_conversation_of_text_has_no_problem(turns: Any) -> None:
    assert problems(ChatRow, {"messages": turns}) == []


PROBLEMS = [
    ([USER], "no_assistant", "messages"),
    ([USER, ANSWER, USER], "last_turn_not_assistant", "messages.2"),
    ([USER, {**ANSWER, "content": "\n"}], "empty_content", "messages.1.content"),
    ([USER, SYSTEM, ANSWER], "late_system_prompt", "messages.1"),
    ([ANSWER, USER, ANSWER], "first_turn_not_user", "messages.0"),
    ([SYSTEM, ANSWER], "first_turn_not_user", "messages.1"),
    ([USER, USER, ANSWER], "roles_not_alternating", "messages.1"),
    ([USER, ANSWER, ANSWER], "roles_not_alternating", "messages.2"),
    ([USER, {**ANSWER, "weight": 0.0}], "weight_not_read", "messages.1.weight"),
    ([USER, {"role": "tool", "content": "x"}, ANSWER], "wrong_type", "messages.1.role"),
    ([USER, {"role": "assistant"}], "missing_member", "messages.1.content"),
    ([USER, {**ANSWER, "tool_calls": []}], "unknown_member", "messages.1.tool_calls"),
    ([], "wrong_type", "messages"),
]


@pytest.mark.parametrize(("turns", "code", "where"), PROBLEMS)
def test_a_broken_conversation_says_what_and_where(turns: Any, code: str, where: str) -> None:
    found = problems(ChatRow, {"messages": turns})
    assert (found[0].code, found[0].where) == (code, where)


def test_every_rule_has_a_row_that_breaks_it() -> None:
    assert set(RULES) <= {code for _, code, _ in PROBLEMS}
