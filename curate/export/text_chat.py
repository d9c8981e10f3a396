"""Conversations of texts alone, for trainers that read nothing else of a turn than role and content."""

from __future__ import annotations

from ...schemas.providers.problems import RowProblem
from .chat import Form, chat_turns
from .record_kinds import one_answer
from .shape import Converted, Record, uncarried

FORM = Form(names=False, late_system=False)


def convert_text_chat(record: Record, member: str) -> Converted | RowProblem:
    """A conversation as a list of role and content.

    Args:
        record: A record.
        member: What the row calls the list.
    """
    problem = one_answer(record)
    if problem is not None:
        return problem
    changes: set[str] = set()
    turns = text_turns(record, record["messages"], changes)
    if isinstance(turns, RowProblem):
        return turns
    return Converted({member: turns}, tuple(sorted(changes)))


def text_turns(
    record: Record, given: list[Record], changes: set[str], where: str = "messages", *, first: bool = True
) -> list[Record] | RowProblem:
    """Turns of role and content, or why that would lose something.

    Args:
        record: The record that they are of.
        given: Canonical turns.
        changes: Codes of `shape.CHANGES` are added here.
        where: The member that holds them, for the problem's place.
        first: Whether the conversation begins with them.
    """
    for i, turn in enumerate(given):
        if turn["role"] == "tool" or turn.get("tool_calls"):
            return uncarried("tool_calls", f"{where}.{i}")
    if record.get("tools"):
        return uncarried("tool_definitions", "tools")
    turns = chat_turns(given, where, FORM, changes, first=first)
    if isinstance(turns, RowProblem):
        return turns
    for i, turn in enumerate(turns):
        weight = turn.pop("weight", None)
        if weight == 0:
            return uncarried("zero_weight", f"{where}.{i}.weight")
        if weight is not None:
            changes.add("full_weight_left_out")
    return turns
