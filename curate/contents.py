"""Rows with their edits applied, streamed or looked up; message texts are never all in memory."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from ..schemas.arrow import BESIDES
from ..schemas.example import compact, content_id
from ..schemas.workspace import Workspace
from .rows import conversations

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

BATCH_ROWS = 4096
BYTES_IN_MEMORY = 64 << 20


class ParquetRows:
    """Rows of a Parquet file by position; the last few row groups stay in memory. Threads may share it.

    Args:
        path: A file that does not change while this object lives.
        most_bytes: Size of the row groups that stay, decoded; the last one stays however large it is.
    """

    def __init__(self, path: Path, *, most_bytes: int = BYTES_IN_MEMORY) -> None:
        self._file = pq.ParquetFile(path)
        self._most_bytes = most_bytes
        self._bytes = 0
        self._lock = threading.Lock()
        meta = self._file.metadata
        counts = [meta.row_group(g).num_rows for g in range(meta.num_row_groups)]
        self._starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)
        self._groups: OrderedDict[int, pa.Table] = OrderedDict()

    @property
    def names(self) -> list[str]:
        """The file's columns."""
        return self._file.schema_arrow.names

    def take(self, positions: np.ndarray) -> pa.Table:
        """The rows at some positions, in the order asked for.

        Args:
            positions: Row numbers from 0, shape (n,), int64.
        """
        if len(positions) == 0:
            return self._file.schema_arrow.empty_table()
        order = np.argsort(positions, kind="stable")
        wanted = positions[order]
        groups = np.searchsorted(self._starts, wanted, side="right") - 1
        parts = [
            self._group(int(g)).take(pa.array(wanted[groups == g] - self._starts[g]))
            for g in np.unique(groups)
        ]
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return pa.concat_tables(parts).take(pa.array(back))

    def _group(self, number: int) -> pa.Table:
        with self._lock:
            if number in self._groups:
                self._groups.move_to_end(number)
                return self._groups[number]
            group = self._file.read_row_group(number, use_threads=False)
            self._groups[number] = group
            self._bytes += group.nbytes
            while self._bytes > self._most_bytes and len(self._groups) > 1:
                self._bytes -= self._groups.popitem(last=False)[1].nbytes
            return group


def rows_of_id(path: Path, row_id: str) -> list[dict[str, Any]]:
    """The rows of a Parquet file that belong to one row_id, in file order."""
    return pq.read_table(path, filters=pc.field("row_id") == row_id).to_pylist()


class Contents:
    """The rows of a workspace as later steps, reviewers and versions see them: edits applied.

    Args:
        workspace: A folder with a finished run.
        without: A step whose edits are passed over: rows as they came to it, where no later step edits.
    """

    def __init__(self, workspace: Workspace, *, without: str | None = None) -> None:
        self._workspace = workspace
        self._without = without

    @cached_property
    def row_ids(self) -> pa.Array:
        """Every row_id, in input order."""
        return one_array(pq.read_table(self._workspace.rows, columns=["row_id"]).column("row_id"))

    @cached_property
    def last_edit(self) -> np.ndarray:
        """For each row its last position in edits.parquet, or -1; shape (n_rows,), int64."""
        return self._last(np.ones(self._listed.num_rows, bool))

    @cached_property
    def _last_whole(self) -> np.ndarray:
        """The same of the edits that replace more than messages."""
        if "whole" not in self._listed.column_names:
            return np.full(len(self.row_ids), -1, dtype=np.int64)
        return self._last(np.asarray(pc.fill_null(one_array(self._listed["whole"]), False)))

    @cached_property
    def _listed(self) -> pa.Table:
        names = [n for n in ("row_id", "step", "whole") if n in self._edits.names]
        return pq.read_table(self._workspace.edits, columns=names)

    def _last(self, mask: np.ndarray) -> np.ndarray:
        """For each row the last of some edits, or -1; shape (n_rows,), int64."""
        if self._without is not None:
            mask = mask & np.asarray(pc.not_equal(one_array(self._listed["step"]), self._without))
        those = np.flatnonzero(mask)[::-1]
        backwards = one_array(self._listed["row_id"]).take(pa.array(those))
        first_from_end = pc.index_in(self.row_ids, value_set=pc.unique(backwards))
        newest = _first_positions(backwards)
        found = np.asarray(pc.fill_null(first_from_end, -1), dtype=np.int64)
        positions = np.full(len(found), -1, dtype=np.int64)
        positions[found >= 0] = those[newest[found[found >= 0]]]
        return positions

    @cached_property
    def _edits(self) -> ParquetRows:
        return ParquetRows(self._workspace.edits)

    @cached_property
    def _rows(self) -> ParquetRows:
        return ParquetRows(self._workspace.rows)

    def stream(self, mask: np.ndarray, *, edited: bool = True) -> Iterator[pa.Table]:
        """The rows under a mask, in input order, as tables of the `ROWS` schema.

        Args:
            mask: Which rows, shape (n_rows,), bool.
            edited: Apply edits and give edited rows the content_id of their new content.
        """
        start = 0
        for batch in pq.ParquetFile(self._workspace.rows).iter_batches(batch_size=BATCH_ROWS):
            positions = start + np.flatnonzero(mask[start : start + batch.num_rows])
            if len(positions):
                table = pa.Table.from_batches([batch]).take(pa.array(positions - start))
                yield self._apply(table, positions) if edited else table
            start += batch.num_rows

    def edited_ids(self, mask: np.ndarray) -> pa.Array:
        """The content_ids of edited rows under a mask, in input order; their first texts are not read.

        Args:
            mask: Which rows, shape (n_rows,), bool; each of them has an edit.
        """
        start, found = 0, []
        columns = ["tools", "rejected", "label"]
        file = pq.ParquetFile(self._workspace.rows)
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=columns):
            positions = start + np.flatnonzero(mask[start : start + batch.num_rows])
            start += batch.num_rows
            if len(positions):
                rest = pa.Table.from_batches([batch.take(pa.array(positions - start + batch.num_rows))])
                rest = self._with_whole(rest, positions)
                turns = conversations(self._edits.take(self.last_edit[positions]).column("messages"))
                losers = conversations(rest.column("rejected"))
                plain = (rest.column(name).to_pylist() for name in ("tools", "label"))
                found += [_identity(*row) for row in zip(turns, losers, *plain, strict=True)]
        return pa.array(found, pa.string())

    def at(self, positions: np.ndarray, *, edited: bool = True) -> pa.Table:
        """A few rows by position, as a table of the `ROWS` schema."""
        table = self._rows.take(positions)
        return self._apply(table, positions) if edited else table

    def _apply(self, table: pa.Table, positions: np.ndarray) -> pa.Table:
        edits = self.last_edit[positions]
        touched = np.flatnonzero(edits >= 0)
        if len(touched) == 0:
            return table
        table = _replaced(table, touched, self._edits.take(edits[touched]), ("messages",))
        return with_ids(self._with_whole(table, positions), touched)

    def _with_whole(self, table: pa.Table, positions: np.ndarray) -> pa.Table:
        """The table with what whole edits replace beside the turns."""
        wholes = self._last_whole[positions]
        whole = np.flatnonzero(wholes >= 0)
        if not whole.size:
            return table
        return _replaced(table, whole, self._edits.take(wholes[whole]), BESIDES)


