from __future__ import annotations

import pytest
from tuneset.schemas.providers.conversation import RULES, order_problems

S, D, U, A = ({"role": r, "content": r} for r in ("system", "developer", "user", "assistant"))
T = {"role": "tool", "tool_call_id": "c", "content": "4"}
CALLS = {
    "role": "assistant",
    "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
}
TOOL = {"type": "function", "function": {"name": "f"}}


@pytest.mark.parametrize(
    ("turns", "found"),
    [
        ([S, U, A], []),
        ([S, D, U, A, U, A], []),
        ([U, CALLS, T, A], []),
        ([U, CALLS, T, CALLS, T, A, U, A], []),
        ([U, S, A], [("system_not_first", "messages.1")]),
        ([A, U, A], [("starts_with_assistant", "messages.0")]),
        ([S, A, U, A], [("starts_with_assistant", "messages.1")]),
        ([U, A, A], [("two_assistant_turns", "messages.2")]),
        ([U, U, A], [("two_user_turns", "messages.1")]),
    ],
)
def test_the_order_of_turns(turns, found) -> None:
    told = order_problems({"messages": turns, "tools": [TOOL]})
    assert [(p.code, p.where) for p in told] == found


def test_a_tool_that_is_not_defined() -> None:
    """Where a row defines no tool at all, the deployment may."""
    row = {"messages": [U, CALLS, T, A]}
    told = order_problems({**row, "tools": [{"type": "function", "function": {"name": "g"}}]})
    assert [(p.code, p.where) for p in told] == [("undeclared_tool", "messages.1.tool_calls.0.function.name")]
    assert order_problems({**row, "tools": None}) == order_problems(row) == []


def test_tools_in_another_form_are_no_definitions_or_bare_ones() -> None:
    """Some formats take any object as a tool."""
    row = {"messages": [U, CALLS, T, A]}
    for tool in (
        {"function": "f"},
        {"function": {}},
        {"function": {"name": ["f"]}},
        {"type": "web_search"},
        {"name": "f"},
    ):
        assert order_problems({**row, "tools": [tool]}) == []
    (found,) = order_problems({**row, "tools": [{"function": "f"}, {"name": "g"}]})
    assert found.code == "undeclared_tool"


def test_rows_of_another_shape_have_no_such_problems() -> None:
    assert order_problems({"prompt": "q", "completion": "a"}) == []


def test_every_rule_has_a_source() -> None:
    assert all(rule.sentence and "read 20" in rule.source for rule in RULES.values())
