"""Rows in the shape of Amazon Bedrock's Converse API, with candidates for preferences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....schemas.providers.converse import VERSION
from .base import Draft, RowProblem, Shape, Turn, json_text, parse_tools, rest

BLOCKS = ("text", "toolUse", "toolResult", "reasoningContent", "image", "video", "document")
CANDIDATES = "candidates"


def _first_turn(row: Any) -> Any:
    turns = row.get("messages") if isinstance(row, Mapping) else None
    return turns[0] if isinstance(turns, list) and turns else None


def _is_converse(row: Any) -> bool:
    turn = _first_turn(row)
    if not isinstance(turn, Mapping):
        return False
    if row.get("schemaVersion") == VERSION:
        return True
    blocks = turn.get("content")
    first = blocks[0] if isinstance(blocks, list) and blocks else None
    return isinstance(first, Mapping) and "type" not in first and any(kind in first for kind in BLOCKS)


def _converse(row: Any) -> Draft:
    system = _list(row.get("system"), "'system'")
    messages: list[Turn] = [{"role": "system", "content": _system(b, i)} for i, b in enumerate(system)]
    config = row.get("toolConfig") or {}
    if not isinstance(config, Mapping):
        raise RowProblem("'toolConfig' is no object with tools")
    rejected: list[Turn] | None = None
    others: list[Any] = []
    for i, turn in enumerate(row["messages"]):
        where = f"'messages'[{i}]"
        role = turn.get("role") if isinstance(turn, Mapping) else None
        if role not in ("user", "assistant"):
            raise RowProblem(f"{where} has the role {role!r}, neither user nor assistant")
        if CANDIDATES in turn:
            chosen, rejected, others = _candidates(turn[CANDIDATES], where)
            messages += chosen
        else:
            messages += _turns(turn.get("content"), role, where)
    tools = [_tool(tool) for tool in _list(config.get("tools"), "'toolConfig.tools'")]
    meta = rest(row, ("schemaVersion", "system", "messages", "toolConfig"))
    more = rest(config, ("tools",))
    meta |= {"toolConfig": more} if more else {}
    meta |= {CANDIDATES: others} if others else {}
    return Draft(messages, parse_tools(tools), rejected, None, meta)


def _list(value: Any, where: str) -> list[Any]:
    """A list that may be missing or null."""
    if value is not None and not isinstance(value, list):
        raise RowProblem(f"{where} is a {type(value).__name__}, not a list")
    return value or []


def _system(block: Any, i: int) -> str:
    text = block.get("text") if isinstance(block, Mapping) else None
    if not isinstance(text, str):
        raise RowProblem(f"'system'[{i}] has no text")
    return text


def _turns(blocks: Any, role: str, where: str) -> list[Turn]:
    """A turn's blocks as messages: results of tools are turns of their own, before or after the text."""
    if not isinstance(blocks, list) or not blocks:
        raise RowProblem(f"{where} has no content blocks")
    messages: list[Turn] = []
    spoken: Turn | None = None
    for block in blocks:
        kind = next((k for k in BLOCKS if isinstance(block, Mapping) and block.get(k) is not None), None)
        if kind == "toolResult" and role == "user":
            messages.append(_result(block[kind], where))
            spoken = None
            continue
        if spoken is None:
            spoken = {"role": role, "content": None}
            messages.append(spoken)
        _add(spoken, kind, block, where)
    return messages


def _add(turn: Turn, kind: str | None, block: Any, where: str) -> None:
    value = block[kind] if kind else None
    if kind == "text" and isinstance(value, str):
        turn["content"] = (turn["content"] or "") + value
    elif kind == "toolUse" and isinstance(value, Mapping) and isinstance(value.get("name"), str):
        function = {"name": value["name"], "arguments": json_text(value.get("input") or {}, where)}
        call = {"id": value.get("toolUseId"), "type": "function", "function": function}
        turn.setdefault("tool_calls", []).append(call)
    elif kind == "reasoningContent" and isinstance(value, Mapping):
        thought = value.get("reasoningText")
        text = thought.get("text") if isinstance(thought, Mapping) else None
        if not isinstance(text, str):
            raise RowProblem(f"{where} has reasoning without text")
        turn["reasoning_content"] = turn.get("reasoning_content", "") + text
    else:
        raise RowProblem(f"{where} has a content block of kind {kind or 'none'!r}; only text is supported")


def _result(result: Any, where: str) -> Turn:
    parts = result.get("content") if isinstance(result, Mapping) else None
    if not isinstance(parts, list):
        raise RowProblem(f"{where} has a tool result without content")
    texts: list[str] = []
    for part in parts:
        if isinstance(part, Mapping) and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif isinstance(part, Mapping) and part.get("json") is not None:
            texts.append(json_text(part["json"], where))
        else:
            raise RowProblem(f"{where} has a tool result that is neither text nor JSON")
    return {"role": "tool", "content": "".join(texts), "tool_call_id": result.get("toolUseId")}


def _candidates(value: Any, where: str) -> tuple[list[Turn], list[Turn], list[Any]]:
    """The first preferred answer, the first other one, and what is left."""
    if not isinstance(value, list) or not all(isinstance(v, Mapping) for v in value):
        raise RowProblem(f"{where} has candidates that are no list of answers")
    won = [c for c in value if str(c.get("preferenceLabel")).lower() == "preferred"]
    lost = [c for c in value if str(c.get("preferenceLabel")).lower() == "non-preferred"]
    if not won or not lost:
        raise RowProblem(f"{where} has no preferred or no non-preferred candidate")
    sides = [_turns(side[0].get("content"), "assistant", where) for side in (won, lost)]
    return sides[0], sides[1], [c for c in value if c is not won[0] and c is not lost[0]]


def _tool(tool: Any) -> dict[str, Any]:
    spec = tool.get("toolSpec") if isinstance(tool, Mapping) else None
    if not isinstance(spec, Mapping) or not isinstance(spec.get("name"), str):
        raise RowProblem("'toolConfig' has a tool without 'toolSpec' or name")
    function = {k: v for k, v in spec.items() if k != "inputSchema"}
    schema = spec.get("inputSchema")
    if isinstance(schema, Mapping) and schema.get("json") is not None:
        function["parameters"] = schema["json"]
    return {"type": "function", "function": function}


SHAPES = (
    Shape("converse", "'messages' with content blocks of the Bedrock Converse API", _is_converse, _converse),
)
