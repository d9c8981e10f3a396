"""What LLaMA-Factory asks of the order of turns, of tool calls and of tools, and where its code says so."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .problems import Rule, strict_json

_CONVERTER = "LLaMA-Factory 0.9.5, data/converter.py (such a row is skipped), read 2026-11"
_FORMATTER = "LLaMA-Factory 0.9.5, data/formatter.py (such a row ends the run), read 2026-11"
_TOOLS = "LLaMA-Factory 0.9.5, data/tool_utils.py, DefaultToolUtils, read 2026-11"
_README = "LLaMA-Factory 0.9.5, data/README.md, read 2026-11"
_OURS = "not in the format; nothing is learnt from such a turn"
_CALLS = "the conversation that the row was made from; LLaMA-Factory has no ids to match"

RULES: dict[str, Rule] = {
    "no_assistant": Rule("no turn is the assistant's", _CONVERTER),
    "last_turn_not_assistant": Rule("the last turn is not the assistant's", _CONVERTER),
    "first_turn_not_user": Rule("the first turn after the system prompt is not the user's", _CONVERTER),
    "roles_not_alternating": Rule("two turns in a row have the same role", _CONVERTER),
    "turn_out_of_order": Rule(
        "a turn of the user or a tool does not stand at an odd place, or one of the assistant not at an even",
        _CONVERTER,
    ),
    "several_tool_answers": Rule("several tool answers stand in a row; one can follow a call", _CONVERTER),
    "late_system_prompt": Rule(
        "a system turn stands later than first, which this format cannot carry", _CONVERTER
    ),
    "empty_content": Rule("a turn has no text", _OURS),
    "placeholder": Rule(
        "a user turn holds {{idx}}, which is replaced by the number of the turn",
        "LLaMA-Factory 0.9.5, data/formatter.py, StringFormatter, read 2026-11",
    ),
    "call_not_json": Rule(
        "a function_call turn is no JSON of the form {name, arguments}, or a list of them", _FORMATTER
    ),
    "markup_in_call": Rule(
        "a function_call turn holds <tool_call> or <think> markup, at which it is taken apart", _FORMATTER
    ),
    "tools_not_json": Rule("the tools are no list of definitions as JSON text", _FORMATTER),
    "tool_without_properties": Rule(
        "a tool has no description of its parameters as an object with properties", _TOOLS
    ),
    "required_not_list": Rule("the required parameters of a tool are no list", _TOOLS),
    "enum_not_text": Rule("a parameter of a tool has an enum with a value that is no text", _TOOLS),
    "undeclared_tool": Rule("a tool call names a function that the row's tools do not define", _README),
    "observation_without_call": Rule("an observation follows no function_call", _README),
    "call_unanswered": Rule("the user speaks where a function_call waits for its observation", _README),
    "tool_call_twice": Rule("two tool calls have the same id", _CALLS),
    "tool_answer_without_call": Rule(
        "a tool turn answers no tool call of the assistant turn before it", _CALLS
    ),
    "tool_call_unanswered": Rule("the conversation goes on before every tool call is answered", _CALLS),
}

ASKS = ("human", "observation")
SAYS = ("gpt", "function_call")


def order_problem(speakers: Sequence[str], answers_apart: bool) -> tuple[str, str] | None:
    """The first rule that the order of turns breaks, and the position of the turn ("" for the row).

    Args:
        speakers: Who speaks, turn by turn.
        answers_apart: Whether the answers stand in columns of their own, so that the user speaks last.
    """
    turns = list(speakers[1:] if speakers[0] == "system" else speakers)
    first = len(speakers) - len(turns)
    if not answers_apart and not any(speaker in SAYS for speaker in turns):
        return "no_assistant", ""
    for i, speaker in enumerate(turns):
        code = _turn_problem(speaker, turns[i - 1] if i else "", i)
        if code:
            return code, str(i + first)
    if not answers_apart and turns[-1] not in SAYS:
        return "last_turn_not_assistant", str(len(speakers) - 1)
    if answers_apart and (not turns or turns[-1] not in ASKS):
        return "turn_out_of_order", str(len(speakers) - 1)
    return None


def _turn_problem(speaker: str, before: str, place: int) -> str | None:
    if speaker == "system":
        return "late_system_prompt"
    if place == 0 and speaker != "human":
        return "first_turn_not_user"
    if speaker == before == "observation":
        return "several_tool_answers"
    if speaker == before:
        return "roles_not_alternating"
    if speaker not in (ASKS, SAYS)[place % 2]:
        return "turn_out_of_order"
    if speaker == "observation" and before != "function_call":
        return "observation_without_call"
    if speaker == "human" and before == "function_call":
        return "call_unanswered"
    return None


def called_names(text: str) -> set[str] | str:
    """Names of the functions that a function_call turn calls, or the code of the rule that it breaks."""
    if "<tool_call" in text or "<think>" in text or "<|tool_call_start|>" in text:
        return "markup_in_call"
    try:
        calls = strict_json(text)
    except (ValueError, RecursionError):
        return "call_not_json"
    names: set[str] = set()
    for call in calls if isinstance(calls, list) and calls else [calls]:
        if not isinstance(call, Mapping) or not isinstance(call.get("arguments"), Mapping):
            return "call_not_json"
        if not isinstance(call.get("name"), str) or not call["name"]:
            return "call_not_json"
        names.add(call["name"])
    return names


def tool_names(text: str | None) -> set[str] | str:
    """Names of the functions that a tools cell defines, or the code of the rule that it breaks.

    The default tool format reads `parameters.properties`, and joins `enum`; a template may have a format of
    its own that reads less.
    """
    if not text:
        return set()
    try:
        tools = json.loads(text)
    except (ValueError, RecursionError):
        return "tools_not_json"
    if not isinstance(tools, list):
        return "tools_not_json"
    names: set[str] = set()
    for tool in tools:
        function = tool.get("function") if isinstance(tool, Mapping) and "function" in tool else tool
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            return "tools_not_json"
        code = _parameters_problem(function.get("parameters"))
        if code is not None:
            return code
        names.add(function["name"])
    return names


def _parameters_problem(parameters: Any) -> str | None:
    properties = parameters.get("properties") if isinstance(parameters, Mapping) else None
    if not isinstance(properties, Mapping):
        return "tool_without_properties"
    if not isinstance(parameters.get("required", []), list):
        return "required_not_list"
    for described in properties.values():
        if not isinstance(described, Mapping) or not isinstance(described.get("items") or {}, Mapping):
            return "tool_without_properties"
        enum = described.get("enum") or ()
        if not isinstance(enum, list | tuple) or not all(isinstance(value, str) for value in enum):
            return "enum_not_text"
    return None
