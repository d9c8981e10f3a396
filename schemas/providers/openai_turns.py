"""Turns of OpenAI fine-tuning lines, which several services read; every rule with its source and date.

SPEC is the OpenAPI description of 2025-07-04 (openai/openai-openapi, pull 465), the last that carries the
schemas of the lines; DOCS is platform.openai.com/docs/guides/supervised-fine-tuning; COOKBOOK is the checker
in openai/openai-cookbook, Chat_finetuning_data_prep.ipynb. All read in November 2026. An optional member may
be missing but is never null, unless it is said to be nullable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    StrictBool,
    StrictStr,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from .problems import Rule, broken, is_json_object

SPEC = "OpenAPI description of 2025-07-04, read 2026-11"
DOCS = "platform.openai.com/docs/guides/supervised-fine-tuning, read 2026-11"
COOKBOOK = "openai-cookbook, Chat_finetuning_data_prep.ipynb, read 2026-11"
API = "platform.openai.com/docs/guides/function-calling, read 2026-11"

TURN_RULES: dict[str, Rule] = {
    "no_assistant": Rule("no turn is the assistant's", COOKBOOK),
    "last_turn_not_assistant": Rule(
        "the last turn is not the assistant's, so nothing is learnt from it", DOCS
    ),
    "nothing_trained": Rule("every assistant turn has weight 0", SPEC),
    "empty_content": Rule("a turn has no text", COOKBOOK),
    "bad_weight": Rule("a weight is neither 0 nor 1, or is not on an assistant turn", SPEC),
    "bad_function_name": Rule("a function name is not 1 to 64 letters, digits, '_' or '-'", SPEC),
    "arguments_not_json": Rule("the arguments of a tool call are no JSON object as text", SPEC),
    "tool_call_twice": Rule("two tool calls have the same id", API),
    "tool_answer_without_call": Rule("a tool turn answers no tool call of the assistant turn before it", API),
    "tool_call_unanswered": Rule("the conversation goes on before every tool call is answered", API),
}


class Fails:
    """What fails a further check in pydantic's core gets a code of ours; no Python runs on a valid value."""

    def __init__(self, code: str, check: CoreSchema, rules: Mapping[str, Rule] = TURN_RULES) -> None:
        self._code, self._check, self._rules = code, check, rules

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        context = {"sentence": self._rules[self._code].sentence, "at": ""}
        checked = core_schema.custom_error_schema(
            self._check,
            custom_error_type=self._code,
            custom_error_message="{sentence}",
            custom_error_context=context,
        )
        return core_schema.chain_schema([handler(source), checked])


Text = Annotated[StrictStr, Fails("empty_content", core_schema.str_schema(pattern=r"\S"))]
FunctionName = Annotated[
    StrictStr, Fails("bad_function_name", core_schema.str_schema(pattern="^[A-Za-z0-9_-]{1,64}$"))
]
Weight = Annotated[Any, Fails("bad_weight", core_schema.int_schema(strict=True, ge=0, le=1))]


class Closed(BaseModel):
    """A member that is not named here is refused."""

    model_config = ConfigDict(extra="forbid")


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
    arguments: StrictStr

    @field_validator("arguments")
    @classmethod
    def _json(cls, text: str) -> str:
        if not is_json_object(text):
            raise broken(TURN_RULES, "arguments_not_json")
        return text


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
        silent = self.content is None or (isinstance(self.content, str) and not self.content.strip())
        if silent and not (self.tool_calls or self.refusal or self.function_call):
            raise broken(TURN_RULES, "empty_content", "content")
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


def trains_something(turns: Sequence[Any]) -> None:
    """A conversation ends with an assistant turn, and not every one of them is left out.

    Raises:
        PydanticCustomError: It does not.
    """
    weights = [turn.weight for turn in turns if turn.role == "assistant"]
    if not weights:
        raise broken(TURN_RULES, "no_assistant", "messages")
    if turns[-1].role != "assistant":
        raise broken(TURN_RULES, "last_turn_not_assistant", f"messages.{len(turns) - 1}")
    if all(weight == 0 for weight in weights):
        raise broken(TURN_RULES, "nothing_trained", "messages")


def calls_match(turns: Sequence[Any], where: str = "messages", *, ends: bool = True) -> None:
    """Each tool turn answers a call of the assistant turn before it, and each call is answered once.

    Args:
        turns: Turns in order; a call without an id is answered by any tool turn.
        where: The member that holds them.
        ends: Whether the last calls may stay unanswered, as nothing follows.

    Raises:
        PydanticCustomError: It is not so.
    """
    seen: set[str] = set()
    waiting: list[str | None] = []
    for i, turn in enumerate(turns):
        if turn.role == "tool":
            _answered(turn.tool_call_id, waiting, f"{where}.{i}")
            continue
        if waiting:
            raise broken(TURN_RULES, "tool_call_unanswered", f"{where}.{i}")
        for k, call in enumerate((turn.tool_calls or ()) if turn.role == "assistant" else ()):
            if call.id in seen:
                raise broken(TURN_RULES, "tool_call_twice", f"{where}.{i}.tool_calls.{k}")
            waiting.append(call.id)
            if call.id is not None:
                seen.add(call.id)
    if waiting and not ends:
        raise broken(TURN_RULES, "tool_call_unanswered", f"{where}.{len(turns) - 1}")


def _answered(call_id: str, waiting: list[str | None], where: str) -> None:
    answered = call_id if call_id in waiting else None
    if answered not in waiting:
        raise broken(TURN_RULES, "tool_answer_without_call", where)
    waiting.remove(answered)
