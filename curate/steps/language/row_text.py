"""The texts of a row that its languages are read from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...rows import Turn

MAX_CONTEXT = 4000


class RowText(NamedTuple):
    """The last question, its answer, and everything before the answer; tool calls are left out."""

    prompt: str
    answer: str
    context: str


def row_text(turns: Sequence[Turn]) -> RowText:
    """The texts of one conversation."""
    answered = bool(turns) and turns[-1].get("role") == "assistant"
    before = turns[:-1] if answered else turns
    answer = (turns[-1].get("content") or "") if answered else ""
    asked = [turn.get("content") or "" for turn in before if turn.get("role") == "user"]
    context = "\n".join([(turn.get("content") or "")[:MAX_CONTEXT] for turn in before])
    return RowText(asked[-1] if asked else "", answer, context)
