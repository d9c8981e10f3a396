"""Which decisions of people hold for which rows: by row and content, or by content alone.

A decision holds for the content it was made on. Where a row has one of its own, that one counts and no
other; where it has none, because its file was changed or it never was reviewed, a decision on the same
content in any row holds for it as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import IntEnum
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ..schemas.review import DECISIONS, EDITIONS
from .contents import one_array

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them


CHUNK = 8192


class State(IntEnum):
    """What stands for a row.

    `EDITED` is approved with a reviewer's edit that the row does not have yet; `CHANGED` means that the
    decision was made on other content than the row has.
    """

    OPEN = 0
    APPROVED = 1
    EDITED = 2
    REJECTED = 3
    DISPUTED = 4
    CHANGED = 5


HOLDS = {"reject": State.REJECTED, "disputed": State.DISPUTED}
"""What a decision other than an approval says of a row with the content it was made on."""


class Standing(NamedTuple):
    """What stands for each of some rows; arrays have shape (n_rows,).

    Args:
        state: Values of `State`, int8.
        at: Which line of the decisions, int64; -1 where none holds.
        own: Whether that decision was made on this very row, bool.
        action: Its action, string, null where none holds.
    """

    state: np.ndarray
    at: np.ndarray
    own: np.ndarray
    action: pa.Array

    def among(self, *states: State) -> np.ndarray:
        """Which rows are in one of some states, bool."""
        return np.isin(self.state, states)

    @property
    def rejected(self) -> np.ndarray:
        """Which rows stand rejected, whatever content that was made on, bool: no rule brings them back."""
        return self.said("reject") & ~self.among(State.DISPUTED)

    @property
    def disputed(self) -> np.ndarray:
        """On which rows reviewers disagree, whatever content that was about, bool."""
        return self.said("disputed") | self.among(State.DISPUTED)

    def said(self, action: str) -> np.ndarray:
        """For which rows the decision is of a kind, bool."""
        return np.asarray(pc.fill_null(pc.equal(self.action, action), False))


class Decided:
    """Standing decisions, and the contents that reviewers wrote.

    Args:
        decisions: The standing decision on each row, with columns of `DECISIONS`; missing ones are null.
        editions: Contents that reviewers wrote, with columns of `EDITIONS`. Default: none.
    """

    def __init__(self, decisions: pa.Table, editions: pa.Table | None = None) -> None:
        self.decisions = completed(decisions, DECISIONS)
        self.editions = completed(editions if editions is not None else EDITIONS.empty_table(), EDITIONS)

    def match(self, row_ids: pa.Array, content_ids: pa.Array) -> Standing:
        """What stands for some rows with the contents that they have.

        Args:
            row_ids: The rows, shape (n_rows,).
            content_ids: Their contents.
        """
        state = np.zeros(len(row_ids), np.int8)
        at = _index(row_ids, self._columns["row_id"])
        own = at >= 0
        self._judge_own(state, at, content_ids)
        self._judge_by_content(state, at, content_ids)
        action = self._columns["action"].take(pa.array(at, mask=at < 0))
        return Standing(state, at, own, action)

    def lines(self, at: np.ndarray) -> Iterator[dict[str, Any]]:
        """The decisions at some lines as JSON values.

        Args:
            at: Lines, shape (n,), int64.
        """
        for start in range(0, len(at), CHUNK):
            yield from self.decisions.take(pa.array(at[start : start + CHUNK])).to_pylist()

    def contents_held(self, line: int) -> set[str]:
        """The contents that a decision holds for: shown, decided on, and those it was made from by edits."""
        row, content, shown = (self._columns[n][line].as_py() for n in ("row_id", "content_id", "shown_id"))
        held: set[str] = set()
        waiting = [c for c in (content, shown) if c is not None]
        while waiting:
            content = waiting.pop()
            if content not in held:
                held.add(content)
                waiting += self._parents(row, content)
        return held

    def edited_lines(self) -> list[int]:
        """Lines of approvals whose content a reviewer wrote: those of people first, then in order."""
        written = pc.is_in(self._columns["content_id"], value_set=one_array(self.editions["content_id"]))
        approved = pc.equal(self._columns["action"], "approve")
        lines = np.flatnonzero(np.asarray(pc.fill_null(pc.and_(written, approved), False)))
        by_rule = np.asarray(pc.is_valid(self._columns["rule"]))
        seq = np.asarray(pc.fill_null(self._columns["seq"], 0))
        return lines[np.lexsort([seq[lines], by_rule[lines]])].tolist()

    @cached_property
    def _columns(self) -> dict[str, pa.Array]:
        return {name: one_array(self.decisions[name]) for name in DECISIONS.names}

    @cached_property
    def _written(self) -> dict[str, list[tuple[str, str]]]:
        """Content that a reviewer wrote to rows and contents that it was made from."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for line in self.editions.select(["content_id", "row_id", "parent_id"]).to_pylist():
            found[line["content_id"]].append((line["row_id"], line["parent_id"]))
        return dict(found)

    def _parents(self, row_id: str, content: str) -> list[str]:
        """What a content was made from in a row; in any row, where it was not written in this one."""
        made = self._written.get(content, [])
        mine = [(row, parent) for row, parent in made if row == row_id]
        return [parent for _, parent in (mine or made) if parent is not None]

    def _judge_own(self, state: np.ndarray, at: np.ndarray, content_ids: pa.Array) -> None:
        """Rows with a decision of their own."""
        those = np.flatnonzero(at >= 0)
        lines = pa.array(at[those])
        contents = content_ids.take(pa.array(those))
        same = np.asarray(pc.fill_null(pc.equal(self._columns["content_id"].take(lines), contents), False))
        action = self._columns["action"].take(lines)
        for name, meant in (("approve", State.APPROVED), *HOLDS.items()):
            state[those[same & np.asarray(pc.equal(action, name))]] = meant
        for row in those[~same].tolist():
            state[row] = self._holds(int(at[row]), content_ids[row].as_py())

    def _holds(self, line: int, content: str) -> State:
        """What a decision says of a row that has another content than the one decided on."""
        held = self.contents_held(line)
        action = self._columns["action"][line].as_py()
        if action != "approve":
            holds = content in held or not held
            return HOLDS.get(action, State.OPEN) if holds else State.CHANGED
        made = content in held and self._columns["content_id"][line].as_py() in self._written
        return State.EDITED if made else State.CHANGED

    def _judge_by_content(self, state: np.ndarray, at: np.ndarray, content_ids: pa.Array) -> None:
        """Rows without a decision of their own; `state` and `at` are filled in."""
        those = np.flatnonzero(at < 0)
        wanted = content_ids.take(pa.array(those))
        known = self._by_content(wanted)
        if not known:
            return
        for row, content in zip(those.tolist(), wanted.to_pylist(), strict=True):
            if content in known:
                state[row], at[row] = self._agreed(known[content], content)

    def _by_content(self, wanted: pa.Array) -> dict[str, list[int]]:
        """Each of some contents to the decisions that hold for it."""
        columns = self._columns
        near = pc.is_in(columns["content_id"], value_set=one_array(self.editions["content_id"]))
        for name in ("content_id", "shown_id"):
            near = pc.or_(near, pc.is_in(columns[name], value_set=wanted))
        contents = set(wanted.to_pylist())
        found: dict[str, list[int]] = defaultdict(list)
        for line in np.flatnonzero(np.asarray(near)).tolist():
            for content in self.contents_held(line) & contents:
                found[content].append(line)
        return dict(found)

    def _agreed(self, lines: Sequence[int], content: str) -> tuple[State, int]:
        """What several decisions on one content say together, and the newest of them."""
        columns = self._columns
        people = [line for line in lines if not columns["rule"][line].is_valid]
        lines = people or lines
        said = {
            (columns["action"][i].as_py(), columns["content_id"][i].as_py())
            if columns["action"][i].as_py() == "approve"
            else (columns["action"][i].as_py(), None)
            for i in lines
        }
        newest = max(lines, key=lambda i: columns["seq"][i].as_py() or 0)
        if len(said) > 1:
            return State.DISPUTED, newest
        if said == {("approve", content)}:
            return State.APPROVED, newest
        return self._holds(newest, content), newest


def completed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table with the columns of a schema; those that it lacks are null."""
    columns = [
        table.column(f.name).cast(f.type) if f.name in table.column_names else pa.nulls(len(table), f.type)
        for f in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _index(values: pa.Array, among: pa.Array) -> np.ndarray:
    """The place of each value, -1 for none, int64."""
    return np.asarray(pc.fill_null(pc.index_in(values, value_set=among), -1), dtype=np.int64)
