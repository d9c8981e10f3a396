"""Conversations in the canonical form, for formats that carry all of it: sound as a trainer needs them.

The tools that read such files ask for little. What is asked here beyond that is what every trainer asks, so
that a file that was taken is also one that can be trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StrictBool, TypeAdapter

from ..example import Message
from .problems import Closed, Rule, broken, is_json_object, sourced
from .turn_order import place_in
from .turn_rules import TURN_RULES, calls_match, trains_something

_OURS = "not asked by the tool; every trainer asks for it, as OpenAI's rules have it (read 2026-11)"
_CODES = (
    "no_assistant",
    "last_turn_not_assistant",
    "nothing_trained",
    "empty_content",
    "arguments_not_json",
    "tool_call_twice",
    "tool_answer_without_call",
    "tool_call_unanswered",
)
RULES: dict[str, Rule] = sourced(TURN_RULES, dict.fromkeys(_CODES, _OURS))

Turns = Annotated[list[Message], Field(min_length=1)]
TURNS: TypeAdapter[list[Message]] = TypeAdapter(Turns)


class Content(Closed):
    """What a row is, without its names."""

    messages: Turns
    tools: list[dict[str, object]] | None = None
    rejected: Turns | None = None
    label: StrictBool | None = None


CONTENT: TypeAdapter[Content] = TypeAdapter(Content)


def check_chat(turns: Sequence[Message]) -> None:
    """Refuse a conversation that nothing can be learnt from.

    Raises:
        PydanticCustomError: With a code of `RULES`.
    """
    check_turns(turns, "messages")
    trains_something(turns)
    calls_match(turns, None)


def check_answers(prompt: Sequence[Message], answer: Sequence[Message], name: str) -> None:
    """Refuse a prompt and its answer that nothing can be learnt from.

    Args:
        prompt: The turns before the answer.
        answer: The turns of the answer.
        name: What the row calls the answer.

    Raises:
        PydanticCustomError: With a code of `RULES`.
    """
    check_turns(prompt, "prompt")
    check_turns(answer, name)
    if answer[-1].role != "assistant":
        raise broken(RULES, "last_turn_not_assistant", f"{name}.{len(answer) - 1}")
    calls_match([*prompt, *answer], None, place_in("prompt", len(prompt), name))


def check_turns(turns: Sequence[Message], where: str) -> None:
    """Refuse turns without text, and calls whose arguments are no JSON object.

    Raises:
        PydanticCustomError: With a code of `RULES`.
    """
    for i, turn in enumerate(turns):
        silent = not (turn.content or "").strip()
        if silent and turn.role != "tool" and not (turn.role == "assistant" and turn.tool_calls):
            raise broken(RULES, "empty_content", f"{where}.{i}.content")
        for k, call in enumerate(turn.tool_calls or ()):
            if not is_json_object(call.function.arguments):
                raise broken(RULES, "arguments_not_json", f"{where}.{i}.tool_calls.{k}.function.arguments")


def check_content(content: Content) -> None:
    """Refuse a row that nothing can be learnt from.

    Raises:
        PydanticCustomError: With a code of `RULES`.
    """
    check_chat(content.messages)
    if content.rejected is not None:
        check_turns(content.rejected, "rejected")
