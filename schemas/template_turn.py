"""A turn as chat templates expect it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def for_template(turn: Mapping[str, Any]) -> dict[str, Any]:
    """A turn without weight and nulls, with tool arguments as an object where they are one."""
    kept = {k: v for k, v in turn.items() if k != "weight" and v is not None}
    kept.setdefault("content", "")
    if kept.get("tool_calls"):
        kept["tool_calls"] = [_with_object_arguments(call) for call in kept["tool_calls"]]
    return kept


def _with_object_arguments(call: Mapping[str, Any]) -> Mapping[str, Any]:
    function = call["function"]
    try:
        arguments = json.loads(function["arguments"])
    except ValueError:
        return call
    return {**call, "function": {**function, "arguments": arguments}}