def _replaced(table: pa.Table, rows: np.ndarray, new: pa.Table, names: tuple[str, ...]) -> pa.Table:
    """The table with other values of some columns in some rows."""
    source = np.arange(table.num_rows)
    source[rows] = table.num_rows + np.arange(len(rows))
    for name in names:
        both = pa.chunked_array([*table.column(name).chunks, *new.column(name).chunks])
        table = replace_column(table, name, both.take(pa.array(source)))
    return table


def with_ids(table: pa.Table, touched: Sequence[int] | np.ndarray) -> pa.Table:
    """The table with the content_ids that edited rows have now."""
    ids = table.column("content_id").to_pylist()
    for row, record in zip(touched, records(table.take(pa.array(touched))), strict=True):
        ids[row] = identity(record)
    return replace_column(table, "content_id", pa.array(ids, pa.string()))


def replace_column(table: pa.Table, name: str, column: Any) -> pa.Table:
    """The table with other values in one column."""
    at = table.schema.get_field_index(name)
    return table.set_column(at, table.schema.field(at), column)


def _first_positions(values: pa.Array) -> np.ndarray:
    """Position of the first occurrence of each value of `pc.unique(values)`."""
    codes = np.asarray(values.dictionary_encode().indices)
    return np.unique(codes, return_index=True)[1]


def one_array(column: pa.ChunkedArray) -> pa.Array:
    """A column as a single array."""
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def records(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Rows of the `ROWS` schema as JSON values.

    Members of turns that are None are left out; `tools` and `meta` are decoded.
    """
    plain = table.select(["row_id", "content_id", "tools", "label", "source", "meta"]).to_pylist()
    turns = conversations(table.column("messages"))
    losers = conversations(table.column("rejected"))
    for row, messages, rejected in zip(plain, turns, losers, strict=True):
        row["messages"] = [_turn(turn) for turn in messages or ()]
        row["rejected"] = None if rejected is None else [_turn(turn) for turn in rejected]
        row["tools"] = None if row["tools"] is None else json.loads(row["tools"])
        row["meta"] = json.loads(row["meta"])
        yield row


def _identity(
    messages: list[dict[str, Any]] | None,
    rejected: list[dict[str, Any]] | None,
    tools: str | None,
    label: bool | None,
) -> str:
    return content_id(
        [_turn(turn) for turn in messages or ()],
        tools=None if tools is None else json.loads(tools),
        rejected=None if rejected is None else [_turn(turn) for turn in rejected],
        label=label,
    )


def _turn(turn: dict[str, Any]) -> dict[str, Any]:
    if turn["content"] is None:
        del turn["content"]
    if "tool_calls" in turn:
        turn["tool_calls"] = compact(turn["tool_calls"])
    return turn


def identity(record: dict[str, Any]) -> str:
    """The content_id of a decoded row, computed from its content."""
    return content_id(
        record["messages"], tools=record["tools"], rejected=record["rejected"], label=record["label"]
    )
