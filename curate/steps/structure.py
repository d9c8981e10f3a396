"""Roles and their order, empty turns, tool calls: fixes what is certain, drops what cannot be used."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pyarrow as pa

from ..readers.table import messages_array
from ..rows import Turn, rows_of
from ..step import KEEP, Opinion, verdicts

END_TOKENS = ("<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<|end_of_text|>", "<|end|>", "</s>", "<eos>")
_END = re.compile(r"(?:\s*(?:" + "|".join(map(re.escape, END_TOKENS)) + r"))+\s*$")


class Finding(NamedTuple):
    """One thing that is wrong with a conversation."""

    reason: str
    detail: str


class Structure:
    """Checks every conversation against the OpenAI chat rules.

    Certain faults are fixed (verdict `edit`), doubtful ones go to review, impossible ones are dropped.
    A row with a doubtful fault is left as it is, so that a person decides on all of it.
    """

    name = "structure"
    version = 1
    edits = True
    reasons = {
        "no_assistant_turn": "There is no assistant turn to learn from.",
        "no_user_turn": "Nothing was asked: there is no user turn.",
        "empty_response": "The last assistant turn is empty.",
        "empty_turn": "A user or assistant turn before the end is empty.",
        "ends_with_tool": "The conversation ends with a tool result that nobody answers.",
        "tool_result_without_call": "A tool result answers no call.",
        "tool_call_without_result": "A tool call is never answered, though the conversation goes on.",
        "undeclared_tool": "A tool is called that the row does not declare.",
        "bad_arguments": "The arguments of a tool call are not a JSON object.",
        "starts_with_assistant": "The conversation starts with the assistant.",
        "late_system": "A system turn comes after other turns.",
        "doubled_turn": "Two turns of the same role follow each other.",
        "trailing_user_turn": "The last user turn has no answer; it was removed.",
        "empty_system": "An empty system turn was removed.",
        "end_token": "A literal end-of-text token after the answer was removed.",
    }

    def measure(self, batch: pa.Table) -> pa.Table:
        rows = rows_of(batch)
        actions: list[str] = []
        reasons: list[str | None] = []
        details: list[str | None] = []
        proposals: list[list[Turn] | None] = []
        for messages, tools in zip(rows.messages, rows.tools(), strict=True):
            action, findings, proposal = judge(messages, tools)
            actions.append(action)
            reasons.append(findings[0].reason if findings else None)
            details.append("; ".join(f.detail for f in findings) or None)
            proposals.append(proposal)
        return pa.table(
            {
                "row_id": batch.column("row_id"),
                "action": pa.array(actions, pa.string()),
                "reason": pa.array(reasons, pa.string()),
                "detail": pa.array(details, pa.string()),
                "messages": messages_array(proposals),
            }
        )

    def decide(self, measures: pa.Table) -> pa.Table:
        cells = (measures.column(c).to_pylist() for c in ("action", "reason", "detail"))
        opinions = [
            KEEP if action == "keep" else Opinion(action, reason, detail=detail)
            for action, reason, detail in zip(*cells, strict=True)
        ]
        return verdicts(measures.column("row_id"), self.name, opinions)


def judge(
    messages: Sequence[Turn], tools: Sequence[Any] | None
) -> tuple[str, list[Finding], list[Turn] | None]:
    """Action, findings (the telling one first) and, for an edit, the new messages."""
    fixed, fixes = fix(messages)
    if impossible := find_impossible(fixed, tools):
        return "drop", impossible, None
    if doubtful := find_doubtful(fixed):
        return "review", doubtful, None
    return ("edit", fixes, fixed) if fixes else ("keep", [], None)


def fix(messages: Sequence[Turn]) -> tuple[list[Turn], list[Finding]]:
    """The messages with certain faults repaired, and what was repaired."""
    fixes: list[Finding] = []
    turns: list[Turn] = []
    for position, turn in enumerate(messages):
        if turn["role"] in ("system", "developer") and not _has_content(turn):
            fixes.append(Finding("empty_system", f"turn {position + 1} removed"))
        else:
            turns.append(turn)
    if any(t["role"] == "assistant" for t in turns):
        while turns and turns[-1]["role"] == "user":
            fixes.append(Finding("trailing_user_turn", f"turn {len(turns)} removed"))
            turns.pop()
    if turns and turns[-1]["role"] == "assistant":
        text = turns[-1].get("content") or ""
        found = _END.search(text) if text.rstrip().endswith(END_TOKENS) else None
        if found:
            fixes.append(Finding("end_token", f"removed {found.group().strip()!r}"))
            turns[-1] = {**turns[-1], "content": text[: found.start()]}
    return turns, fixes


def find_impossible(turns: Sequence[Turn], tools: Sequence[Any] | None) -> list[Finding]:
    """Faults with which a row cannot be trained on."""
    roles = [t["role"] for t in turns]
    if "assistant" not in roles:
        return [Finding("no_assistant_turn", f"roles: {', '.join(roles) or 'none'}")]
    if "user" not in roles:
        return [Finding("no_user_turn", f"roles: {', '.join(roles)}")]
    if roles[-1] == "tool":
        return [Finding("ends_with_tool", f"turn {len(turns)} is a tool result")]
    if not _has_content(turns[-1]) and not turns[-1].get("tool_calls"):
        return [Finding("empty_response", f"turn {len(turns)} is empty")]
    return [*_empty_turns(turns), *_tool_faults(turns, tools)]


def _has_content(turn: Mapping[str, Any]) -> bool:
    content = turn.get("content")
    return isinstance(content, str) and bool(content.strip())


def _empty_turns(turns: Sequence[Turn]) -> list[Finding]:
    return [
        Finding("empty_turn", f"turn {i + 1} ({turn['role']}) is empty")
        for i, turn in enumerate(turns)
        if turn["role"] in ("user", "assistant") and not _has_content(turn) and not turn.get("tool_calls")
    ]


def _tool_faults(turns: Sequence[Turn], tools: Sequence[Any] | None) -> list[Finding]:
    declared = _declared(tools)
    findings: list[Finding] = []
    waiting: dict[str | None, int] = {}
    for i, turn in enumerate(turns):
        if turn["role"] == "tool":
            if turn.get("tool_call_id") not in waiting:
                findings.append(
                    Finding("tool_result_without_call", f"turn {i + 1}: id {turn.get('tool_call_id')!r}")
                )
            waiting.pop(turn.get("tool_call_id"), None)
            continue
        findings += [_unanswered(waiting)] if waiting else []
        waiting = {}
        for call in turn.get("tool_calls") or ():
            findings += _call_faults(call, declared, i)
            waiting[call.get("id")] = i
    last_is_call = bool(turns[-1].get("tool_calls"))
    return findings + ([_unanswered(waiting)] if waiting and not last_is_call else [])


def _unanswered(waiting: Mapping[str | None, int]) -> Finding:
    call, position = next(iter(waiting.items()))
    return Finding("tool_call_without_result", f"turn {position + 1}: call {call!r} has no result")


def _call_faults(call: Mapping[str, Any], declared: set[str] | None, position: int) -> list[Finding]:
    function = call.get("function") or {}
    name, arguments = function.get("name"), function.get("arguments")
    findings: list[Finding] = []
    if declared is not None and name not in declared:
        findings.append(
            Finding("undeclared_tool", f"turn {position + 1}: {name!r} is not among the row's tools")
        )
    try:
        parsed = json.loads(arguments or "")
    except ValueError as error:
        return [*findings, Finding("bad_arguments", f"turn {position + 1}: {name}: {error}")]
    if not isinstance(parsed, dict):
        findings.append(Finding("bad_arguments", f"turn {position + 1}: {name}: a {type(parsed).__name__}"))
    return findings


def _declared(tools: Sequence[Any] | None) -> set[str] | None:
    """Names of the declared tools; None when the row declares none, so that nothing can be checked."""
    if not tools:
        return None
    functions = (t.get("function", t) for t in tools if isinstance(t, Mapping))
    return {str(f.get("name")) for f in functions if isinstance(f, Mapping)}


def find_doubtful(turns: Sequence[Turn]) -> list[Finding]:
    """Faults that a person should look at."""
    findings: list[Finding] = []
    talk = [(i, t["role"]) for i, t in enumerate(turns) if t["role"] not in ("system", "developer")]
    if talk and talk[0][1] == "assistant":
        findings.append(Finding("starts_with_assistant", f"turn {talk[0][0] + 1} is the assistant's"))
    first_talk = talk[0][0] if talk else 0
    for i, turn in enumerate(turns):
        if turn["role"] in ("system", "developer") and i > first_talk:
            findings.append(Finding("late_system", f"turn {i + 1} is a {turn['role']} turn"))
    for (_, before), (i, role) in pairwise(talk):
        if role == before and role in ("user", "assistant"):
            findings.append(Finding("doubled_turn", f"turns {i} and {i + 1} are both the {role}'s"))
    return findings
