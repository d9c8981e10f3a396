"""What turns of OpenAI fine-tuning lines must keep to, whichever service reads them, with sources.

SPEC is the OpenAPI description of 2025-07-04 (openai/openai-openapi, pull 465), the last that carries the
schemas of the lines; COOKBOOK is the checker in openai/openai-cookbook, Chat_finetuning_data_prep.ipynb.
All read in November 2026.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .problems import Rule, broken
from .turn_order import Place, place_in

SPEC = "OpenAPI description of 2025-07-04, read 2026-11"
SKILL = "microsoft/azure-skills, dataset-formats.md (Azure reads the same lines), read 2026-11"
COOKBOOK = "openai-cookbook, Chat_finetuning_data_prep.ipynb, read 2026-11"
RFT = "learn.microsoft.com, Foundry, how-to/reinforcement-fine-tuning (the same lines), read 2026-11"
API = "platform.openai.com/docs/guides/function-calling, read 2026-11"

TURN_RULES: dict[str, Rule] = {
    "no_assistant": Rule("no turn is the assistant's", COOKBOOK),
    "last_turn_not_assistant": Rule(
        "the last turn is not the assistant's, so nothing is learnt from it", SKILL
    ),
    "nothing_trained": Rule(
        "every assistant turn has weight 0", "not in the specification; nothing is learnt from such a row"
    ),
    "empty_content": Rule("a turn has no text", COOKBOOK),
    "bad_weight": Rule("a weight is neither 0 nor 1, or is not on an assistant turn", SPEC),
    "bad_function_name": Rule("a function name is not 1 to 64 letters, digits, '_' or '-'", SPEC),
    "arguments_not_json": Rule(
        "the arguments of a tool call are no JSON object as text",
        "the specification asks for text in JSON format; no tool can be called with anything else",
    ),
    "tool_call_twice": Rule("two tool calls have the same id", API),
    "tool_answer_without_call": Rule("a tool turn answers no tool call of the assistant turn before it", API),
    "tool_call_unanswered": Rule("the conversation goes on before every tool call is answered", API),
    "undeclared_tool": Rule(
        "a tool is called that is not among the row's tool definitions",
        "not in the specification; the model would learn to call what it is not offered",
    ),
}


ANSWER_RULES: dict[str, Rule] = {
    "not_one_answer": Rule(
        "the better or the worse answer is not exactly one assistant turn",
        SPEC,
        "give one assistant turn as each answer",
    ),
}
"""Of two answers that are compared."""
PROMPT_RULES: dict[str, Rule] = {
    "last_turn_not_user": Rule(
        "the last turn of the prompt is not the user's", RFT, "end the messages with the user's turn"
    ),
}
"""Of a prompt whose answer a grader sees."""


def not_silent(content: object, *instead: object) -> None:
    """An assistant turn has text, or something that may stand instead, such as tool calls.

    Raises:
        PydanticCustomError: It has neither.
    """
    if not any(instead) and (content is None or (isinstance(content, str) and not content.strip())):
        raise broken(TURN_RULES, "empty_content", "content")


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


def calls_match(
    turns: Sequence[Any], tools: Sequence[Any] | None, where: str | Place = "messages", *, ends: bool = True
) -> None:
    """Each tool turn answers a call of the assistant turn before it, and each call is answered once.

    Args:
        turns: Turns in order; a call without an id is answered by any tool turn.
        tools: The row's definitions. Where there are any, nothing else may be called.
        where: The member that holds the turns, or the place of each.
        ends: Whether the last calls may stay unanswered, as nothing follows.

    Raises:
        PydanticCustomError: It is not so.
    """
    at = place_in(where) if isinstance(where, str) else where
    seen: set[str] = set()
    waiting: list[str | None] = []
    for i, turn in enumerate(turns):
        if turn.role == "tool":
            _answered(turn.tool_call_id, waiting, at(i))
            continue
        if waiting:
            raise broken(TURN_RULES, "tool_call_unanswered", at(i))
        if turn.role == "assistant" and turn.tool_calls:
            waiting = _asked(turn.tool_calls, seen, tools, f"{at(i)}.tool_calls")
    if waiting and not ends:
        raise broken(TURN_RULES, "tool_call_unanswered", at(len(turns) - 1))


def one_answer_each(row: Any) -> None:
    """A preference row compares two single answers, and its calls match.

    Args:
        row: It has `input` with messages and tools, and the two outputs.

    Raises:
        PydanticCustomError: It does not.
    """
    outputs = {name: getattr(row, name) for name in ("preferred_output", "non_preferred_output")}
    for name, turns in outputs.items():
        if len(turns) != 1:
            raise broken(ANSWER_RULES, "not_one_answer", name)
    calls_match(row.input.messages, row.input.tools, "input.messages", ends=False)
    for name, turns in outputs.items():
        calls_match(turns, row.input.tools, name)


def asks_last(turns: Sequence[Any]) -> None:
    """A prompt ends with the user's turn.

    Raises:
        PydanticCustomError: It does not.
    """
    if not turns or turns[-1].role != "user":
        raise broken(PROMPT_RULES, "last_turn_not_user", "messages")


def _asked(calls: Sequence[Any], seen: set[str], tools: Sequence[Any] | None, where: str) -> list[str | None]:
    """The ids of one turn's calls, which are added to those seen."""
    names = {tool.function.name for tool in tools or ()}
    for k, call in enumerate(calls):
        if call.id in seen:
            raise broken(TURN_RULES, "tool_call_twice", f"{where}.{k}")
        if names and call.function.name not in names:
            raise broken(TURN_RULES, "undeclared_tool", f"{where}.{k}.function.name")
        if call.id is not None:
            seen.add(call.id)
    return [call.id for call in calls]


def _answered(call_id: str, waiting: list[str | None], where: str) -> None:
    answered = call_id if call_id in waiting else None
    if answered not in waiting:
        raise broken(TURN_RULES, "tool_answer_without_call", where)
    waiting.remove(answered)
