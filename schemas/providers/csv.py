"""Rows of CSV files: a prompt and its completion, or a whole conversation as JSON text.

The form of the file is RFC 4180; the columns are those of the prompt-completion files that OpenAI, Predibase,
Together and TRL share, and `messages` in the OpenAI chat shape. Read in November 2026.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StrictStr, TypeAdapter, ValidationError, model_validator

from .canonical import RULES as TURN_RULES
from .canonical import TURNS, check_chat
from .problems import Closed, Rule, broken, sourced

_COLUMNS = "a row of a prompt and its completion, as every trainer reads it"
_OPENAI = "the OpenAI chat shape, read 2026-11"

RULES: dict[str, Rule] = {
    **TURN_RULES,
    **sourced(
        TURN_RULES, dict.fromkeys(("empty_content", "no_assistant", "last_turn_not_assistant"), _COLUMNS)
    ),
    "not_messages": Rule(
        "the cell is no JSON list of turns with known roles",
        _OPENAI,
        fix="write the turns as a JSON list, each with role and content",
    ),
    "not_tools": Rule(
        "the cell is no JSON list of tool definitions",
        _OPENAI,
        fix="write the definitions as JSON text, or leave the cell empty",
    ),
}
_TOOLS: TypeAdapter[list[dict[str, Any]]] = TypeAdapter(Annotated[list[dict[str, Any]], Field(min_length=1)])


class PromptRow(Closed):
    """A prompt, its completion and, where the file has the column, a system prompt; an empty one is none."""

    prompt: StrictStr
    completion: StrictStr
    system: StrictStr | None = None

    @model_validator(mode="after")
    def _full(self) -> PromptRow:
        for name in ("prompt", "completion"):
            if not getattr(self, name).strip():
                raise broken(RULES, "empty_content", name)
        if self.system and not self.system.strip():
            raise broken(RULES, "empty_content", "system")
        return self


class MessagesRow(Closed):
    """A conversation as JSON text and, where the file has the column, tool definitions as JSON text."""

    messages: StrictStr
    tools: StrictStr | None = None

    @model_validator(mode="after")
    def _json(self) -> MessagesRow:
        try:
            turns = TURNS.validate_json(self.messages)
        except ValidationError as error:
            raise broken(RULES, "not_messages", "messages") from error
        check_chat(turns)
        try:
            if self.tools:
                _TOOLS.validate_json(self.tools)
        except ValidationError as error:
            raise broken(RULES, "not_tools", "tools") from error
        return self
