"""What the rows of an export have that a trainer must be told of."""

from __future__ import annotations

from .shape import SYSTEM, Record


def note_features(record: Record, found: set[str]) -> None:
    """Add what a record has that a trainer must be told of."""
    turns = record["messages"]
    if record.get("tools"):
        found.add("tools")
    if turns[0]["role"] in SYSTEM:
        found.add("system")
    asked = 0
    for turn in turns:
        asked += turn["role"] == "user"
        if len(turn) > 2 or "content" not in turn:  # more than role and content
            found |= _turn_features(turn)
    if asked > 1:
        found.add("several_turns")


def _turn_features(turn: Record) -> set[str]:
    found = {"tool_calls"} if turn.get("tool_calls") else set[str]()
    if turn.get("reasoning_content"):
        found.add("reasoning")
    if turn.get("tool_calls") and turn.get("content"):
        found.add("content_beside_calls")
    if turn["role"] == "assistant" and turn.get("weight") not in (None, 1):
        found.add("weights")
    return found
