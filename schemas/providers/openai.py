"""Lines of OpenAI fine-tuning files: supervised (chat), preference (DPO) and reinforcement (RFT).

Azure OpenAI reads the same lines. The schemas are FineTuneChatRequestInput, FineTunePreferenceRequestInput
and FineTuneReinforcementRequestInput of the OpenAPI description (see `turn_rules`).
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StrictBool, model_validator

from .openai_turns import (
    Answer,
    AssistantTurn,
    ChatTurn,
    DeveloperTurn,
    FunctionDefinition,
    ToolDefinition,
    ToolTurn,
    UserTurn,
)
from .problems import Closed, Rule, broken
from .turn_rules import SPEC, TURN_RULES, calls_match, trains_something

_RFT = "learn.microsoft.com, Foundry, how-to/reinforcement-fine-tuning (the same lines), read 2026-11"

MIN_TRAIN_ROWS = 10
"""Fewer training rows are refused: platform.openai.com/docs/guides/supervised-fine-tuning."""

RULES: dict[str, Rule] = TURN_RULES
PREFERENCE_RULES: dict[str, Rule] = {
    **TURN_RULES,
    "not_one_answer": Rule(
        "the better or the worse answer is not exactly one assistant turn",
        SPEC,
        "give one assistant turn as each answer",
    ),
}
REINFORCEMENT_RULES: dict[str, Rule] = {
    **TURN_RULES,
    "last_turn_not_user": Rule(
        "the last turn of the prompt is not the user's", _RFT, "end the messages with the user's turn"
    ),
}


class ChatRow(Closed):
    """One line of a supervised fine-tuning file."""

    messages: Annotated[list[ChatTurn], Field(min_length=1)]
    tools: list[ToolDefinition] = Field(default_factory=list)
    parallel_tool_calls: StrictBool = True
    functions: Annotated[list[FunctionDefinition], Field(min_length=1, max_length=128)] = Field(
        default_factory=list
    )

    @model_validator(mode="after")
    def _learns(self) -> ChatRow:
        trains_something(self.messages)
        calls_match(self.messages, self.tools)
        return self


class PromptInput(Closed):
    """The conversation before the two answers."""

    messages: Annotated[list[ChatTurn], Field(min_length=1)]
    tools: list[ToolDefinition] = Field(default_factory=list)
    parallel_tool_calls: StrictBool = True


class PreferenceRow(Closed):
    """One line of a preference file: a prompt, a better and a worse answer."""

    input: PromptInput
    preferred_output: list[Answer]
    non_preferred_output: list[Answer]

    @model_validator(mode="after")
    def _two_answers(self) -> PreferenceRow:
        for name, turns in _outputs(self):
            if len(turns) != 1:
                raise broken(PREFERENCE_RULES, "not_one_answer", name)
        calls_match(self.input.messages, self.input.tools, "input.messages", ends=False)
        for name, turns in _outputs(self):
            calls_match(turns, self.input.tools, name)
        return self


def _outputs(row: PreferenceRow) -> tuple[tuple[str, list[Answer]], ...]:
    return (
        ("preferred_output", row.preferred_output),
        ("non_preferred_output", row.non_preferred_output),
    )


PromptTurn = Annotated[DeveloperTurn | UserTurn | AssistantTurn | ToolTurn, Discriminator("role")]


class ReinforcementRow(BaseModel):
    """One line of a reinforcement file: a prompt; every other member is the grader's to read."""

    model_config = ConfigDict(extra="allow")

    messages: list[PromptTurn]
    tools: list[ToolDefinition] = Field(default_factory=list)

    @model_validator(mode="after")
    def _asks(self) -> ReinforcementRow:
        asks_last(self.messages)
        calls_match(self.messages, self.tools)
        return self


def asks_last(turns: list[Any]) -> None:
    """A prompt ends with the user's turn.

    Raises:
        PydanticCustomError: It does not.
    """
    if not turns or turns[-1].role != "user":
        raise broken(REINFORCEMENT_RULES, "last_turn_not_user", "messages")
