"""Lines of Together AI fine-tuning files: chat, prompt and completion, preference.

CHECK is together 2.14.0, lib/utils/files.py, check_file: the last client that checks rows; DOCS is
docs.together.ai/docs/fine-tuning/data-preparation and preference-tuning; SKILL is togethercomputer/skills,
data-formats.md. All read in November 2026. A file holds one of the formats alone. Optional members are
nullable, but for weights, prompts, completions and the content of compared answers, as CHECK has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StrictStr, model_validator
from pydantic_core import core_schema

from .openai_turns import (
    FunctionCall,
    Text,
    TextPart,
    Texts,
    ToolDefinition,
)
from .problems import Closed, Fails, Rule, broken, sourced
from .turn_rules import ANSWER_RULES, TURN_RULES, calls_match, not_silent, one_answer_each, trains_something

_CHECK = "together 2.14.0, check_file, read 2026-11"
_DOCS = "docs.together.ai/docs/fine-tuning/data-preparation, read 2026-11"
_OURS = "not checked by together 2.14.0; nothing is learnt from such a turn"
_CALLS = "not checked by together 2.14.0; the OpenAI form of tool calls, which its documentation asks for"

MAX_IMAGES = 10
MAX_IMAGE_CHARACTERS = len("data:image/jpeg;base64,") + 4 * 10 * 1024**2 // 3
"""Images a row, and characters of one as a data URL: CHECK."""

_SOURCES = {
    "no_assistant": _CHECK,
    "last_turn_not_assistant": _OURS,
    "nothing_trained": _OURS,
    "empty_content": _OURS,
    "bad_function_name": _CALLS,
    "arguments_not_json": _CALLS,
    "tool_call_twice": _CALLS,
    "tool_answer_without_call": _CALLS,
    "tool_call_unanswered": _CALLS,
    "undeclared_tool": "not in the documentation; the model would learn to call what it is not offered",
}
RULES: dict[str, Rule] = {
    **sourced(TURN_RULES, _SOURCES),
    "bad_weight": Rule("a weight is neither 0 nor 1", _CHECK),
    "first_turn_not_user": Rule(
        "the conversation does not begin with the user, after any system turn", _DOCS
    ),
    "roles_not_alternating": Rule("two turns in a row have the same role", _DOCS),
    "late_system_prompt": Rule(
        "a system turn stands later than first, which this format cannot carry", _DOCS
    ),
    "bad_image": Rule(
        "an image is no JPEG, PNG or WEBP as a base64 data URL of at most 10 MB, "
        "or the row has more than 10, or its turn has a weight of 1",
        _CHECK,
        "write the image itself as a data URL, at most 10 a row, in turns without a weight",
    ),
    "texts_and_parts": Rule(
        "some turns are texts and others are lists of parts",
        _CHECK,
        "write every content of the row as a list of parts",
    ),
}
PREFERENCE_RULES: dict[str, Rule] = {
    **RULES,
    **sourced(ANSWER_RULES, {"not_one_answer": _CHECK}),
    "prompt_ends_with_assistant": Rule(
        "the prompt ends with an assistant turn", _CHECK, "end the prompt with the user's turn"
    ),
}


class ImageData(Closed):
    """An image in the line itself."""

    url: Annotated[
        StrictStr,
        Fails(
            RULES,
            "bad_image",
            core_schema.str_schema(
                pattern=r"^data:image/(jpeg|png|webp);base64,", max_length=MAX_IMAGE_CHARACTERS
            ),
        ),
    ]


class ImagePart(Closed):
    """A part of a user's content list that is an image."""

    type: Literal["image_url"]
    image_url: ImageData


Parts = Annotated[list[Annotated[TextPart | ImagePart, Discriminator("type")]], Field(min_length=1)]
Bit = Annotated[Any, Fails(RULES, "bad_weight", core_schema.int_schema(strict=True, ge=0, le=1))]


