"""Lines of OpenAI fine-tuning files: supervised (chat), preference (DPO) and reinforcement (RFT).

Azure OpenAI reads the same lines. The schemas are FineTuneChatRequestInput, FineTunePreferenceRequestInput
and FineTuneReinforcementRequestInput of the OpenAPI description (see `turn_rules`).
"""

from __future__ import annotations

from typing import Annotated

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
from .problems import Closed, Rule
from .turn_rules import (
    ANSWER_RULES,
    PROMPT_RULES,
    TURN_RULES,
    asks_last,
    calls_match,
    one_answer_each,
    trains_something,
)

MIN_TRAIN_ROWS = 10
"""Fewer training rows are refused: platform.openai.com/docs/guides/supervised-fine-tuning."""

RULES: dict[str, Rule] = TURN_RULES
PREFERENCE_RULES: dict[str, Rule] = {**TURN_RULES, **ANSWER_RULES}
REINFORCEMENT_RULES: dict[str, Rule] = {**TURN_RULES, **PROMPT_RULES}


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
        one_answer_each(self)
        return self


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
