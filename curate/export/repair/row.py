"""Repair one row for a target: each finding gets the repair that fits, until none is left or none fits."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ....schemas.providers.problems import RowProblem
from ...readers.shapes import RowProblem as UnreadableRow
from ...readers.shapes import shape_of, text, trees
from ...readers.shapes.messages import BESIDES
from ..check.rows import RowRules
from ..shape import Record, Target
from .calls import add_missing, rename_all, rename_repeated
from .members import BY_NAME, CONTENT, missing, unknown
from .places import Place, find

ROUNDS = 24
_RENAMES = {"tool_call_twice": rename_repeated, "bad_id": rename_all, "bad_tool_call_id": rename_all}
GUESSED = (*text.SHAPES, *trees.SHAPES)
"""Shapes whose turns are found in running text, or chosen among branches: not certain enough for a repair."""


@dataclass(frozen=True)
class Mended:
    """A row after its repairs.

    Args:
        row: As far as it could be repaired.
        done: Names of the repairs.
        left: Why it is still refused.
    """

    row: Any
    done: frozenset[str]
    left: list[RowProblem]


def mend(rules: RowRules, target: Target, row: dict[str, Any]) -> Mended:
    """Repair what is certain; the row that was given stays as it is."""
    found = rules.refusals(row)
    done: set[str] = set()
    row = copy.deepcopy(row) if found else row
    for _ in range(ROUNDS):
        if not found:
            break
        if found[0].code == "other_shape":
            row, name, found = _reshaped(target, row, found)
            done |= name
            if not name:
                break
        else:
            names = set(_repaired(row, found))
            if not names:
                break
            done |= names
        found = rules.refusals(row)
    return Mended(row, frozenset(done), found)


def _repaired(row: dict[str, Any], found: list[RowProblem]) -> Iterator[str]:
    """Names of the repairs of one round; the last findings first, so that places stay what they were."""
    for problem in reversed(found):
        rename = _RENAMES.get(problem.code)
        if rename is not None:
            if any(rename(turns) for turns in _turn_lists(row)):
                yield "ids_renamed"
                return
            continue
        name = _by_place(row, problem)
        if name:
            yield name


def _by_place(row: dict[str, Any], problem: RowProblem) -> str | None:
    at = find(row, problem.where)
    if at is None:
        return None
    if problem.code == "unknown_member":
        return unknown(at)
    if problem.code == "missing_member":
        return _missing(at)
    if problem.code == "empty_content":
        return _empty_system(at)
    repair = BY_NAME.get(str(at.key))
    return repair(at) if repair is not None and at.there else None


def _missing(at: Place) -> str | None:
    if at.key in ("id", "tool_call_id"):
        return "ids_added" if any(add_missing(turns) for turns in _turn_lists(at.row)) else None
    if at.there and isinstance(at.value, dict):
        return missing(Place(at.row, at.value, "role", (*at.above, at.parent)))
    return missing(at)


def _empty_system(at: Place) -> str | None:
    """A system turn without text says nothing."""
    turn = at.parent
    if not isinstance(turn, dict) or turn.get("role") != "system" or not at.above:
        return None
    turns = at.above[-1]
    if not isinstance(turns, list) or set(turn) - {"role", "content"}:
        return None
    turns[:] = [other for other in turns if other is not turn]
    return "empty_system_dropped"


def _turn_lists(row: dict[str, Any]) -> Iterator[list[Any]]:
    """The conversations of a row."""
    inner = row.get("input")
    for holder in (row, inner if isinstance(inner, dict) else {}):
        if isinstance(holder.get("messages"), list):
            yield holder["messages"]


def _reshaped(
    target: Target, row: dict[str, Any], found: list[RowProblem]
) -> tuple[dict[str, Any], set[str], list[RowProblem]]:
    """A row of a shape that `tuneset curate` reads, as the target writes it."""
    shape = shape_of(row)
    if shape is None or shape in GUESSED:
        return row, set(), found
    try:
        draft = shape.convert(row)
    except (UnreadableRow, RecursionError):
        return row, set(), found
    besides = {name for extra in draft.meta.get(BESIDES, {}).values() for name in extra}
    more = {name for name, value in draft.meta.items() if name != BESIDES and value not in (None, "", [], {})}
    if besides - {"role"} or more & CONTENT:
        return row, set(), found
    record: Record = {
        "row_id": "",
        "content_id": "",
        "messages": draft.messages,
        "tools": draft.tools,
        "rejected": draft.rejected,
        "label": draft.label,
    }
    converted = target.convert(record)
    if isinstance(converted, RowProblem):
        return row, set(), [converted]
    dropped = {f"unknown_member_removed:{name}" for name in more}
    return converted.row, {"shape_rewritten", *converted.changes, *target.left_out(record), *dropped}, found
