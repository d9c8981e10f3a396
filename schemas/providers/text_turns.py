"""Conversations of texts alone, as several trainers read them: no tools, no weights, no names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from .openai_turns import Text
from .problems import Closed, Rule, broken, sourced
from .turn_rules import TURN_RULES

_OURS = "not in the format; nothing is learnt from such a turn"

RULES: dict[str, Rule] = sourced(
    TURN_RULES, dict.fromkeys(("no_assistant", "last_turn_not_assistant", "empty_content"), _OURS)
)


class TextTurn(Closed):
    """One turn."""

    role: Literal["system", "user", "assistant"]
    content: Text


TextTurns = Annotated[list[TextTurn], Field(min_length=1)]


def teaches(turns: Sequence[TextTurn], member: str) -> None:
    """Refuse turns that teach nothing.

    Args:
        turns: A conversation.
        member: What holds it, for the problem's place.

    Raises:
        PydanticCustomError: No turn is the assistant's, or the last is not.
    """
    if all(turn.role != "assistant" for turn in turns):
        raise broken(RULES, "no_assistant", member)
    if turns[-1].role != "assistant":
        raise broken(RULES, "last_turn_not_assistant", f"{member}.{len(turns) - 1}")
