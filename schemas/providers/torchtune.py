"""Lines that torchtune's chat_dataset reads with conversation_style openai, and every rule with its source.

torchtune is version 0.6.1, its last: torchtune/data/_messages.py (OpenAIToMessages, validate_messages), read
in November 2026. Only `role` and `content` are read; a turn without text, such as a call of a tool, would
silently take the text of the turn before it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict, StrictStr, model_validator

from .problems import Closed, Rule, broken
from .turn_order import role_problem

_CODE = "torchtune 0.6.1, torchtune/data/_messages.py, read 2026-11"
_OURS = "not in the format; nothing is learnt from such a turn"

RULES: dict[str, Rule] = {
    "no_assistant": Rule("no turn is the assistant's", _OURS),
    "last_turn_not_assistant": Rule("the last turn is not the assistant's", _OURS),
    "empty_content": Rule("a turn has no text", _OURS),
    "late_system_prompt": Rule("a system turn stands later than first", _CODE),
    "first_turn_not_user": Rule("the first turn after the system prompt is not the user's", _CODE),
    "roles_not_alternating": Rule("two turns in a row have the same role", _CODE),
    "weight_not_read": Rule("a turn has a weight, which torchtune does not read, and it is not 1", _CODE),
}


class Turn(Closed):
    """One turn; every assistant turn is learnt."""

    role: Literal["system", "user", "assistant"]
    content: StrictStr
    weight: Annotated[float, Strict()] | None = None


class ChatRow(Closed):
    """One line: a conversation."""

    messages: Annotated[list[Turn], Field(min_length=1)]

    @model_validator(mode="after")
    def _turns_in_order(self) -> ChatRow:
        before = ""
        if all(turn.role != "assistant" for turn in self.messages):
            raise broken(RULES, "no_assistant", "messages")
        for i, turn in enumerate(self.messages):
            code = role_problem(turn.role, before)
            if code is None and not turn.content.strip():
                raise broken(RULES, "empty_content", f"messages.{i}.content")
            if code is None and turn.role == "assistant" and turn.weight not in (None, 1):
                raise broken(RULES, "weight_not_read", f"messages.{i}.weight")
            if code is not None:
                raise broken(RULES, code, f"messages.{i}")
            before = turn.role
        if before != "assistant":
            raise broken(RULES, "last_turn_not_assistant", f"messages.{len(self.messages) - 1}")
        return self
