"""What tools that know role and text alone show otherwise."""

from __future__ import annotations

from typing import Any

TOOL_CALLS = "tool calls are shown as text, and an edit does not change them"
NO_ANSWER = "the last turn is no answer with text, so an edit is not asked for"
OTHER_TURNS = "an edit changes the last turn alone; edit other turns in the app"
REASONING = "reasoning is shown as text before the answer, and an edit does not change it"


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