class SystemTurn(Closed):
    """Instructions before the conversation."""

    role: Literal["system"]
    content: Text | Texts
    weight: Bit = None


class UserTurn(Closed):
    """What the user says or shows."""

    role: Literal["user"]
    content: Text | Parts
    weight: Bit = None


class ToolCall(Closed):
    """One call of a tool; an id is not asked for."""

    id: StrictStr | None = None
    type: Literal["function"]
    function: FunctionCall


class _Says(Closed):
    """What the assistant says; `reasoning` is for models that think."""

    role: Literal["assistant"]
    reasoning: StrictStr | None = None
    reasoning_content: StrictStr | None = None
    tool_calls: Annotated[list[ToolCall], Field(min_length=1)] | None = None


class Reply(_Says):
    """One of two compared answers; its content may be missing, but is not null."""

    content: StrictStr | Texts = ""

    @model_validator(mode="after")
    def _not_silent(self) -> Reply:
        not_silent(self.content, self.tool_calls)
        return self


class AssistantTurn(_Says):
    """An answer in a conversation; its content is nullable beside tool calls."""

    content: StrictStr | Texts | None = None
    weight: Bit = None

    @model_validator(mode="after")
    def _not_silent(self) -> AssistantTurn:
        not_silent(self.content, self.tool_calls)
        return self


class ToolTurn(Closed):
    """The answer of a tool."""

    role: Literal["tool"]
    tool_call_id: StrictStr | None = None
    content: StrictStr | Texts
    weight: Bit = None


Turn = Annotated[SystemTurn | UserTurn | AssistantTurn | ToolTurn, Discriminator("role")]


class ChatRow(Closed):
    """One line of a conversation."""

    messages: Annotated[list[Turn], Field(min_length=1)]
    tools: list[ToolDefinition] | None = None

    @model_validator(mode="after")
    def _learns(self) -> ChatRow:
        trains_something(self.messages)
        _takes_turns(self.messages, "messages")
        if self.messages[self.messages[0].role == "system"].role != "user":
            raise broken(RULES, "first_turn_not_user", "messages")
        calls_match(self.messages, self.tools)
        _one_kind_of_content(self.messages, "messages")
        return self


class PromptRow(Closed):
    """One line of a prompt and its completion."""

    prompt: Text | Parts
    completion: Text | Texts


class PromptInput(Closed):
    """The conversation before the two answers."""

    messages: Annotated[list[Turn], Field(min_length=1)]
    tools: list[ToolDefinition] | None = None


class PreferenceRow(Closed):
    """One line of a prompt with a better and a worse answer."""

    input: PromptInput
    preferred_output: list[Reply]
    non_preferred_output: list[Reply]

    @model_validator(mode="after")
    def _two_answers(self) -> PreferenceRow:
        turns = self.input.messages
        if turns[-1].role == "assistant":
            raise broken(PREFERENCE_RULES, "prompt_ends_with_assistant", f"input.messages.{len(turns) - 1}")
        _takes_turns(turns, "input.messages")
        one_answer_each(self)
        _one_kind_of_content(turns, "input.messages")
        return self


def _takes_turns(turns: Sequence[Any], where: str) -> None:
    for i in range(1, len(turns)):
        role = turns[i].role
        if role == "system":
            raise broken(RULES, "late_system_prompt", f"{where}.{i}")
        if role == turns[i - 1].role and role != "tool":
            raise broken(RULES, "roles_not_alternating", f"{where}.{i}")


def _one_kind_of_content(turns: Sequence[Any], where: str) -> None:
    kinds = {isinstance(turn.content, list) for turn in turns if turn.content}
    if len(kinds) > 1:
        raise broken(RULES, "texts_and_parts", where)
    if True not in kinds:
        return
    images = 0
    for i, turn in enumerate(turns):
        here = sum(isinstance(part, ImagePart) for part in turn.content or ())
        images += here
        if images > MAX_IMAGES or (here and turn.weight == 1):
            raise broken(RULES, "bad_image", f"{where}.{i}")
