"""Roles and their order, empty turns, tool calls: fixes what is certain, drops what cannot be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from ...readers.table import messages_array
from ...rows import Turn, rows_of
from ...step import KEEP, Opinion, verdicts
from .as_written import read_otherwise, set_aside, unnamed_calls
from .calls import doubtful_calls, impossible_calls, repair_calls
from .order import END_TOKENS, doubtful_order, doubtful_turns, has_content, impossible_turns, repair_order
from .reasons import REASONS, Finding
from .tool_schemas import Tools, tools_of

__all__ = ["Finding", "Structure", "judge"]

Judgement = tuple[str, list[Finding], list[Turn] | None]
_SOUND: Judgement = ("keep", [], None)


class Structure:
    """Checks every conversation against the OpenAI chat rules.

    Certain faults are fixed (verdict `edit`), doubtful ones go to review, impossible ones are dropped.
    A row with a doubtful fault is left as it is, so that a person decides on all of it.
    """

    name = "structure"
    version = 2
    edits = True
    reasons = REASONS

    def measure(self, batch: pa.Table) -> pa.Table:
        rows = rows_of(batch)
        cells = zip(
            rows.messages, batch.column("tools").to_pylist(), batch.column("meta").to_pylist(), strict=True
        )
        judged = [
            judge(messages, tools_of(tools) if tools else None, set_aside(meta))
            for messages, tools, meta in cells
        ]
        told = ["; ".join(f.detail for f in findings) or None for _, findings, _ in judged]
        return pa.table(
            {
                "row_id": batch.column("row_id"),
                "action": pa.array([action for action, _, _ in judged], pa.string()),
                "reason": pa.array([f[0].reason if f else None for _, f, _ in judged], pa.string()),
                "detail": pa.array(told, pa.string()),
                "messages": messages_array([proposal for _, _, proposal in judged]),
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
    messages: Sequence[Turn], tools: Tools | None, members: Mapping[int, Mapping[str, Any]]
) -> Judgement:
    """Action, findings (the telling one first) and, for an edit, the new messages.

    Args:
        messages: A canonical conversation.
        tools: What the row declares.
        members: What its turns had besides, by position.
    """
    if not members and (tools is None or not tools.faults) and _is_plain(messages):
        return _SOUND
    read = read_otherwise(messages, members)
    called, call_fixes = repair_calls(messages, tools, unnamed_calls(members))
    fixed, order_fixes = repair_order(called)
    if impossible := [*impossible_turns(fixed), *impossible_calls(called, tools)]:
        return "drop", [*impossible, *read], None
    if doubtful := [*doubtful_turns(fixed), *doubtful_calls(called, tools)]:
        return "review", [*doubtful, *read], None
    fixes = [*call_fixes, *order_fixes, *read]
    return ("edit", fixes, fixed) if fixes else _SOUND


def _is_plain(messages: Sequence[Turn]) -> bool:
    """Whether a conversation is in order and has no calls, results or weights; most are and have none."""
    for turn in messages:
        if turn["role"] == "tool" or "tool_calls" in turn or "weight" in turn or not has_content(turn):
            return False
    roles = tuple(turn["role"] for turn in messages)
    if not roles or roles[-1] != "assistant" or doubtful_order(roles):
        return False
    return not messages[-1]["content"].rstrip().endswith(END_TOKENS)
