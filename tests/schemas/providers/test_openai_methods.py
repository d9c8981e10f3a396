"""OpenAI's preference and reinforcement lines, and Azure's rules for all three kinds."""

from __future__ import annotations

from typing import Any

import pytest
from tuneset.schemas.providers.azure import (
    AZURE_PREFERENCE_RULES,
    AZURE_REINFORCEMENT_RULES,
    AZURE_RULES,
    AzureChatRow,
    AzurePreferenceRow,
    AzureReinforcementRow,
)
from tuneset.schemas.providers.openai import (
    PREFERENCE_RULES,
    REINFORCEMENT_RULES,
    RULES,
    ChatRow,
    PreferenceRow,
    ReinforcementRow,
)
from tuneset.schemas.providers.problems import problems

USER = {"role": "user", "content": "Where is bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}
WORSE = {"role": "assistant", "content": "No idea."}
CALL = {"id": "c1", "type": "function", "function": {"name": "find_bay", "arguments": '{"bay": 4}'}}
TOOL = {"type": "function", "function": {"name": "find_bay", "parameters": {"type": "object"}}}
ASKS = {"role": "assistant", "tool_calls": [CALL]}
GOES = {"role": "assistant", "tool_calls": [{**CALL, "function": {"name": "go", "arguments": "{}"}}]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "north"}
DEVELOPER = {"role": "developer", "content": "Reply with a dock."}


def _pair(**more: Any) -> dict[str, Any]:
    return {
        "input": {"messages": [USER]},
        "preferred_output": [ANSWER],
        "non_preferred_output": [WORSE],
        **more,
    }


VALID_PAIRS = [
    _pair(),
    _pair(input={"messages": [USER], "tools": [], "parallel_tool_calls": True}),
    _pair(input={"messages": [USER, ASKS, RESULT], "tools": [TOOL]}),
    _pair(input={"messages": [USER, {**ANSWER, "weight": 0}, USER]}),
    _pair(input={"messages": [USER], "tools": [TOOL]}, preferred_output=[ASKS]),
    _pair(non_preferred_output=[{"role": "assistant", "refusal": "No."}]),
]
INVALID_PAIRS: list[tuple[dict[str, Any], str, str]] = [
    ({"preferred_output": [ANSWER], "non_preferred_output": [WORSE]}, "missing_member", "input"),
    (_pair(input={"messages": []}), "wrong_type", "input.messages"),
    (_pair(preferred_output=[]), "not_one_answer", "preferred_output"),
    (_pair(non_preferred_output=[WORSE, WORSE]), "not_one_answer", "non_preferred_output"),
    (_pair(preferred_output=[USER]), "wrong_type", "preferred_output.0.role"),
    (_pair(preferred_output=[{**ANSWER, "weight": 1}]), "unknown_member", "preferred_output.0.weight"),
    (_pair(preferred_output=[{**ANSWER, "content": ""}]), "empty_content", "preferred_output.0.content"),
    (_pair(input={"messages": [USER, ASKS]}), "tool_call_unanswered", "input.messages.1"),
    (
        _pair(input={"messages": [USER, ASKS, USER]}),
        "tool_call_unanswered",
        "input.messages.2",
    ),
    (
        _pair(input={"messages": [USER], "tools": [TOOL]}, preferred_output=[GOES]),
        "undeclared_tool",
        "preferred_output.0.tool_calls.0.function.name",
    ),
    (_pair(id="7"), "unknown_member", "id"),
]


@pytest.mark.parametrize("row", VALID_PAIRS)
def test_valid_preferences(row: dict[str, Any]) -> None:
    assert problems(PreferenceRow, row) == []
    assert problems(AzurePreferenceRow, row) == []


@pytest.mark.parametrize(("row", "code", "where"), INVALID_PAIRS)
def test_invalid_preferences_say_which_rule_and_where(row: dict[str, Any], code: str, where: str) -> None:
    found = problems(PreferenceRow, row)
    assert (found[0].code, found[0].where) == (code, where)


VALID_PROMPTS = [
    {"messages": [USER]},
    {"messages": [DEVELOPER, USER], "reference_answer": "north"},
    {"messages": [USER, ASKS, RESULT, {**ANSWER, "weight": 1}, USER], "tools": [TOOL], "level": {"hard": 3}},
]
INVALID_PROMPTS: list[tuple[dict[str, Any], str, str]] = [
    ({"messages": []}, "last_turn_not_user", "messages"),
    ({"messages": [USER, ANSWER], "reference_answer": "x"}, "last_turn_not_user", "messages"),
    ({"messages": [USER, ASKS, RESULT]}, "last_turn_not_user", "messages"),
    ({"messages": [{**DEVELOPER, "role": "system"}, USER]}, "unknown_role", "messages.0"),
    ({"messages": [USER, ASKS, USER]}, "tool_call_unanswered", "messages.2"),
    ({"messages": [USER], "tools": [{"name": "f"}]}, "missing_member", "tools.0.type"),
    ({"reference_answer": "x"}, "missing_member", "messages"),
]


@pytest.mark.parametrize("row", VALID_PROMPTS)
def test_valid_prompts_with_free_members(row: dict[str, Any]) -> None:
    assert problems(ReinforcementRow, row) == []
    assert problems(AzureReinforcementRow, row) == []


@pytest.mark.parametrize(("row", "code", "where"), INVALID_PROMPTS)
def test_invalid_prompts_say_which_rule_and_where(row: dict[str, Any], code: str, where: str) -> None:
    for model in (ReinforcementRow, AzureReinforcementRow):
        found = problems(model, row)
        assert (found[0].code, found[0].where) == (code, where)


TWO = [USER, ANSWER, ASKS, RESULT, ANSWER]


def test_azure_refuses_a_call_beside_another_assistant_turn() -> None:
    """microsoft-foundry/fine-tuning, issue 23: 'contains invalid schema (20)', without a line."""
    assert problems(ChatRow, {"messages": TWO}) == []
    (found,) = problems(AzureChatRow, {"messages": TWO})
    assert (found.code, found.where) == ("call_beside_assistant", "messages.2")
    assert problems(AzureChatRow, {"messages": [USER, ANSWER, ANSWER]}) == []
    (found,) = problems(AzurePreferenceRow, _pair(input={"messages": [*TWO, USER]}))
    assert (found.code, found.where) == ("call_beside_assistant", "input.messages.2")
    (found,) = problems(AzureReinforcementRow, {"messages": [*TWO, USER]})
    assert (found.code, found.where) == ("call_beside_assistant", "messages.2")


def test_azure_wants_a_user_turn() -> None:
    assert problems(ChatRow, {"messages": [ANSWER]}) == []
    assert [p.code for p in problems(AzureChatRow, {"messages": [ANSWER]})] == ["no_user"]


def test_an_answer_at_azure_may_be_several_turns() -> None:
    several = _pair(preferred_output=[ASKS, RESULT, ANSWER])
    assert problems(AzurePreferenceRow, several) == []
    assert problems(PreferenceRow, several)[0].where == "preferred_output.1.role"
    (found,) = problems(AzurePreferenceRow, _pair(non_preferred_output=[]))
    assert (found.code, found.where) == ("no_answer", "non_preferred_output")
    assert problems(AzurePreferenceRow, _pair(preferred_output=[USER]))[0].code == "unknown_role"
    unasked = _pair(preferred_output=[RESULT, ANSWER])
    assert problems(AzurePreferenceRow, unasked)[0].code == "tool_answer_without_call"


def test_every_rule_beside_those_of_turns_is_reached_and_has_a_source() -> None:
    reached = {code for _, code, _ in (*INVALID_PAIRS, *INVALID_PROMPTS)}
    reached |= {"no_user", "call_beside_assistant", "no_answer"}  # the tests above
    own = [PREFERENCE_RULES, REINFORCEMENT_RULES, AZURE_RULES, AZURE_PREFERENCE_RULES]
    for rules in (*own, AZURE_REINFORCEMENT_RULES):
        assert set(rules) - set(RULES) <= reached
        assert all(rule.sentence and rule.source for rule in rules.values())
