"""The record of events as arrays, and the decisions that people made by reading."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

Objects = npt.NDArray[np.object_]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

EVENTS = pa.schema(
    [
        ("seq", pa.int64()),
        ("at", pa.string()),
        ("actor", pa.string()),
        ("action", pa.string()),
        ("task", pa.string()),
        ("row_id", pa.string()),
        ("content_id", pa.string()),
        ("shown_id", pa.string()),
        ("reason", pa.string()),
        ("value", pa.string()),
        ("rule", pa.string()),
        ("batch_id", pa.string()),
        ("supersedes", pa.int64()),
        ("dwell_ms", pa.int64()),
    ]
)
"""The members of `Event` that the figures read."""
DECIDING = ("approve", "reject", "prefer")
READING = ("review", "group", "pair", "adjudicate")
"""Tasks that show one item to one person; bulk actions and imports are no reading."""


@dataclass(frozen=True)
class Log:
    """Events of people at work, in the order of the record: no rules, no imports, no settings.

    Args:
        seq: Number of the event.
        at: When, seconds since 1970, UTC.
        who: Place of the person in `names`.
        action: What.
        task: Where.
        row_id: The row; None for comparisons and other events without one.
        shown: The content that was on the screen.
        edited: An approval of another content than the one shown.
        reason: Reason code of a rejection.
        fast: Decided before the policy's shortest reading time.
        undone: Taken back later.
        dwell_s: Seconds from painted to decided; nan where unknown.
        made: The first event of each decision that was made by reading.
        stands: The same of the decisions that were not taken back.
        names: People who did something, sorted.
    """

    seq: npt.NDArray[np.int64]
    at: Floats
    who: npt.NDArray[np.int64]
    action: Objects
    task: Objects
    row_id: Objects
    shown: Objects
    edited: Flags
    reason: Objects
    fast: Flags
    undone: Flags
    dwell_s: Floats
    made: Flags
    stands: Flags
    names: tuple[str, ...]

    @classmethod
    def of(cls, events: pa.Table) -> Log:
        """The log of a table of `EVENTS`; other columns are not read."""
        table = events.select(EVENTS.names).sort_by("seq")
        undone = pc.is_in(table["seq"], table["supersedes"].drop_null().combine_chunks())
        table = table.append_column("undone", undone)
        people = pc.and_(pc.is_null(table["rule"]), pc.is_in(table["task"], pa.array([*READING, "browse"])))
        working = pc.is_in(table["action"], pa.array([*DECIDING, "undo", "skip", "flag", "note", "edit"]))
        table = table.filter(pc.and_(people, working))
        shown = pc.coalesce(table["shown_id"], table["content_id"])
        approved = pc.equal(table["action"], "approve")
        edited = pc.and_(approved, pc.fill_null(pc.not_equal(table["content_id"], shown), False))
        reading = np.asarray(pc.is_in(table["task"], pa.array(READING)))
        deciding = np.asarray(pc.is_in(table["action"], pa.array(DECIDING))) & reading
        undone = np.asarray(table["undone"])
        values = table["value"].to_pylist()
        names, who = np.unique(np.array(table["actor"].to_pylist(), str), return_inverse=True)
        return cls(
            seq=table["seq"].to_numpy(),
            at=seconds(table["at"].to_pylist()),
            who=who,
            action=_objects(table["action"]),
            task=_objects(table["task"]),
            row_id=_objects(table["row_id"]),
            shown=_objects(shown),
            edited=np.asarray(edited),
            reason=_objects(table["reason"]),
            fast=np.array([_fast(value) for value in values], bool),
            undone=undone,
            dwell_s=np.asarray(pc.cast(table["dwell_ms"], pa.float64()), float) / 1000,
            made=_first(table, deciding),
            stands=_first(table, deciding & ~undone),
            names=tuple(names.tolist()),
        )

    def take(self, which: npt.NDArray[Any]) -> Log:
        """Some of the events, by mask or by place."""
        taken = {name: getattr(self, name)[which] for name in self.__dataclass_fields__ if name != "names"}
        return Log(**taken, names=self.names)

    def of_person(self, name: str) -> Log:
        """The events of one person."""
        return self.take(self.who == self.names.index(name))

    def by_person(self) -> Iterator[npt.NDArray[np.int64]]:
        """The places of each person's events, in the order of `names`; by time."""
        order = np.lexsort((np.arange(len(self.at)), self.at, self.who))
        yield from np.split(order, np.searchsorted(self.who[order], np.arange(1, len(self.names))))

    def acts(self, *, undone: bool = False) -> Log:
        """One line for each decision that was made by reading.

        A group or a pair is one decision however many rows it settles: its first event stands for it.

        Args:
            undone: Those that were taken back, too.
        """
        return self.take(self.made if undone else self.stands)

    def judged(self) -> Log:
        """The acts that approve or reject one row by itself, from which rates are told."""
        acts = self.acts()
        return acts.take((acts.task == "review") & (acts.action != "prefer"))


def _first(table: pa.Table, which: Flags) -> Flags:
    """The first of the marked events of each act: a batch of one person, or an event by itself."""
    batches, actors = table["batch_id"].to_pylist(), table["actor"].to_pylist()
    seen: set[tuple[str, str]] = set()
    first = which.copy()
    for place in np.flatnonzero(which).tolist():
        batch = batches[place]
        if batch is not None:
            first[place] = (actors[place], batch) not in seen
            seen.add((actors[place], batch))
    return first


def seconds(times: Iterable[str]) -> Floats:
    """ISO 8601 times as seconds since 1970; without an offset they are UTC."""
    moments = (datetime.fromisoformat(time) for time in times)
    return np.array([(m if m.tzinfo else m.replace(tzinfo=UTC)).timestamp() for m in moments], float)


def iso(at: float) -> str:
    """Seconds since 1970 as ISO 8601, UTC, to the second."""
    return f"{np.datetime64(int(at), 's')}Z"


def _objects(column: Any) -> Objects:
    return np.array(column.to_pylist(), object)


def _fast(value: str | None) -> bool:
    if not value or '"fast"' not in value:
        return False
    told = json.loads(value)
    return isinstance(told, dict) and told.get("fast") is True
