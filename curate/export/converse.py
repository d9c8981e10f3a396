"""Records as turns of Amazon Bedrock's Converse API, with tools."""

from __future__ import annotations

from typing import Any

from ...schemas.providers.converse_rules import CONVERSE_RULES
from ...schemas.providers.problems import RowProblem
from .arguments import arguments_object, is_respelled
from .plain_turns import weight_problem
from .shape import Record, role_of, uncarried

NO_INPUT: dict[str, Any] = {"type": "object", "properties": {}}
"""The schema of a tool without parameters; OpenAI's form leaves it out, this one needs it."""


def converse_turns(record: Record, changes: set[str], *, reasoning: bool) -> Record | RowProblem:
    """The members `system` and `messages` of a Converse line.

    The results of tools stand in the user's turn that follows the calls; what the user says next is in the
    same turn.

    Args:
        record: A row of a version.
        changes: Gets the codes of what is told in another way.
        reasoning: Whether the format has reasoning.
    """
    system: list[Record] = []
    messages: list[Record] = []
    for i, turn in enumerate(record["messages"]):
        at = f"messages.{i}"
        problem = _problem(turn, at, changes, reasoning=reasoning)
        if problem is not None:
            return problem
        role = role_of(turn, changes)
        if role == "system":
            if i:
                return uncarried("late_system_prompt", at)
            system.append({"text": turn.get("content") or ""})
            continue
        blocks = _blocks(turn, at, changes)
        if isinstance(blocks, RowProblem):
            return blocks
        problem = _add(messages, role, blocks, at)
        if problem is not None:
            return problem
    return {**({"system": system} if system else {}), "messages": messages}


def _problem(turn: Record, at: str, changes: set[str], *, reasoning: bool) -> RowProblem | None:
    if turn.get("reasoning_content") and not (reasoning and turn["role"] == "assistant"):
        return uncarried("reasoning_content", f"{at}.reasoning_content")
    if turn.get("name") and turn["role"] != "tool":
        return uncarried("speaker_name", f"{at}.name")
    if turn.get("tool_calls") and turn["role"] != "assistant":
        return RowProblem("block_of_other_role", at, CONVERSE_RULES["block_of_other_role"].sentence)
    return weight_problem(turn, at, changes)


def _add(messages: list[Record], role: str, blocks: list[Record], at: str) -> RowProblem | None:
    """Put blocks into a turn of their own, or after the tool results that they follow."""
    told = "assistant" if role == "assistant" else "user"
    if not messages or messages[-1]["role"] != told:
        messages.append({"role": told, "content": blocks})
        return None
    before = messages[-1]["content"]
    if told == "user" and all("toolResult" in block for block in before):
        before += blocks
        return None
    code = "tool_answer_without_call" if role == "tool" else "roles_not_alternating"
    if told == "assistant" and any("toolUse" in block for block in before):
        code = "tool_call_unanswered"
    return RowProblem(code, at, CONVERSE_RULES[code].sentence)


def _blocks(turn: Record, at: str, changes: set[str]) -> list[Record] | RowProblem:
    content = turn.get("content")
    if turn["role"] == "tool":
        if turn.get("name") is not None:
            changes.add("tool_name_left_out")
        parts = [{"text": content}] if content is not None else []
        return [{"toolResult": _named(turn.get("tool_call_id"), {"content": parts})}]
    blocks: list[Record] = []
    if turn.get("reasoning_content"):
        blocks.append({"reasoningContent": {"reasoningText": {"text": turn["reasoning_content"]}}})
    calls = turn.get("tool_calls") or []
    if content or not calls:
        blocks.append({"text": content or ""})
    elif content == "":
        changes.add("empty_content_left_out")
    for k, call in enumerate(calls):
        block = _call(call, f"{at}.tool_calls.{k}", changes)
        if isinstance(block, RowProblem):
            return block
        blocks.append(block)
    return blocks


def _named(name: str | None, members: Record) -> Record:
    return {"toolUseId": name, **members} if name is not None else members


def _call(call: Record, at: str, changes: set[str]) -> Record | RowProblem:
    text = call["function"]["arguments"]
    given = arguments_object(text)
    if isinstance(given, str):
        return uncarried(given, f"{at}.function.arguments")
    if is_respelled(text, given):
        changes.add("arguments_respelled")
    return {"toolUse": _named(call.get("id"), {"name": call["function"]["name"], "input": given})}


def tool_config(tools: list[Any], changes: set[str]) -> Record:
    """The member `toolConfig` of a Converse line; the row model refuses what has no place there."""
    return {"tools": [{"toolSpec": _spec(tool, changes)} for tool in tools]}


def _spec(tool: Any, changes: set[str]) -> Any:
    function = tool.get("function") if isinstance(tool, dict) else None
    if not isinstance(function, dict):
        return tool
    others = {k: v for k, v in {**tool, **function}.items() if k not in _TOOL_MEMBERS and v is not None}
    spec: Record = {
        name: function[name] for name in ("name", "description") if function.get(name) is not None
    }
    parameters = function.get("parameters")
    if parameters is None:
        parameters = NO_INPUT
        changes.add("tool_members_filled_in")
    spec["inputSchema"] = {"json": parameters}
    if function.get("strict") is not None:
        spec["strict"] = function["strict"]
    return {**spec, **others}


_TOOL_MEMBERS = ("type", "function", "name", "description", "parameters", "strict")
