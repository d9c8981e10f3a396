"""Lines that TRL's trainers read in the conversational form, and every rule with its source and date.

TRL is version 1.16.0: docs/source/dataset_formats.md, trl/data_utils.py and the chat templates that it ships,
read in November 2026. TRL itself looks at little of a row; what a base model's chat template does not take is
refused here, before a training run ends with it. Tool arguments are objects, as chat templates want them, and
not JSON text. `weight` is a note: TRL reads none, so it stands only where it says what TRL does anyway.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    Discriminator,
    Field,
    Strict,
    StrictBool,
    StrictStr,
    model_validator,
)

from .problems import Closed, Rule, broken
from .trl_turns import check_conversation, check_weights
from .turn_order import place_in

_TRL = "TRL 1.16.0, dataset_formats.md, read 2026-11"
_LOSS = "TRL 1.16.0, trl/trainer/sft_trainer.py: no weight is read, read 2026-11"
_OURS = "not in the format; nothing is learnt from such a turn"
_ORDER = "TRL 1.16.0, chat_templates/gemma.jinja and cohere.jinja raise, read 2026-11"
_SYSTEM = "TRL 1.16.0, chat_templates/qwen3_6.jinja raises, read 2026-11"
_CALLS = "TRL 1.16.0, chat_templates/gptoss.jinja raises, read 2026-11"
_PAIRS = "TRL 1.16.0, chat_templates: results are told after their calls, in their order; read 2026-11"

RULES: dict[str, Rule] = {
    "no_assistant": Rule("no turn is the assistant's", _OURS),
    "last_turn_not_assistant": Rule("the last turn is not the assistant's", _OURS),
    "empty_content": Rule("a turn has no text", _OURS),
    "empty_prompt": Rule("there is no turn before the answers", _TRL),
    "late_system_prompt": Rule(
        "a system turn stands later than first, which templates such as Qwen 3.6's refuse", _SYSTEM
    ),
    "first_turn_not_user": Rule(
        "the first turn after the system prompt is not the user's, which templates such as Gemma's refuse",
        _ORDER,
    ),
    "roles_not_alternating": Rule(
        "two turns in a row have the same role, which templates such as Gemma's refuse", _ORDER
    ),
    "tool_answer_without_call": Rule(
        "a tool turn answers no tool call of the assistant turn before it", _CALLS
    ),
    "tool_call_unanswered": Rule("the conversation goes on before every tool call is answered", _PAIRS),
    "undeclared_tool": Rule("a tool is called that the row's `tools` do not define", _PAIRS),
    "weight_not_read": Rule(
        "a turn has a weight that TRL does not read: it would do something else with the turn", _LOSS
    ),
}


class FunctionCall(Closed):
    """Name and arguments of a call."""

    name: Annotated[StrictStr, Field(min_length=1)]
    arguments: dict[str, Any]


class ToolCall(Closed):
    """One call of a tool by the assistant."""

    id: StrictStr | None = None
    type: Literal["function"]
    function: FunctionCall


class AskingTurn(Closed):
    """Instructions, or what the user says."""

    role: Literal["system", "user"]
    content: StrictStr
    name: StrictStr | None = None


class AssistantTurn(Closed):
    """What the model learns to say; a chat template decides what it does with `reasoning_content`."""

    role: Literal["assistant"]
    content: StrictStr | None = None
    name: StrictStr | None = None
    reasoning_content: StrictStr | None = None
    tool_calls: Annotated[list[ToolCall], Field(min_length=1)] | None = None
    weight: Annotated[float, Strict()] | None = None


class ToolTurn(Closed):
    """The answer of a tool."""

    role: Literal["tool"]
    content: StrictStr | None = None
    name: StrictStr | None = None
    tool_call_id: StrictStr | None = None


Turn = Annotated[AskingTurn | AssistantTurn | ToolTurn, Discriminator("role")]
Turns = Annotated[list[Turn], Field(min_length=1)]
Tools = list[dict[str, Any]]


class ChatRow(Closed):
    """One line for SFTTrainer: a conversation."""

    messages: Turns
    tools: Tools | None = None

    @model_validator(mode="after")
    def _can_be_learnt(self) -> ChatRow:
        if all(turn.role != "assistant" for turn in self.messages):
            raise broken(RULES, "no_assistant", "messages")
        check_conversation(RULES, self.messages, place_in("messages"), self.tools)
        check_weights(RULES, self.messages, place_in("messages"), (None, 1))
        return self


class PromptRow(Closed):
    """One line for SFTTrainer: a prompt, and the completion that alone is learnt."""

    prompt: list[Turn]
    completion: Turns
    tools: Tools | None = None

    @model_validator(mode="after")
    def _can_be_learnt(self) -> PromptRow:
        _check_answer(self.prompt, self.completion, "completion", self.tools)
        check_weights(RULES, self.prompt, place_in("prompt"), (None, 0))
        return self


class LabelRow(Closed):
    """One line for KTOTrainer: a prompt, an answer, and whether it is good."""

    prompt: list[Turn]
    completion: Turns
    label: StrictBool
    tools: Tools | None = None

    @model_validator(mode="after")
    def _can_be_learnt(self) -> LabelRow:
        _check_answer(self.prompt, self.completion, "completion", self.tools)
        check_weights(RULES, self.prompt, place_in("prompt"), (None, 0, 1))
        return self


class PreferenceRow(Closed):
    """One line for DPOTrainer: a prompt, the answer that won and the answer that lost."""

    prompt: list[Turn]
    chosen: Turns
    rejected: Turns
    tools: Tools | None = None

    @model_validator(mode="after")
    def _prompt_then_answers(self) -> PreferenceRow:
        _check_answer(self.prompt, self.chosen, "chosen", self.tools)
        _check_answer(self.prompt, self.rejected, "rejected", self.tools)
        check_weights(RULES, self.prompt, place_in("prompt"), (None, 0, 1))
        return self


def _check_answer(prompt: list[Turn], answer: list[Turn], name: str, tools: Tools | None) -> None:
    """A prompt and one answer to it are a conversation, of which the answer is learnt."""
    if not prompt:
        raise broken(RULES, "empty_prompt", "prompt")
    check_conversation(RULES, [*prompt, *answer], place_in("prompt", len(prompt), name), tools)
    check_weights(RULES, answer, place_in(name), (None, 1))
