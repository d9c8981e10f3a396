"""Lines that Axolotl reads with `type: chat_template`, and every rule with its source and date.

Axolotl is version 0.19.0: prompt_strategies (chat_template.py, dpo/chat_template.py, kto/chatml.py) and the
chat templates that it ships, read in November 2026. It loads rows through Arrow, where all rows share one
type: arguments and tools are JSON text, because objects with different keys would be joined.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    StrictBool,
    StrictStr,
    model_validator,
)

from .axolotl_rules import FRAMES, RULES, SENTINELS, Spoken, conversation_problem, defined_names
from .openai_turns import Arguments, Text
from .problems import Closed, broken

__all__ = ["RULES", "ChatRow", "LabelledRow", "PreferenceRow"]


def _no_sentinel(text: str) -> str:
    if text in SENTINELS:
        raise broken(RULES, "sentinel")
    return text


def _answer(text: str) -> str:
    if text != text.strip():
        raise broken(RULES, "outer_space")
    if text in FRAMES:
        raise broken(RULES, "answer_in_template")
    return text


Answer = Annotated[Text, AfterValidator(_answer)]
Name = Annotated[StrictStr, Field(min_length=1)]


class FunctionCall(Closed):
    """Name and arguments of a call; the arguments are JSON as text."""

    name: Name
    arguments: Arguments


class ToolCall(Closed):
    """One call of a tool by the assistant."""

    id: StrictStr | None = None
    type: Literal["function"] = "function"
    function: FunctionCall


class _Turn(Closed):
    """What every turn may have; `train` wins over `roles_to_train`."""

    name: StrictStr | None = None
    train: StrictBool | None = None


class SystemTurn(_Turn):
    """Instructions before the conversation."""

    role: Literal["system"]
    content: Text


class UserTurn(_Turn):
    """What the user says."""

    role: Literal["user"]
    content: Text


class AssistantTurn(_Turn):
    """What the model learns to say; content may be missing beside tool calls."""

    role: Literal["assistant"]
    content: Annotated[StrictStr, AfterValidator(_no_sentinel)] | None = None
    reasoning_content: StrictStr | None = None
    tool_calls: Annotated[list[ToolCall], Field(min_length=1)] | None = None


class ToolTurn(_Turn):
    """The answer of a tool."""

    role: Literal["tool"]
    content: StrictStr
    tool_call_id: StrictStr | None = None


Turn = Annotated[SystemTurn | UserTurn | AssistantTurn | ToolTurn, Discriminator("role")]
Turns = Annotated[list[Turn], Field(min_length=1)]


class ChatRow(Closed):
    """One line for `type: chat_template`: a conversation."""

    messages: Turns
    tools: StrictStr | list[dict[str, Any]] | None = None

    @model_validator(mode="after")
    def _can_be_learnt(self) -> ChatRow:
        defined = defined_names(self.tools)
        if defined is None:
            raise broken(RULES, "tools_not_json", "tools")
        spoken = [_spoken(turn) for turn in self.messages]
        found = conversation_problem(spoken, defined)
        if found is None and all(t.train is False for t in self.messages if t.role == "assistant"):
            found = ("nothing_trained", "")
        if found is not None:
            code, at = found
            raise broken(RULES, code, f"messages.{at}" if at else "messages")
        return self


def _spoken(turn: Turn) -> Spoken:
    if isinstance(turn, AssistantTurn):
        calls = [(call.id, call.function.name) for call in turn.tool_calls or ()]
        says = bool(calls) or bool((turn.content or "").strip())
        return Spoken("assistant", says=says, calls=calls)
    if isinstance(turn, ToolTurn):
        return Spoken("tool", answers=turn.tool_call_id)
    return Spoken(turn.role)


class PlainTurn(Closed):
    """A turn of which role and content alone are read."""

    role: Literal["system", "user", "assistant"]
    content: Text


class PlainAnswer(Closed):
    """An answer that is looked for in the rendered template."""

    role: Literal["assistant"]
    content: Answer


class PreferenceRow(Closed):
    """One line for `rl: dpo` with `type: chat_template.default`: a prompt and two answers."""

    messages: Annotated[list[PlainTurn], Field(min_length=1)]
    chosen: PlainAnswer
    rejected: PlainAnswer

    @model_validator(mode="after")
    def _prompt_waits_for_an_answer(self) -> PreferenceRow:
        found = conversation_problem([*(Spoken(t.role) for t in self.messages), Spoken("assistant")], set())
        if found is not None:
            code, at = found
            raise broken(RULES, code, f"messages.{at}" if at else "messages")
        return self


class LabelledRow(Closed):
    """One line for `rl: kto` with `type: chatml.argilla_chat`: a conversation whose last answer is judged."""

    completion: Annotated[list[PlainTurn], Field(min_length=2)]
    label: StrictBool

    @model_validator(mode="after")
    def _ends_with_the_answer(self) -> LabelledRow:
        found = conversation_problem([Spoken(t.role) for t in self.completion], set())
        if found is not None:
            code, at = found
            raise broken(RULES, code, f"completion.{at}" if at else "completion")
        return self
