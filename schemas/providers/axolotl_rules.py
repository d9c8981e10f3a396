"""What Axolotl and the chat templates that it ships ask of a conversation, and where that is said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .problems import Rule
from .turn_order import role_problem

_STRATEGY = "axolotl 0.19.0, prompt_strategies/chat_template.py, read 2026-11"
_DPO = "axolotl 0.19.0, prompt_strategies/dpo/chat_template.py, read 2026-11"
_TEMPLATES = (
    "axolotl 0.19.0, utils/chat_templates (gemma, cohere, mistral_v1 and others raise an error), read 2026-11"
)
_CALLS = "huggingface.co/docs/transformers/chat_extras, read 2026-11"
_OURS = "not in the format; nothing is learnt from such a turn"

RULES: dict[str, Rule] = {
    "no_assistant": Rule("no turn is the assistant's", _OURS),
    "last_turn_not_assistant": Rule("the last turn is not the assistant's", _OURS),
    "nothing_trained": Rule("every assistant turn has train: false", _STRATEGY),
    "empty_content": Rule("a turn has no text", _OURS),
    "arguments_not_json": Rule("the arguments of a tool call are no JSON object as text", _STRATEGY),
    "tools_not_json": Rule("the tools are no list of definitions, as JSON text or as objects", _STRATEGY),
    "late_system_prompt": Rule(
        "a system turn stands later than first, which this format cannot carry", _TEMPLATES
    ),
    "first_turn_not_user": Rule("the first turn after the system prompt is not the user's", _TEMPLATES),
    "roles_not_alternating": Rule("two turns in a row have the same role", _TEMPLATES),
    "tool_call_twice": Rule("two tool calls have the same id", _CALLS),
    "tool_answer_without_call": Rule(
        "a tool turn answers no tool call of the assistant turn before it", _CALLS
    ),
    "tool_call_unanswered": Rule("the conversation goes on before every tool call is answered", _CALLS),
    "undeclared_tool": Rule("a tool call names a function that the row's tools do not define", _CALLS),
    "sentinel": Rule(
        "an answer is the very text that Axolotl puts in its place to find where it stands", _STRATEGY
    ),
    "outer_space": Rule(
        "an answer begins or ends with white space: a template that trims it makes Axolotl lose the answer",
        _DPO,
    ),
    "answer_in_template": Rule(
        "an answer is so short that a common chat template has it before its place, where it is found first",
        _DPO,
    ),
}

SENTINELS = ("[[dummy_message]]", "zzdummymessagezz")
"""With such an answer Axolotl 0.19.0 takes the wrong tokens for it."""
FRAMES = (
    "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
    "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n"
    "<|im_start|>user\n[[dummy_message]]<|im_end|>\n<|im_start|>assistant\n"
    "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n"
    "Today Date: 26 Jul 2024\n\n<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n"
    "<bos><start_of_turn>user\n[[dummy_message]]<end_of_turn>\n<start_of_turn>model\n"
    "<s> [INST] [[dummy_message]] [/INST] <|user|>\n<|end|>\n<|assistant|>\n"
)
"""What common templates write before an answer to `[[dummy_message]]`, in which the answer is looked for."""


class Spoken(NamedTuple):
    """What the order of turns depends on.

    Args:
        role: The role.
        says: Whether it has text or calls.
        calls: Id and function name of each tool call.
        answers: The id of the call that a tool turn answers; None where the format needs none.
    """

    role: str
    says: bool = True
    calls: Sequence[tuple[str | None, str]] = ()
    answers: str | None = None


def defined_names(tools: Any) -> set[str] | None:
    """Names of the functions that a tools cell defines; None where it is no list of definitions.

    Args:
        tools: A list of definitions, such a list as JSON text, or None.
    """
    if isinstance(tools, str):
        try:
            tools = json.loads(tools)
        except (ValueError, RecursionError):
            return None
    if tools is None:
        return set()
    if not isinstance(tools, list):
        return None
    names: set[str] = set()
    for tool in tools:
        function = tool.get("function", tool) if isinstance(tool, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            return None
        names.add(function["name"])
    return names


def conversation_problem(turns: Sequence[Spoken], defined: set[str]) -> tuple[str, str] | None:
    """The first rule that the order of turns breaks, and the position of the turn ("" for the row).

    Args:
        turns: The conversation.
        defined: Names of the functions that the row defines; none means that it does not say.
    """
    if all(turn.role != "assistant" for turn in turns):
        return "no_assistant", ""
    before, seen, waiting = "", set[str](), list[str | None]()
    for i, turn in enumerate(turns):
        code = _call_problem(turn, seen, waiting, defined) or _order_problem(turn, before)
        if code:
            return code, str(i)
        before = turn.role
    return None if turns[-1].role == "assistant" else ("last_turn_not_assistant", str(len(turns) - 1))


def _order_problem(turn: Spoken, before: str) -> str | None:
    if turn.role == "tool":
        return None
    silent = turn.role == "assistant" and not turn.says
    return "empty_content" if silent else role_problem(turn.role, before)


def _call_problem(turn: Spoken, seen: set[str], waiting: list[str | None], defined: set[str]) -> str | None:
    """Whether calls and answers match; `seen` and `waiting` are carried from turn to turn."""
    if turn.role == "tool":
        if turn.answers in waiting:
            waiting.remove(turn.answers)
        elif turn.answers is None and waiting:
            waiting.pop(0)
        else:
            return "tool_answer_without_call"
        return None
    if waiting:
        return "tool_call_unanswered"
    for call_id, name in turn.calls:
        if call_id is not None and call_id in seen:
            return "tool_call_twice"
        if defined and name not in defined:
            return "undeclared_tool"
        seen.update(() if call_id is None else (call_id,))
        waiting.append(call_id)
    return None
