"""A conversation as tools show it that know role and text alone."""

from __future__ import annotations

import json
from typing import Any, Protocol

from ..rows import turn_text

EMPTY = "(empty)"
"""Stands for a turn without text, which tools refuse."""


class Shown(Protocol):
    """A row that a tool is to show."""

    @property
    def row(self) -> dict[str, Any]:
        """Its members as JSON values: messages, tools and rejected."""
        ...

    @property
    def row_id(self) -> str: ...
    @property
    def content_id(self) -> str: ...
    @property
    def answer(self) -> str | None:
        """The text of the answer turn, or None."""
        ...

    @property
    def why(self) -> str | None:
        """Why a person should look at it."""
        ...


def shown_turns(turns: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Role and text of each turn: names, reasoning and tool calls as text."""
    return [(turn["role"], _text(turn)) for turn in turns]


def _text(turn: dict[str, Any]) -> str:
    parts = [f"[reasoning]\n{turn['reasoning_content']}"] if turn.get("reasoning_content") else []
    if turn.get("tool_call_id"):
        parts.append(f"[result of {turn['tool_call_id']}]")
    parts.append(turn_text(turn))
    return "\n".join(part for part in parts if part) or EMPTY


def tools_text(row: dict[str, Any]) -> str | None:
    """The tool definitions as indented JSON, or None."""
    return json.dumps(row["tools"], ensure_ascii=False, indent=2) if row["tools"] else None


def rejected_text(row: dict[str, Any]) -> str | None:
    """The losing turns of a preference row as text, or None."""
    if row["rejected"] is None:
        return None
    return "\n\n".join(f"{role}: {text}" for role, text in shown_turns(row["rejected"]))


def answer_of(row: dict[str, Any]) -> str | None:
    """The text of the answer turn: the last turn, when it is the assistant's and has text; else None."""
    last = row["messages"][-1] if row["messages"] else {}
    return (last.get("content") or None) if last.get("role") == "assistant" else None
