"""Lines that LLaMA-Factory reads with `formatting: sharegpt`, and every rule with its source and date.

LLaMA-Factory is version 0.9.5: data/converter.py, data/formatter.py, data/tool_utils.py, data/template.py
and data/processor, read in November 2026. It skips a row that breaks the order of turns, with a line in the
log; a row whose tools or calls it cannot parse ends the run.

`formatting: openai` is not used: its converter writes "detailed thinking off" into every system prompt.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    StrictBool,
    StrictStr,
    model_validator,
)

from .llamafactory_rules import RULES, called_names, order_problem, tool_names
from .openai_turns import Text
from .problems import Closed, broken

__all__ = ["RULES", "ChatRow", "LabelledRow", "PreferenceRow"]


def _question(text: str) -> str:
    if "{{idx}}" in text:
        raise broken(RULES, "placeholder")
    return text


class SystemTurn(Closed):
    """The system prompt, where it is no column of its own."""

    speaker: Literal["system"] = Field(alias="from")
    value: Text


class HumanTurn(Closed):
    """What the user says."""

    speaker: Literal["human"] = Field(alias="from")
    value: Annotated[Text, AfterValidator(_question)]


class GptTurn(Closed):
    """What the model learns to say."""

    speaker: Literal["gpt"] = Field(alias="from")
    value: Text


class CallTurn(Closed):
    """Tool calls of the assistant: `{"name": ..., "arguments": {...}}`, or a list of them, as JSON text."""

    speaker: Literal["function_call"] = Field(alias="from")
    value: StrictStr


class ObservationTurn(Closed):
    """The answer of a tool."""

    speaker: Literal["observation"] = Field(alias="from")
    value: StrictStr


Turn = Annotated[SystemTurn | HumanTurn | GptTurn | CallTurn | ObservationTurn, Discriminator("speaker")]
Answer = Annotated[GptTurn | CallTurn, Discriminator("speaker")]


class _Row(Closed):
    """What every row has; "" and null are no system prompt and no tools."""

    conversations: Annotated[list[Turn], Field(min_length=1)]
    system: StrictStr | None = None
    tools: StrictStr | None = None

    def _check(self, answers: tuple[GptTurn | CallTurn, ...] = ()) -> None:
        """Raise for the first rule that the conversation breaks; `answers` each close it."""
        if self.system and not self.system.strip():
            raise broken(RULES, "empty_content", "system")
        turns = self.conversations
        both = self.system and turns[0].speaker == "system"
        found = (
            ("late_system_prompt", "0") if both else order_problem([t.speaker for t in turns], bool(answers))
        )
        if found is not None:
            raise broken(RULES, found[0], f"conversations.{found[1]}" if found[1] else "conversations")
        defined = tool_names(self.tools)
        if isinstance(defined, str):
            raise broken(RULES, defined, "tools")
        named = [(turn, f"conversations.{i}") for i, turn in enumerate(turns)]
        named += zip(answers, ("chosen", "rejected"), strict=False)
        for turn, at in named:
            if isinstance(turn, CallTurn):
                self._check_call(turn.value, defined, at)

    def _check_call(self, text: str, defined: set[str], at: str) -> None:
        called = called_names(text)
        if isinstance(called, str):
            raise broken(RULES, called, f"{at}.value")
        if defined and not called <= defined:
            raise broken(RULES, "undeclared_tool", f"{at}.value")


class ChatRow(_Row):
    """One line for `stage: sft`: a conversation; every answer in it is trained on."""

    @model_validator(mode="after")
    def _is_not_skipped(self) -> ChatRow:
        self._check()
        return self


class PreferenceRow(_Row):
    """One line for `stage: dpo`: a prompt, the answer that won and the answer that lost."""

    chosen: Answer
    rejected: Answer

    @model_validator(mode="after")
    def _is_not_skipped(self) -> PreferenceRow:
        self._check((self.chosen, self.rejected))
        return self


class LabelledRow(_Row):
    """One line for `stage: kto`: a conversation, and whether its last answer is good."""

    label: StrictBool

    @model_validator(mode="after")
    def _is_not_skipped(self) -> LabelledRow:
        self._check()
        return self
