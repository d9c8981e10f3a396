"""Lines that TRL's trainers read in the conversational form, and every rule with its source and date.

TRL is version 1.16.0: docs/source/dataset_formats.md and trl/data_utils.py, read in November 2026.
Tool arguments are objects there, as chat templates want them, and not JSON text.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr, model_validator

from .problems import Rule, broken

_TRL = "TRL 1.16.0, dataset_formats.md, read 2026-11"
_OURS = "not in the format; nothing is learnt from such a turn"

RULES: dict[str, Rule] = {
    "no_assistant": Rule("no turn is the assistant's", _OURS),
    "last_turn_not_assistant": Rule("the last turn is not the assistant's", _OURS),
    "empty_content": Rule("a turn has no text", _OURS),
    "empty_prompt": Rule("there is no turn before the answers", _TRL),
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FunctionCall(_Strict):
    """Name and arguments of a call."""

    name: StrictStr
    arguments: dict[str, Any]


class ToolCall(_Strict):
    """One call of a tool by the assistant."""

    id: StrictStr | None = None
    type: Literal["function"]
    function: FunctionCall


class Turn(_Strict):
    """One turn; a chat template decides what it does with `name` and `reasoning_content`."""

    role: Literal["system", "user", "assistant", "tool"]
    content: StrictStr | None = None
    name: StrictStr | None = None
    reasoning_content: StrictStr | None = None
    tool_calls: Annotated[list[ToolCall], Field(min_length=1)] | None = None
    tool_call_id: StrictStr | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Turn:
        if not (self.content or "").strip() and not self.tool_calls and self.role != "tool":
            raise broken(RULES, "empty_content", "content")
        return self


Turns = Annotated[list[Turn], Field(min_length=1)]


class ChatRow(_Strict):
    """One line for SFTTrainer: a conversation."""

    messages: Turns
    tools: list[dict[str, Any]] | None = None

    @model_validator(mode="after")
    def _ends_with_the_assistant(self) -> ChatRow:
        if all(turn.role != "assistant" for turn in self.messages):
            raise broken(RULES, "no_assistant", "messages")
        if self.messages[-1].role != "assistant":
            raise broken(RULES, "last_turn_not_assistant", f"messages.{len(self.messages) - 1}")
        return self


class PreferenceRow(_Strict):
    """One line for DPOTrainer: a prompt, the answer that won and the answer that lost."""

    prompt: list[Turn]
    chosen: Turns
    rejected: Turns
    tools: list[dict[str, Any]] | None = None

    @model_validator(mode="after")
    def _prompt_then_answers(self) -> PreferenceRow:
        if not self.prompt:
            raise broken(RULES, "empty_prompt", "prompt")
        for name, turns in (("chosen", self.chosen), ("rejected", self.rejected)):
            if turns[-1].role != "assistant":
                raise broken(RULES, "last_turn_not_assistant", f"{name}.{len(turns) - 1}")
        return self
