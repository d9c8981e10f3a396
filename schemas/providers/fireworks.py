"""Lines of Fireworks AI datasets: supervised (chat), preference (DPO) and reinforcement (RFT).

SFT is docs.fireworks.ai/fine-tuning/fine-tuning-models: OpenAI's chat lines work there with no changes;
DPO is dpo-fine-tuning and RFT is training-prerequisites in the same place. All read in November 2026.
Fireworks checks files at its server alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StrictBool, StrictStr, model_validator

from .openai_turns import (
    Parts,
    Text,
    Texts,
    ToolDefinition,
)
from .problems import Closed, Rule, broken, sourced
from .together import Bit, ToolCall, ToolTurn
from .turn_rules import (
    ANSWER_RULES,
    PROMPT_RULES,
    TURN_RULES,
    asks_last,
    calls_match,
    not_silent,
    one_answer_each,
    trains_something,
)

_SFT = "docs.fireworks.ai/fine-tuning/fine-tuning-models, read 2026-11"
_DPO = "docs.fireworks.ai/fine-tuning/dpo-fine-tuning, read 2026-11"
_RFT = "docs.fireworks.ai/fine-tuning/training-prerequisites, read 2026-11"
_OURS = "not in Fireworks' documentation; nothing is learnt from such a turn"
_OPENAI = "the OpenAI form of tool calls, which docs.fireworks.ai/fine-tuning/fine-tuning-models names"

MIN_ROWS, MAX_ROWS = 3, 3_000_000
"""Examples of a dataset: SFT and DPO."""

_SOURCES = {
    "no_assistant": _OURS,
    "last_turn_not_assistant": _OURS,
    "nothing_trained": _OURS,
    "empty_content": _OURS,
    "bad_function_name": _OPENAI,
    "arguments_not_json": _OPENAI,
    "tool_call_twice": _OPENAI,
    "tool_answer_without_call": _OPENAI,
    "tool_call_unanswered": _OPENAI,
    "undeclared_tool": "not in the documentation; the model would learn to call what it is not offered",
}
RULES: dict[str, Rule] = {
    **sourced(TURN_RULES, _SOURCES),
    "bad_weight": Rule("a weight is neither 0 nor 1", _SFT),
    "late_system_prompt": Rule("a system turn stands later than first, which this format cannot carry", _SFT),
}
PREFERENCE_RULES: dict[str, Rule] = {
    **RULES,
    **sourced(ANSWER_RULES, {"not_one_answer": _DPO}),
}
REINFORCEMENT_RULES: dict[str, Rule] = {
    **RULES,
    **sourced(PROMPT_RULES, {"last_turn_not_user": _RFT}),
}


class SystemTurn(Closed):
    """Instructions before the conversation."""

    role: Literal["system"]
    content: Text | Texts
    name: StrictStr = ""
    weight: Bit = None


class UserTurn(Closed):
    """What the user says or shows."""

    role: Literal["user"]
    content: Text | Parts
    name: StrictStr = ""
    weight: Bit = None


class Answer(Closed):
    """What the assistant says; content may be missing or null only beside calls."""

    role: Literal["assistant"]
    content: StrictStr | Texts | None = None
    name: StrictStr = ""
    tool_calls: Annotated[list[ToolCall], Field(min_length=1)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _not_silent(self) -> Answer:
        not_silent(self.content, self.tool_calls)
        return self


class AssistantTurn(Answer):
    """An answer in a conversation, perhaps with the thinking before it."""

    reasoning_content: StrictStr | None = None
    weight: Bit = None


Turn = Annotated[SystemTurn | UserTurn | AssistantTurn | ToolTurn, Discriminator("role")]


class ChatRow(Closed):
    """One line of a supervised dataset; `weight` multiplies the loss of the whole row."""

    messages: Annotated[list[Turn], Field(min_length=1)]
    tools: list[ToolDefinition] = Field(default_factory=list)
    parallel_tool_calls: StrictBool = True
    weight: Annotated[float, Field(strict=True, allow_inf_nan=False)] = 1.0

    @model_validator(mode="after")
    def _learns(self) -> ChatRow:
        trains_something(self.messages)
        _system_first(self.messages, "messages")
        calls_match(self.messages, self.tools)
        return self


class PromptInput(Closed):
    """The conversation before the two answers."""

    messages: Annotated[list[Turn], Field(min_length=1)]
    tools: list[ToolDefinition] = Field(default_factory=list)
    parallel_tool_calls: StrictBool = True


class PreferenceRow(Closed):
    """One line of a preference dataset."""

    input: PromptInput
    preferred_output: list[Answer]
    non_preferred_output: list[Answer]

    @model_validator(mode="after")
    def _two_answers(self) -> PreferenceRow:
        _system_first(self.input.messages, "input.messages")
        one_answer_each(self)
        return self


class ReinforcementRow(BaseModel):
    """One line of a reinforcement dataset: a prompt; every other member is the evaluator's to read."""

    model_config = ConfigDict(extra="allow")

    messages: list[Turn]
    tools: list[ToolDefinition] = Field(default_factory=list)

    @model_validator(mode="after")
    def _asks(self) -> ReinforcementRow:
        asks_last(self.messages)
        _system_first(self.messages, "messages")
        calls_match(self.messages, self.tools)
        return self


def _system_first(turns: Sequence[Any], where: str) -> None:
    for i in range(1, len(turns)):
        if turns[i].role == "system":
            raise broken(RULES, "late_system_prompt", f"{where}.{i}")
