"""Fireworks checks files at its server alone; its documentation says that OpenAI's lines work unchanged.

So OpenAI's descriptions are asked, after what Fireworks documents besides them is taken out: thinking,
weights of any turn and of the row, calls without an id, and system turns and `ground_truth` in a
reinforcement row.
"""

from __future__ import annotations

import copy
import importlib.util
from pathlib import Path
from typing import Any

_found = importlib.util.spec_from_file_location(
    "tuneset_oracle_openai", Path(__file__).with_name("openai.py")
)
assert _found is not None
assert _found.loader is not None
_openai = importlib.util.module_from_spec(_found)
_found.loader.exec_module(_openai)


def accepts(target: str, rows: list[dict[str, Any]]) -> list[str | None]:
    """For each row None, or why OpenAI's own descriptions refuse it.

    Raises:
        ImportError: The SDK is not installed.
    """
    return _openai.accepts(target.replace("fireworks", "openai"), [_plain(row, target) for row in rows])


def _plain(row: Any, target: str) -> Any:
    row = copy.deepcopy(row)
    if not isinstance(row, dict):
        return row
    row.pop("weight", None)
    holder = row.get("input") if target.endswith("dpo") else row
    turns = holder.get("messages") if isinstance(holder, dict) else None
    turns = turns if isinstance(turns, list) else []
    outputs = [row.get(name) for name in ("preferred_output", "non_preferred_output")]
    for turn in [*turns, *(t for given in outputs if isinstance(given, list) for t in given)]:
        if isinstance(turn, dict):
            _plain_turn(turn, system="developer" if target.endswith("rft") else "system")
    return row


def _plain_turn(turn: dict[str, Any], system: str) -> None:
    turn.pop("reasoning_content", None)
    if turn.get("role") != "assistant" and turn.get("weight") in (0, 1):
        del turn["weight"]
    if turn.get("role") == "system":
        turn["role"] = system
    calls = turn.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, dict) and call.get("id") is None:
            call["id"] = "untold"
