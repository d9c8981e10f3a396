"""A record into a target's lines, with the changes that the user allowed where it does not fit without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...schemas.example import content_id
from ...schemas.providers.conversation import TOLERATED, order_problems
from ...schemas.providers.problems import RowProblem, problems
from .shape import Record, Target
from .transforms import Transform, transformed


@dataclass(frozen=True)
class Fitted:
    """A record that fits.

    Args:
        records: The record as it is told, or the several that it became.
        rows: The line of each.
        changes: Codes of what was changed or told in another way.
    """

    records: list[Record]
    rows: list[Record]
    changes: set[str] = field(default_factory=set)


def fit(target: Target, allowed: Mapping[str, Transform], record: Record) -> Fitted | RowProblem:
    """The lines of a record, or the first reason why it has none.

    What the target always does comes first. An allowed change is made where the record is refused for a
    reason that the change lifts, and nowhere else.

    Args:
        target: The format.
        allowed: Changes by name: those of `target.always`, and those that the user named.
        record: A row of a version.
    """
    always = {name: allowed[name] for name in target.always}
    left = {name: change for name, change in allowed.items() if name not in always}
    records, touched = transformed(record, always) if always else ([record], [])
    while True:
        told = _told(target, records, touched)
        if isinstance(told, Fitted):
            return told
        name = next((name for name, change in left.items() if told.code in change.lifts), None)
        if name is None:
            return told
        records, more = _changed(records, {name: left.pop(name)})
        touched = [*touched, *more]


def _changed(records: list[Record], change: dict[str, Transform]) -> tuple[list[Record], list[str]]:
    """Every record after one change, and its name where it changed any."""
    after: list[Record] = []
    touched: list[str] = []
    for record in records:
        made, names = transformed(record, change)
        after += made
        touched += names
    return after, touched[:1]


def _told(target: Target, records: list[Record], touched: list[str]) -> Fitted | RowProblem:
    if touched:
        records = [{**one, "content_id": _content_id(one)} for one in records]
    fitted = Fitted(records, [], set(touched))
    for one in records:
        converted = target.convert(one)
        if isinstance(converted, RowProblem):
            return converted
        found = problems(target.model, converted.row) or _out_of_order(one)
        if found:
            return found[0]
        fitted.changes.update(converted.changes, target.left_out(one))
        fitted.rows.append(converted.row)
    return fitted


def _out_of_order(record: Record) -> list[RowProblem]:
    return [found for found in order_problems(record) if found.code not in TOLERATED]


def _content_id(record: Record) -> str:
    """The identity of a record as it is now."""
    more = {name: record.get(name) for name in ("tools", "rejected", "label")}
    return content_id(record["messages"], **more)
