"""Lines of Mistral fine-tuning files (chat with functions), and every rule with its source and date.

VALIDATOR is mistral-common 1.13.1, the validator of tokenizer version 3 in its finetuning mode, which
mistral-finetune (commit of 2026-06-12) calls in finetune/data/tokenize.py; DOCS is
docs.mistral.ai/capabilities/finetuning. All read in November 2026.
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

from .json_schema import schema_problem
from .openai_turns import FunctionCall, FunctionName, Text, Texts
from .problems import Closed, Rule, broken

_VALIDATOR = "mistral-common 1.13.1, finetuning validator of tokenizer version 3, read 2026-11"
_FINETUNE = "mistral-finetune, finetune/data/tokenize.py of 2026-06-12, read 2026-11"
_DOCS = "docs.mistral.ai/capabilities/finetuning, read 2026-11: user and assistant take turns"
_OURS = "not in the validator; nothing is learnt from such a row"

ID_LENGTH = 9

RULES: dict[str, Rule] = {
    "no_assistant": Rule("no turn is the assistant's", _VALIDATOR),
    "last_turn_not_assistant": Rule("the last turn is not the assistant's", _VALIDATOR),
    "first_turn_not_user": Rule("the conversation does not begin with the user", _DOCS),
    "system_not_first": Rule("a system turn stands later than first", _FINETUNE),
    "turns_not_alternating": Rule("two turns in a row have the same role", _DOCS),
    "nothing_trained": Rule("every assistant turn that is trained on has weight 0", _OURS),
    "empty_content": Rule("a turn has no text", _VALIDATOR),
    "content_and_calls": Rule("an assistant turn has both text and tool calls", _VALIDATOR),
    "bad_weight": Rule("a weight is neither 0 nor 1", _VALIDATOR),
    "bad_id": Rule(f"the id of a tool call is not {ID_LENGTH} letters and digits", _VALIDATOR),
    "bad_function_name": Rule("a function name is not 1 to 64 letters, digits, '_' or '-'", _VALIDATOR),
    "bad_parameters": Rule("the parameters of a function are no JSON Schema of draft 7", _VALIDATOR),
    "arguments_not_json": Rule("the arguments of a tool call are no JSON object as text", _FINETUNE),
    "undeclared_function": Rule("a function is called that the row does not define", _OURS),
    "tool_call_twice": Rule("two tool calls of a turn have the same id", _VALIDATOR),
    "tool_answer_without_call": Rule("a tool turn answers no tool call of the turn before it", _VALIDATOR),
    "tool_call_unanswered": Rule("the conversation goes on before every tool call is answered", _VALIDATOR),
}


def is_plain_id(text: str) -> bool:
    """Whether a text is nine letters and digits."""
    return len(text) == ID_LENGTH and text.isascii() and text.isalnum()


def _id(text: str) -> str:
    if not is_plain_id(text):
        raise broken(RULES, "bad_id")
    return text


def _parameters(schema: dict[str, Any]) -> dict[str, Any]:
    place = schema_problem(schema)
    if place is not None:
        raise broken(RULES, "bad_parameters", place)
    return schema


def _weight(weight: float | None) -> float | None:
    known = isinstance(weight, int | float) and not isinstance(weight, bool) and weight in (0, 1)
    if weight is not None and not known:
        raise broken(RULES, "bad_weight")
    return weight


Id = Annotated[StrictStr, AfterValidator(_id)]


class ToolCall(Closed):
    """One call of a tool by the assistant."""

    id: Id
    type: Literal["function"] = "function"
    function: FunctionCall


class SystemTurn(Closed):
    """Instructions before the conversation."""

    role: Literal["system"]
    content: Text | Texts


class UserTurn(Closed):
    """What the user says."""

    role: Literal["user"]
    content: Text | Texts


class AssistantTurn(Closed):
    """What the model learns to say: text or tool calls, never both."""

    role: Literal["assistant"]
    content: StrictStr | Texts | None = None
    tool_calls: Annotated[list[ToolCall], Field(min_length=1)] | None = None
    weight: Annotated[Any, AfterValidator(_weight)] = None


class ToolTurn(Closed):
    """The answer of a tool."""

    role: Literal["tool"]
    tool_call_id: Id
    content: StrictStr | Texts
    name: FunctionName | None = None


Turn = Annotated[SystemTurn | UserTurn | AssistantTurn | ToolTurn, Discriminator("role")]


class FunctionDefinition(Closed):
    """A function that the model may call."""

    name: FunctionName
    description: StrictStr
    parameters: Annotated[dict[str, Any], AfterValidator(_parameters)]
    strict: StrictBool = False


class ToolDefinition(Closed):
    """A tool that the model may call."""

    type: Literal["function"] = "function"
    function: FunctionDefinition


class ChatRow(Closed):
    """One line: a conversation, and the functions that it may call."""

    messages: Annotated[list[Turn], Field(min_length=1)]
    tools: list[ToolDefinition] | None = None

    @model_validator(mode="after")
    def _conversation(self) -> ChatRow:
        spoken = [turn for turn in self.messages if isinstance(turn, AssistantTurn)]
        if not spoken:
            raise broken(RULES, "no_assistant", "messages")
        if not isinstance(self.messages[-1], AssistantTurn):
            raise broken(RULES, "last_turn_not_assistant", f"messages.{len(self.messages) - 1}")
        for i, turn in enumerate(self.messages):
            if isinstance(turn, AssistantTurn):
                _check_said(turn, f"messages.{i}")
        _check_calls(self.messages, {t.function.name for t in self.tools} if self.tools else None)
        _check_order(self.messages)
        if all(turn.weight == 0 for turn in (spoken[-1:] if self.tools else spoken)):
            raise broken(RULES, "nothing_trained", "messages")
        return self


def _check_said(turn: AssistantTurn, at: str) -> None:
    if turn.tool_calls and turn.content:
        raise broken(RULES, "content_and_calls", at)
    silent = not turn.content or (isinstance(turn.content, str) and turn.content.isspace())
    if silent and not turn.tool_calls:
        raise broken(RULES, "empty_content", f"{at}.content")


def _check_order(turns: list[Turn]) -> None:
    """One system turn at most, first; then the user; nobody but tools speaks twice in a row."""
    before = ""
    for i, turn in enumerate(turns):
        if turn.role == "system":
            if i:
                raise broken(RULES, "system_not_first", f"messages.{i}")
            continue
        if not before and turn.role != "user":
            raise broken(RULES, "first_turn_not_user", f"messages.{i}")
        if turn.role == before != "tool":
            raise broken(RULES, "turns_not_alternating", f"messages.{i}")
        before = turn.role


def _check_calls(turns: list[Turn], defined: set[str] | None) -> None:
    """Calls are of functions that are defined, and each is answered before anybody goes on."""
    waiting: set[str] = set()
    for i, turn in enumerate(turns):
        if isinstance(turn, ToolTurn):
            if turn.tool_call_id not in waiting:
                raise broken(RULES, "tool_answer_without_call", f"messages.{i}")
            waiting.discard(turn.tool_call_id)
            continue
        if waiting:
            raise broken(RULES, "tool_call_unanswered", f"messages.{i}")
        calls = (turn.tool_calls or []) if isinstance(turn, AssistantTurn) else []
        waiting = {call.id for call in calls}
        if len(waiting) < len(calls):
            raise broken(RULES, "tool_call_twice", f"messages.{i}.tool_calls")
        if defined is not None and not all(call.function.name in defined for call in calls):
            raise broken(RULES, "undeclared_function", f"messages.{i}.tool_calls")
