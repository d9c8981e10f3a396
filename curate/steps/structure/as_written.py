"""What the readers read as something else than it says, from the members that they set aside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...readers.shapes.messages import BESIDES
from ...readers.shapes.tool_calls import CALL_MEMBERS, FUNCTION_MEMBERS, other_members
from ...rows import Turn
from .reasons import Finding

_MARK = json.dumps(BESIDES)
_NAMED = {
    "function_call": ("rewritten_call", "a 'function_call'"),
    "content": ("rewritten_result", "the result was no text"),
    "weight": ("misplaced_weight", "a weight"),
    "loss_weight": ("misplaced_weight", "a weight"),
}


def set_aside(meta: str) -> dict[int, Mapping[str, Any]]:
    """The members that turns had besides, by position; {} for most rows, which is told without parsing.

    Args:
        meta: A row's `meta` cell.
    """
    if _MARK not in meta:
        return {}
    members = json.loads(meta).get(BESIDES)
    if not isinstance(members, Mapping):
        return {}
    return {int(k): v for k, v in members.items() if k.isdecimal() and isinstance(v, Mapping)}


def unnamed_calls(members: Mapping[int, Mapping[str, Any]]) -> set[tuple[int, int]]:
    """Turn and call, by position, of the calls that had no id."""
    return {
        (position, k)
        for position, extra in members.items()
        for k, call in enumerate(_calls(extra))
        if not isinstance(call, Mapping) or not isinstance(call.get("id"), str) or not call["id"]
    }


def read_otherwise(messages: Sequence[Turn], members: Mapping[int, Mapping[str, Any]]) -> list[Finding]:
    """What was read otherwise, turn by turn."""
    return [
        Finding(reason, f"turn {position + 1}: {told}")
        for position, extra in sorted(members.items())
        if position < len(messages)
        for reason, told in _turn_findings(messages[position], extra)
    ]


def _turn_findings(turn: Turn, extra: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    others: list[str] = []
    for name, value in extra.items():
        if name == "role":
            yield "role_spelling", f"{value!r} read as {turn['role']!r}"
        elif name == "tool_calls":
            yield from _call_findings(extra)
        elif name in _NAMED and (name != "content" or turn["role"] == "tool"):
            yield _NAMED[name]
        elif value not in ("", [], {}):  # tables have a column where one row has a value
            others.append(name)
    if others:
        yield "extra_members", ", ".join(map(repr, others))


def _call_findings(extra: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for number, call in enumerate(_calls(extra), start=1):
        where = f"call {number}"
        inner = call.get("function")
        nested = isinstance(inner, Mapping)
        function: Mapping[str, Any] = inner if isinstance(inner, Mapping) else call
        if not isinstance(call.get("id"), str):
            yield "call_without_id", where
        if not nested or call.get("type") != "function":
            yield "rewritten_call", f"{where} lacks {'its type' if nested else 'a function member'}"
        arguments = function.get("arguments", function.get("parameters"))
        if not isinstance(arguments, str):
            told = {dict: "an object", type(None): "missing"}.get(type(arguments), type(arguments).__name__)
            yield "rewritten_arguments", f"{where} ({function.get('name')}): they were {told}"
        others = (
            other_members(function, FUNCTION_MEMBERS) + other_members(call, CALL_MEMBERS) if nested else []
        )
        if others:
            yield "extra_members", f"{where}: {', '.join(map(repr, others))}"


def _calls(extra: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    calls = extra.get("tool_calls", [])
    calls = [calls] if isinstance(calls, Mapping) else calls
    return [call for call in calls if isinstance(call, Mapping)] if isinstance(calls, list) else []
