"""A conversation as tools show it that know role and text alone."""

from __future__ import annotations

import json
from typing import Any

from ...curate.rows import turn_text

EMPTY = "(empty)"
"""Stands for a turn without text, which tools refuse."""
TOOL_CALLS = "tool calls are shown as text, and an edit does not change them"
NO_ANSWER = "the last turn is no answer with text, so an edit is not asked for"
OTHER_TURNS = "an edit changes the last turn alone; edit other turns in the app"
REASONING = "reasoning is shown as text before the answer, and an edit does not change it"


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


def told_otherwise(row: dict[str, Any], answer: str | None) -> list[str]:
    """What a tool shows in another form than it is, or cannot take an edit of."""
    turns = row["messages"]
    found = []
    if any(turn.get("tool_calls") for turn in turns):
        found.append(TOOL_CALLS)
    if any(turn.get("reasoning_content") for turn in turns):
        found.append(REASONING)
    if answer is None:
        found.append(NO_ANSWER)
    if sum(turn["role"] == "assistant" for turn in turns) > 1:
        found.append(OTHER_TURNS)
    return found
