"""Tool calls and their results: repairs of ids, names and arguments, and what remains wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ...rows import Turn
from .arguments import arguments_text, read_arguments
from .reasons import Finding
from .schema_check import misfits
from .tool_schemas import Tools


class Block(NamedTuple):
    """An assistant turn with calls, and the results that follow it, by position.

    Args:
        caller: The turn; None where results follow no call.
        results: The tool turns.
    """

    caller: int | None
    results: list[int]


def blocks(turns: Sequence[Turn]) -> list[Block]:
    """The calls and results of a conversation, in order."""
    found: list[Block] = []
    last_is_open = False
    for i, turn in enumerate(turns):
        if turn["role"] == "tool":
            if not last_is_open:
                found.append(Block(None, []))
            found[-1].results.append(i)
            last_is_open = True
            continue
        last_is_open = turn["role"] == "assistant" and bool(turn.get("tool_calls"))
        if last_is_open:
            found.append(Block(i, []))
    return found


def repair_calls(
    turns: Sequence[Turn], tools: Tools | None, unnamed: Collection[tuple[int, int]]
) -> tuple[list[Turn], list[Finding]]:
    """The turns with certain faults of calls repaired, and what was repaired.

    Args:
        turns: The conversation; it stays as it is.
        tools: What the row declares.
        unnamed: Turn and call, by position, of calls that had no id when they were read.
    """
    fixed = [_copied(turn) for turn in turns]
    fixes: list[Finding] = []
    used: set[Any] = set()
    for block in blocks(fixed):
        if block.caller is None:
            continue
        calls = fixed[block.caller]["tool_calls"]
        fixes += _match_single(fixed, block, [k for k in range(len(calls)) if (block.caller, k) in unnamed])
        fixes += _rename_repeated(fixed, block, used)
        used |= {call["id"] for call in calls}
        for call in calls:
            fixes += _repair_function(call["function"], tools, block.caller)
    return fixed, fixes


def _copied(turn: Turn) -> Turn:
    if not turn.get("tool_calls"):
        return dict(turn)
    calls = [{**call, "function": dict(call["function"])} for call in turn["tool_calls"]]
    return {**turn, "tool_calls": calls}


def _match_single(turns: list[Turn], block: Block, unnamed: Collection[int]) -> Iterator[Finding]:
    """Give one id to the only open call and the only stray result, where one of them had none."""
    calls = turns[block.caller or 0]["tool_calls"]
    ids = {turns[i].get("tool_call_id") for i in block.results}
    calling = {call["id"] for call in calls}
    open_calls = [k for k, call in enumerate(calls) if call["id"] not in ids]
    strays = [i for i in block.results if turns[i].get("tool_call_id") not in calling]
    if len(open_calls) != 1 or len(strays) != 1:
        return
    call, result = calls[open_calls[0]], turns[strays[0]]
    if result.get("tool_call_id") is None:
        result["tool_call_id"] = call["id"]
    elif open_calls[0] in unnamed:
        call["id"] = result["tool_call_id"]
    else:
        return
    yield Finding("unmatched_call_id", f"turn {strays[0] + 1} answers call {call['id']!r}")


def _rename_repeated(turns: list[Turn], block: Block, used: Collection[Any]) -> Iterator[Finding]:
    """New ids for the calls of a block, and their results, that have an id of an earlier block."""
    calls = turns[block.caller or 0]["tool_calls"]
    repeated = [call["id"] for call in calls if call["id"] in used]
    if not repeated or len({call["id"] for call in calls}) < len(calls):
        return
    taken = {*used, *(call["id"] for call in calls)}
    renamed: dict[Any, str] = {}
    for name in repeated:
        number = 2
        while f"{name}_{number}" in taken:
            number += 1
        renamed[name] = f"{name}_{number}"
        taken.add(renamed[name])
    for call in calls:
        call["id"] = renamed.get(call["id"], call["id"])
    for i in block.results:
        turns[i]["tool_call_id"] = renamed.get(turns[i].get("tool_call_id"), turns[i].get("tool_call_id"))
    told = ", ".join(f"{old!r} is now {new!r}" for old, new in renamed.items())
    yield Finding("repeated_call_id", f"turn {(block.caller or 0) + 1}: {told}")


def _repair_function(function: dict[str, Any], tools: Tools | None, position: int) -> Iterator[Finding]:
    name = function["name"]
    declared = tools.declared_as(name) if tools is not None else name.strip()
    if declared is not None and declared != name:
        function["name"] = declared
        yield Finding("tool_name_spelling", f"turn {position + 1}: {name!r} is now {declared!r}")
    value, told = read_arguments(function["arguments"] or "")
    if value is not None and told is not None:
        function["arguments"] = arguments_text(value)
        yield Finding("rewritten_arguments", f"turn {position + 1}: {name}: they were {told}")


def impossible_calls(turns: Sequence[Turn], tools: Tools | None) -> list[Finding]:
    """Calls and results that cannot be right."""
    found = [
        Finding("call_by_other_role", f"turn {i + 1} is a {turn['role']} turn")
        for i, turn in enumerate(turns)
        if turn["role"] != "assistant" and turn.get("tool_calls")
    ]
    for block in blocks(turns):
        calls = turns[block.caller]["tool_calls"] if block.caller is not None else []
        found += _unmatched(turns, block, calls)
        for call in calls:
            found += _bad_call(call["function"], tools, block.caller or 0)
    return found


def _unmatched(turns: Sequence[Turn], block: Block, calls: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    calling = {call["id"] for call in calls}
    answered = {turns[i].get("tool_call_id") for i in block.results}
    for i in block.results:
        name = turns[i].get("tool_call_id")
        if name not in calling and (name is not None or block.caller is None):
            yield Finding("tool_result_without_call", f"turn {i + 1}: id {name!r}")
    end = (block.results or [block.caller or 0])[-1]
    if end == len(turns) - 1 or None in answered:
        return
    for call in calls:
        if call["id"] not in answered:
            told = f"turn {(block.caller or 0) + 1}: call {call['id']!r} has no result"
            yield Finding("tool_call_without_result", told)


def _bad_call(function: Mapping[str, Any], tools: Tools | None, position: int) -> Iterator[Finding]:
    name = function["name"]
    if tools is not None and tools.complete and name not in tools.schemas:
        yield Finding("undeclared_tool", f"turn {position + 1}: {name!r} is not among the row's tools")
    value, told = read_arguments(function["arguments"] or "")
    if value is None:
        yield Finding("bad_arguments", f"turn {position + 1}: {name}: {told}")


def doubtful_calls(turns: Sequence[Turn], tools: Tools | None) -> list[Finding]:
    """Calls and results that a person should look at."""
    found = list(tools.faults) if tools is not None else []
    for block in blocks(turns):
        if block.caller is None:
            continue
        calls = turns[block.caller]["tool_calls"]
        found += _ambiguous(turns, block, calls)
        for call in calls:
            found += _misfitting(call["function"], tools, block.caller)
    return found


def _ambiguous(turns: Sequence[Turn], block: Block, calls: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    calling = Counter(call["id"] for call in calls)
    answering = Counter(turns[i].get("tool_call_id") for i in block.results)
    where = f"turn {(block.caller or 0) + 1}"
    for name, times in calling.items():
        if times > 1:
            yield Finding("duplicate_call_id", f"{where}: {times} calls have the id {name!r}")
    for name, times in answering.items():
        if name is None:
            told = f"{len(block.results)} results, {times} of them without an id, for {len(calls)} calls"
            yield Finding("result_without_id", f"{where}: {told}")
        elif times > max(calling[name], 1):
            yield Finding("second_result", f"{where}: call {name!r} has {times} results")
    called = {call["id"]: call["function"]["name"] for call in calls}
    for i in block.results:
        name, meant = turns[i].get("name"), called.get(turns[i].get("tool_call_id"))
        if name and meant and name != meant:
            yield Finding("result_of_other_tool", f"turn {i + 1} is of {name!r}, the call of {meant!r}")
        if turns[i].get("content") is None:
            yield Finding("missing_result", f"turn {i + 1} has no content")


def _misfitting(function: Mapping[str, Any], tools: Tools | None, position: int) -> Iterator[Finding]:
    schemas = tools.schemas.get(function["name"], ()) if tools is not None else ()
    value, _ = read_arguments(function["arguments"] or "")
    if value is None or not schemas:
        return
    tried = [misfits(value, schema) for schema in schemas]
    for finding in min(tried, key=len):
        yield Finding(finding.reason, f"turn {position + 1}: {function['name']}: {finding.detail}")
