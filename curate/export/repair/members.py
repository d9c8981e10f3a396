"""Repairs of one member. Each takes a place and either changes it and names what it did, or does nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ....schemas.providers.problems import is_json_object
from ...readers.shapes.messages import SYNONYMS
from ..layouts import json_line
from .places import Place

Repair = Callable[[Place], str | None]

CONTENT = frozenset(
    "content contents text parts messages conversations prompt completion chosen rejected response answer"
    " question instruction input output system systemInstruction tools toolConfig tool_calls functions"
    " function_call arguments parameters reasoning reasoning_content thinking refusal label weight train name"
    " image images image_url audio video videos documents context history reference_answer preferred_output"
    " non_preferred_output completions tool_call_id value".split()
)
"""What may hold something to learn from: never removed unless it is empty."""
_TURN_NAMES = {"from": "role", "speaker": "role", "value": "content"}
_TRUTHS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1}


def unknown(at: Place) -> str | None:
    """A member that the format does not have."""
    if not isinstance(at.parent, dict) or not at.there:
        return None
    turn, value = at.parent, at.value
    renamed = _TURN_NAMES.get(str(at.key))
    if renamed and renamed not in turn and isinstance(value, str):
        turn[renamed] = turn.pop(at.key)
        return "members_renamed"
    if value is None or value in ("", [], {}):
        del turn[at.key]
        return "empty_member_removed"
    if at.key == "weight":
        return weight(at)
    if at.key == "name" and turn.get("role") == "tool" and turn.get("tool_call_id"):
        del turn["name"]
        return "tool_name_left_out"
    if at.key in CONTENT:
        return None
    del turn[at.key]
    return f"unknown_member_removed:{at.key}"


def weight(at: Place) -> str | None:
    """A weight: whole numbers on assistant turns; elsewhere nothing is trained on."""
    turn, value = at.parent, at.value
    if not isinstance(turn, dict) or not at.there:
        return None
    told = _TRUTHS.get(str(value).lower().replace("true", "1").replace("false", "0"))
    if turn.get("role") not in ("assistant", "model"):
        if told is None and value is not None and not isinstance(value, float):
            return None
        del turn["weight"]
        return "weight_removed"
    if told is not None and (type(value) is not int):
        at.put(told)
        return "weight_to_whole"
    if told == 1:
        del turn["weight"]
        return "weight_removed"
    return None


def role(at: Place) -> str | None:
    """A role under another name."""
    value = at.value
    if not isinstance(value, str):
        return None
    spelled = value.strip().lower()
    known = SYNONYMS.get(spelled, spelled)
    if isinstance(at.parent, dict) and "parts" in at.parent and known == "assistant":
        known = "model"
    if known == "developer":
        at.put("system")
        return "developer_to_system"
    if known == "function_call" or (known == "tool" and spelled == "function") or known == value:
        return None
    at.put(known)
    return "role_named"


def content(at: Place) -> str | None:
    """A content that is a number, or a list of one text where text is asked for."""
    value = at.value
    if isinstance(value, bool | int | float):
        at.put(json.dumps(value))
        return "number_to_text"
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        (part,) = value
        if part.get("type") == "text" and set(part) == {"type", "text"} and isinstance(part["text"], str):
            at.put(part["text"])
            return "part_to_text"
    return None


def arguments(at: Place) -> str | None:
    """Arguments of a call in the other form, or wrapped twice."""
    if not isinstance(at.parent, dict) or "name" not in at.parent:
        return None
    value = at.value
    if value is None or value == "":
        at.put("{}")
        return "no_arguments"
    if isinstance(value, dict):
        at.put(json_line(value))
        return "arguments_to_text"
    if not isinstance(value, str):
        return None
    if is_json_object(value):
        at.put(json.loads(value))
        return "arguments_to_object"
    inner = _parsed(value)
    if isinstance(inner, str) and is_json_object(inner):
        at.put(inner)
        return "arguments_unwrapped"
    return None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def missing(at: Place) -> str | None:
    """A member that is not there and can have one value alone."""
    if not isinstance(at.parent, dict) or at.there:
        return None
    if at.key == "type" and isinstance(at.parent.get("function"), dict):
        at.put("function")
        return "constant_added"
    if at.key in ("type", "function") and {"name", "parameters"} <= set(at.parent):
        function = dict(at.parent)
        function.pop("type", None)
        at.parent.clear()
        at.parent.update({"type": "function", "function": function})
        return "tool_wrapped"
    if at.key == "arguments":
        return arguments(at)
    for old, new in _TURN_NAMES.items():
        if new == at.key and isinstance(at.parent.get(old), str):
            at.parent[new] = at.parent.pop(old)
            return "members_renamed"
    return None


BY_NAME: dict[str, Repair] = {
    "role": role,
    "weight": weight,
    "content": content,
    "text": content,
    "arguments": arguments,
}
"""By the name of the member that a finding is about."""
