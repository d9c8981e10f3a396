"""Repairs of tool call ids: they are names within one row, so any consistent new name says the same."""

from __future__ import annotations

import hashlib
from typing import Any

Turn = dict[str, Any]


def _calls(turn: Any) -> list[Turn]:
    calls = turn.get("tool_calls") if isinstance(turn, dict) else None
    return [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []


def _answers(turns: list[Any], after: int) -> list[Turn]:
    """The tool turns right after a turn."""
    found: list[Turn] = []
    for turn in turns[after + 1 :]:
        if not isinstance(turn, dict) or turn.get("role") != "tool":
            break
        found.append(turn)
    return found


def rename_repeated(turns: list[Any]) -> bool:
    """Give a call whose id an earlier turn has used an id of its own, and its answer too."""
    changed = False
    used: set[str] = set()
    for i, turn in enumerate(turns):
        calls = _calls(turn)
        ids = [call.get("id") for call in calls]
        if not all(isinstance(name, str) for name in ids) or len(set(ids)) < len(ids):
            return changed
        for call in calls:
            if call["id"] in used:
                new = _free(call["id"], used | {str(name) for name in ids})
                for answer in _answers(turns, i):
                    if answer.get("tool_call_id") == call["id"]:
                        answer["tool_call_id"] = new
                call["id"] = new
                changed = True
            used.add(call["id"])
    return changed


def add_missing(turns: list[Any]) -> bool:
    """Give a call and its one answer the id that one of them lacks, or a new one."""
    changed = False
    used = {str(call["id"]) for turn in turns for call in _calls(turn) if call.get("id")}
    for i, turn in enumerate(turns):
        calls, answers = _calls(turn), _answers(turns, i)
        if len(calls) != 1 or len(answers) > 1:
            continue
        told = [calls[0].get("id"), *(answer.get("tool_call_id") for answer in answers)]
        known = [name for name in told if name]
        if len(known) == len(told) or not all(isinstance(name, str) for name in known):
            continue
        name = known[0] if known else _free("call", used)
        calls[0]["id"] = name
        for answer in answers:
            answer["tool_call_id"] = name
        used.add(name)
        changed = True
    return changed


def _free(name: str, used: set[str]) -> str:
    number = 2
    while f"{name}_{number}" in used:
        number += 1
    return f"{name}_{number}"


def rename_all(turns: list[Any]) -> bool:
    """Give every call an id of nine letters and digits, and its answers too; a new name says the same.

    Every service takes these; Mistral's tokenizers up to version 11 take no others (mistral-common 1.13.1).
    """
    ids = {name for turn in turns for name in _ids(turn)}
    names = {name: hashlib.blake2b(name.encode("utf-8", "surrogatepass")).hexdigest()[:9] for name in ids}
    if len(set(names.values())) < len(ids) or all(name == new for name, new in names.items()):
        return False
    for turn in turns:
        for call in _calls(turn):
            if isinstance(call.get("id"), str):
                call["id"] = names[call["id"]]
        if isinstance(turn, dict) and isinstance(turn.get("tool_call_id"), str):
            turn["tool_call_id"] = names[turn["tool_call_id"]]
    return bool(ids)


def _ids(turn: Any) -> list[str]:
    told = [call.get("id") for call in _calls(turn)]
    told += [turn.get("tool_call_id")] if isinstance(turn, dict) else []
    return [name for name in told if isinstance(name, str)]
