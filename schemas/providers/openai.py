"""Lines of OpenAI supervised fine-tuning files (chat), and every rule with its source and date.

The same lines are read by Azure OpenAI. SPEC is the OpenAPI description of 2025-07-04
(openai/openai-openapi, pull 465: FineTuneChatRequestInput), the last that carries the line schema;
DOCS is platform.openai.com/docs/guides/supervised-fine-tuning; COOKBOOK is the checker in
openai/openai-cookbook, Chat_finetuning_data_prep.ipynb. All read in November 2026.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictStr,
    field_validator,
    model_validator,
)

from .problems import Rule, broken, is_json_object

_SPEC = "OpenAPI description of 2025-07-04, read 2026-11"
_DOCS = "platform.openai.com/docs/guides/supervised-fine-tuning, read 2026-11"
_COOKBOOK = "openai-cookbook, Chat_finetuning_data_prep.ipynb, read 2026-11"
_API = "platform.openai.com/docs/guides/function-calling, read 2026-11"
_OURS = "not in the specification; nothing is learnt from such a turn"

MIN_TRAIN_ROWS = 10
"""Fewer training rows are refused: DOCS."""

RULES: dict[str, Rule] = {
    "no_assistant": Rule("no turn is the assistant's", _COOKBOOK),
    "last_turn_not_assistant": Rule(
        "the last turn is not the assistant's, so nothing is learnt from it", _DOCS
    ),
    "nothing_trained": Rule("every assistant turn has weight 0", _SPEC),
    "empty_content": Rule("a turn has no text", _COOKBOOK),
    "bad_weight": Rule("a weight is neither 0 nor 1, or is not on an assistant turn", _SPEC),
    "bad_function_name": Rule("a function name is not 1 to 64 letters, digits, '_' or '-'", _SPEC),
    "arguments_not_json": Rule("the arguments of a tool call are no JSON object as text", _SPEC),
    "tool_call_twice": Rule("two tool calls have the same id", _API),
    "tool_answer_without_call": Rule(
        "a tool turn answers no tool call of the assistant turn before it", _API
    ),
    "tool_call_unanswered": Rule("the conversation goes on before every tool call is answered", _API),
}


def _full(text: str) -> str:
    if not text.strip():
        raise broken(RULES, "empty_content")
    return text


def _function_name(name: str) -> str:
    plain = name.isascii() and name.replace("-", "").replace("_", "a").isalnum()
    if not plain or len(name) > 64:
        raise broken(RULES, "bad_function_name")
    return name


Text = Annotated[StrictStr, AfterValidator(_full)]
FunctionName = Annotated[StrictStr, AfterValidator(_function_name)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Weightless(_Strict):
    """A turn that takes no weight."""

    @model_validator(mode="before")
    @classmethod
    def _no_weight(cls, value: Any) -> Any:
        if isinstance(value, dict) and "weight" in value:
            raise broken(RULES, "bad_weight", "weight")
        return value


class TextPart(_Strict):
    """A part of a content list that is text."""

    type: Literal["text"]
    text: Text


class ImageAddress(_Strict):
    """Where an image is: an address or a data URL."""

    url: StrictStr
    detail: Literal["auto", "low", "high"] | None = None


class ImagePart(_Strict):
    """A part of a user's content list that is an image."""

    type: Literal["image_url"]
    image_url: ImageAddress


Texts = Annotated[list[TextPart], Field(min_length=1)]
Parts = Annotated[list[Annotated[TextPart | ImagePart, Discriminator("type")]], Field(min_length=1)]


class FunctionCall(_Strict):
    """Name and arguments of a call; the arguments are JSON as text."""

    name: FunctionName
    arguments: StrictStr

    @field_validator("arguments")
    @classmethod
    def _json(cls, text: str) -> str:
        if not is_json_object(text):
            raise broken(RULES, "arguments_not_json")
        return text


