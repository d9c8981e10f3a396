"""The order of turns that every provider documents, though some take a file that breaks it.

A row model refuses what the provider refuses. What it takes, and then trains in a way that nobody asked for,
is found here: in rows whose `messages` have the OpenAI shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .problems import RowProblem, Rule
from .trl_turns import name_of

_CHAT = "docs.together.ai/docs/fine-tuning/data-preparation, read 2026-11"
_TOOLS = "platform.openai.com/docs/guides/function-calling, read 2026-11"

_JOIN = "join the turns, or leave the row out; tuneset export --with merge_same_role joins them"
RULES: dict[str, Rule] = {
    "system_not_first": Rule("a system turn stands after another turn", _CHAT),
    "starts_with_assistant": Rule(
        "the assistant speaks before anybody asked", _CHAT, "add the question before it, or leave the row out"
    ),
    "two_assistant_turns": Rule("the assistant speaks twice in a row", _CHAT, _JOIN),
    "two_user_turns": Rule(
        "the user speaks twice in a row", _CHAT, "join the turns, or leave them as people wrote"
    ),
    "undeclared_tool": Rule("a call names a tool that the row does not define", _TOOLS),
}
"""Such a row may be taken by the service; it teaches an order that no request will have."""
TOLERATED = frozenset({"two_user_turns"})
"""What people do in real chats; it is told, and refuses no row."""

_TWICE = {"assistant": "two_assistant_turns", "user": "two_user_turns"}
_INSTRUCTIONS = ("system", "developer")


def order_problems(row: Mapping[str, Any]) -> list[RowProblem]:
    """What is unusual in the order of a row's turns and the tools that it calls.

    Args:
        row: A row that its model accepts. One without `messages` in the OpenAI shape has no such problems.
    """
    messages = row.get("messages")
    if not isinstance(messages, list) or not all(isinstance(turn.get("role"), str) for turn in messages):
        return []
    return [RowProblem(code, where, RULES[code].sentence) for code, where in _found(row)]


def _found(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    messages: Sequence[Mapping[str, Any]] = row["messages"]
    before = ""
    asked = False
    for i, turn in enumerate(messages):
        role = turn["role"]
        if role in _INSTRUCTIONS:
            if before not in ("", *_INSTRUCTIONS):
                yield "system_not_first", f"messages.{i}"
        elif role == "assistant" and not asked:
            yield "starts_with_assistant", f"messages.{i}"
        elif role == before and role in _TWICE:
            yield _TWICE[role], f"messages.{i}"
        before = role
        asked = asked or role == "user"
    yield from _undeclared(messages, row.get("tools") or ())


def _undeclared(
    messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, str]]:
    declared = {name_of(tool) for tool in tools if isinstance(tool, Mapping)} - {None}
    for i, turn in enumerate(messages):
        for k, call in enumerate(turn.get("tool_calls") or ()):
            if declared and call["function"]["name"] not in declared:
                yield "undeclared_tool", f"messages.{i}.tool_calls.{k}.function.name"
