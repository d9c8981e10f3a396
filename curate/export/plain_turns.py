"""Records as turns of plain text, for formats that have neither tools nor names nor weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ...schemas.providers.problems import RowProblem, Rule
from .shape import SYSTEM, Record, role_of, uncarried


class PlainTurn(NamedTuple):
    """A role and a text."""

    role: str
    text: str


def unfollowed_weight(turn: Record, at: str, *, learnt: bool = True) -> RowProblem | None:
    """Why a format without weights would not do what a turn's weight says; None where it does so anyway.

    Args:
        turn: A turn. One that is not the assistant's is never learnt.
        at: Its place.
        learnt: Whether the format learns it where it is the assistant's.
    """
    weight = turn.get("weight")
    if turn["role"] != "assistant" or weight in (None, 1) or (weight == 0 and not learnt):
        return None
    return uncarried("zero_weight" if weight == 0 else "fractional_weight", f"{at}.weight")


def weight_problem(turn: Record, at: str, changes: set[str], *, learnt: bool = True) -> RowProblem | None:
    """The same for a format whose lines have no place for the weight: one that is left out is counted."""
    problem = unfollowed_weight(turn, at, learnt=learnt)
    if problem is None and turn["role"] == "assistant" and turn.get("weight") is not None:
        changes.add("full_weight_left_out" if learnt else "prompt_weight_left_out")
    return problem


def plain_turns(record: Record, changes: set[str]) -> list[PlainTurn] | RowProblem:
    """The turns of a record's conversation; a system turn may stand first.

    Args:
        record: A row of a version.
        changes: Gets the codes of what is told in another way.
    """
    turns = texts_of(record["messages"], "messages", changes)
    if isinstance(turns, list) and record.get("tools"):
        return uncarried("tool_definitions", "tools")
    return turns


def texts_of(messages: Sequence[Record], name: str, changes: set[str]) -> list[PlainTurn] | RowProblem:
    """Some turns as plain text, or the first that is more than that.

    Args:
        messages: Turns.
        name: The record's member that holds them.
        changes: Gets the codes of what is told in another way.
    """
    plain: list[PlainTurn] = []
    for i, turn in enumerate(messages):
        problem = _problem(turn, i, f"{name}.{i}", changes)
        if problem is not None:
            return problem
        plain.append(PlainTurn(role_of(turn, changes), turn.get("content") or ""))
    return plain


def _problem(turn: Record, i: int, at: str, changes: set[str]) -> RowProblem | None:
    if turn.get("tool_calls") or turn["role"] == "tool":
        return uncarried("tool_calls", at)
    if turn["role"] in SYSTEM and i:
        return uncarried("late_system_prompt", at)
    if turn.get("reasoning_content"):
        return uncarried("reasoning_content", f"{at}.reasoning_content")
    if turn.get("name"):
        return uncarried("speaker_name", f"{at}.name")
    return weight_problem(turn, at, changes)


def question_and_answer(
    record: Record, rules: Mapping[str, Rule], changes: set[str], *, system: bool = False
) -> list[PlainTurn] | RowProblem:
    """One question and its answer, after a system turn where the format has one.

    Args:
        record: A row of a version.
        rules: The family's rules.
        changes: Gets the codes of what is told in another way.
        system: Whether the format has a system prompt.
    """
    turns = plain_turns(record, changes)
    if isinstance(turns, RowProblem):
        return turns
    if turns[0].role == "system" and not system:
        return uncarried("system_prompt", "messages.0")
    first = int(turns[0].role == "system")
    code, position = order_problem([turn.role for turn in turns[first:]])
    if code is not None:
        return RowProblem(code, f"messages.{first + position}", rules[code].sentence)
    if len(turns) > first + 2:
        return uncarried("several_turns", "messages")
    return turns


def order_problem(roles: Sequence[str]) -> tuple[str | None, int]:
    """Which rule an order of user and assistant turns breaks, and where; None where it alternates."""
    if not roles or roles[0] != "user":
        return "first_turn_not_user", 0
    for i in range(1, len(roles)):
        if roles[i] == roles[i - 1]:
            return "roles_not_alternating", i
    if roles[-1] != "assistant":
        return "last_turn_not_assistant", len(roles) - 1
    return None, 0