class ToolCall(_Strict):
    """One call of a tool by the assistant."""

    id: StrictStr
    type: Literal["function"]
    function: FunctionCall


class SystemTurn(_Weightless):
    """Instructions before the conversation."""

    role: Literal["system"]
    content: Text | Texts
    name: StrictStr | None = None


class UserTurn(_Weightless):
    """What the user says or shows."""

    role: Literal["user"]
    content: Text | Parts
    name: StrictStr | None = None


class AssistantTurn(_Strict):
    """What the model learns to say; content may be missing only beside tool calls or a refusal."""

    role: Literal["assistant"]
    content: StrictStr | Texts | None = None
    name: StrictStr | None = None
    refusal: StrictStr | None = None
    tool_calls: Annotated[list[ToolCall], Field(min_length=1)] | None = None
    weight: Any = None

    @field_validator("weight")
    @classmethod
    def _zero_or_one(cls, weight: Any) -> Any:
        if weight is not None and (
            isinstance(weight, bool) or weight not in (0, 1) or not isinstance(weight, int)
        ):
            raise broken(RULES, "bad_weight")
        return weight

    @model_validator(mode="after")
    def _says_something(self) -> AssistantTurn:
        silent = self.content is None or (isinstance(self.content, str) and not self.content.strip())
        if silent and not self.tool_calls and not self.refusal:
            raise broken(RULES, "empty_content", "content")
        return self


class ToolTurn(_Weightless):
    """The answer of a tool."""

    role: Literal["tool"]
    tool_call_id: StrictStr
    content: StrictStr | Texts


Turn = Annotated[SystemTurn | UserTurn | AssistantTurn | ToolTurn, Discriminator("role")]


class FunctionDefinition(_Strict):
    """A function that the model may call; `parameters` is a JSON Schema."""

    name: FunctionName
    description: StrictStr | None = None
    parameters: dict[str, Any] | None = None
    strict: StrictBool | None = None


class ToolDefinition(_Strict):
    """A tool that the model may call."""

    type: Literal["function"]
    function: FunctionDefinition


class ChatRow(_Strict):
    """One line of a supervised fine-tuning file."""

    messages: Annotated[list[Turn], Field(min_length=1)]
    tools: list[ToolDefinition] | None = None
    parallel_tool_calls: StrictBool | None = None

    @model_validator(mode="after")
    def _trains_something(self) -> ChatRow:
        spoken = [turn for turn in self.messages if isinstance(turn, AssistantTurn)]
        if not spoken:
            raise broken(RULES, "no_assistant", "messages")
        if not isinstance(self.messages[-1], AssistantTurn):
            raise broken(RULES, "last_turn_not_assistant", f"messages.{len(self.messages) - 1}")
        if all(turn.weight == 0 for turn in spoken):
            raise broken(RULES, "nothing_trained", "messages")
        return self

    @model_validator(mode="after")
    def _tool_calls_match(self) -> ChatRow:
        seen: set[str] = set()
        waiting: set[str] = set()
        for i, turn in enumerate(self.messages):
            if isinstance(turn, ToolTurn):
                if turn.tool_call_id not in waiting:
                    raise broken(RULES, "tool_answer_without_call", f"messages.{i}")
                waiting.discard(turn.tool_call_id)
                continue
            if waiting:
                raise broken(RULES, "tool_call_unanswered", f"messages.{i}")
            waiting = _calls(turn, i, seen)
        return self


def _calls(turn: object, i: int, seen: set[str]) -> set[str]:
    """The ids of a turn's tool calls, which are added to those seen."""
    waiting: set[str] = set()
    for k, call in enumerate(turn.tool_calls or ()) if isinstance(turn, AssistantTurn) else ():
        if call.id in seen:
            raise broken(RULES, "tool_call_twice", f"messages.{i}.tool_calls.{k}")
        seen.add(call.id)
        waiting.add(call.id)
    return waiting
