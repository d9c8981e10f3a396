"""Turns of OpenAI fine-tuning lines, as pydantic models; the rules stand in `turn_rules`.

An optional member may be missing but is never null, unless it is said to be nullable.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    StrictBool,
    StrictStr,
    field_validator,
    model_validator,
)
from pydantic_core import core_schema

from .problems import HAS_TEXT, Closed, Fails, broken, is_json_object
from .turn_rules import TURN_RULES, not_silent


def _json_object(text: str) -> str:
    if not is_json_object(text):
        raise broken(TURN_RULES, "arguments_not_json")
    return text


Text = Annotated[StrictStr, Fails(TURN_RULES, "empty_content", HAS_TEXT)]
FunctionName = Annotated[
    StrictStr, Fails(TURN_RULES, "bad_function_name", core_schema.str_schema(pattern="^[A-Za-z0-9_-]{1,64}$"))
]
Arguments = Annotated[StrictStr, AfterValidator(_json_object)]
Weight = Annotated[Any, Fails(TURN_RULES, "bad_weight", core_schema.int_schema(strict=True, ge=0, le=1))]


class TextPart(Closed):
    """A part of a content list that is text."""

    type: Literal["text"]
    text: Text


class RefusalPart(Closed):
    """A part of an assistant's content list that is a refusal."""

    type: Literal["refusal"]
    refusal: Text


class ImageAddress(Closed):
    """Where an image is: an address or a data URL."""

    url: StrictStr
    detail: Literal["auto", "low", "high"] = "auto"


class ImagePart(Closed):
    """A part of a user's content list that is an image."""

    type: Literal["image_url"]
    image_url: ImageAddress


Texts = Annotated[list[TextPart], Field(min_length=1)]
Parts = Annotated[list[Annotated[TextPart | ImagePart, Discriminator("type")]], Field(min_length=1)]
Replies = Annotated[list[Annotated[TextPart | RefusalPart, Discriminator("type")]], Field(min_length=1)]


class FunctionCall(Closed):
    """Name and arguments of a call; the arguments are JSON as text."""

    name: FunctionName
    arguments: Arguments


class ToolCall(Closed):
    """One call of a tool by the assistant."""

    id: StrictStr
    type: Literal["function"]
    function: FunctionCall


class Weightless(Closed):
    """A turn that takes no weight."""

    weight: Any = None

    @field_validator("weight")
    @classmethod
    def _no_weight(cls, _: Any) -> Any:
        raise broken(TURN_RULES, "bad_weight")


class SystemTurn(Weightless):
    """Instructions before the conversation."""

    role: Literal["system"]
    content: Text | Texts
    name: StrictStr = ""


class DeveloperTurn(Weightless):
    """Instructions to a reasoning model, which has no system turns."""

    role: Literal["developer"]
    content: Text | Texts
    name: StrictStr = ""


class UserTurn(Weightless):
    """What the user says or shows."""

    role: Literal["user"]
    content: Text | Parts
    name: StrictStr = ""


class Answer(Closed):
    """What the assistant says; content may be missing only beside calls or a refusal, and is nullable."""

    role: Literal["assistant"]
    content: StrictStr | Replies | None = None
    name: StrictStr = ""
    refusal: StrictStr | None = None
    tool_calls: Annotated[list[ToolCall], Field(min_length=1)] = Field(default_factory=list)
    function_call: FunctionCall | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Answer:
        not_silent(self.content, self.tool_calls, self.refusal, self.function_call)
        return self


class AssistantTurn(Answer):
    """An answer in a conversation, which may be left out of the training."""

    weight: Weight = None


class ToolTurn(Weightless):
    """The answer of a tool."""

    role: Literal["tool"]
    tool_call_id: StrictStr
    content: StrictStr | Texts


class FunctionTurn(Weightless):
    """The answer of a function, as files had it before tools."""

    role: Literal["function"]
    name: StrictStr
    content: StrictStr | None


ChatTurn = Annotated[SystemTurn | UserTurn | AssistantTurn | ToolTurn | FunctionTurn, Discriminator("role")]


class FunctionDefinition(Closed):
    """A function that the model may call; `parameters` is a JSON Schema, `strict` is nullable."""

    name: FunctionName
    description: StrictStr = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    strict: StrictBool | None = None


class ToolDefinition(Closed):
    """A tool that the model may call."""

    type: Literal["function"]
    function: FunctionDefinition
