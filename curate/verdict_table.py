"""Every verdict of a run in memory, found by row without a search over names."""

from __future__ import annotations

import itertools
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from .contents import one_array

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

FEW = ("step", "action", "reason", "value")
"""Columns of few distinct values, kept as dictionaries."""
TOLD = (*FEW, "score", "related_id", "detail")


class VerdictTable:
    """The verdicts of a run without their row_ids: about 40 bytes a verdict, and what `detail` holds.

    A run writes the verdicts of one step after the other, each over the rows that the steps before it left,
    in input order. So a row's verdicts stand at places that can be counted; where a file is otherwise, rows
    are looked up by name once.

    Args:
        path: verdicts.parquet.
        row_ids: Every row_id, in input order.
    """

    def __init__(self, path: Path, row_ids: pa.Array) -> None:
        self._path = path
        self._row_ids = row_ids
        file = pq.ParquetFile(path, read_dictionary=list(FEW))
        self.table: pa.Table = file.read(columns=list(TOLD)).unify_dictionaries().combine_chunks()
        """Every verdict, in the file's order, without row_id."""

    @cached_property
    def rows(self) -> np.ndarray:
        """The row of each verdict, as a position in input order; shape (n_verdicts,), int32."""
        counted = self._counted()
        if counted is not None:
            return counted
        names = one_array(pq.read_table(self._path, columns=["row_id"])["row_id"])
        return np.asarray(pc.fill_null(pc.index_in(names, value_set=self._row_ids), -1), np.int32)

    def _counted(self) -> np.ndarray | None:
        """The rows of the verdicts by counting; None where the numbers do not fit."""
        steps = codes(self.table["step"])
        bounds = [0, *(np.flatnonzero(np.diff(steps)) + 1).tolist(), len(steps)]
        dropped = self.equal("action", "drop")
        alive = np.ones(len(self._row_ids), bool)
        found = []
        for start, stop in itertools.pairwise(bounds):
            rows = np.flatnonzero(alive)
            if len(rows) != stop - start:
                return None
            found.append(rows.astype(np.int32))
            alive[rows[dropped[start:stop]]] = False
        return np.concatenate(found) if found else np.zeros(0, np.int32)

    @cached_property
    def _by_row(self) -> tuple[np.ndarray, np.ndarray]:
        """The verdicts ordered by row, and where each row's begin; int32."""
        order = np.argsort(self.rows, kind="stable").astype(np.int32)
        starts = np.searchsorted(self.rows[order], np.arange(len(self._row_ids) + 1)).astype(np.int32)
        return order, starts

    def where(self, mask: Any) -> pa.Table:
        """Some verdicts, in the file's order, each with the position of its row as `row`.

        Args:
            mask: Which, shape (n_verdicts,), bool.
        """
        chosen = np.flatnonzero(np.asarray(mask))
        return self.table.take(pa.array(chosen)).append_column("row", pa.array(self.rows[chosen]))

    def equal(self, column: str, value: str) -> np.ndarray:
        """Which verdicts have a value in a column; null never; shape (n_verdicts,), bool."""
        return np.asarray(pc.fill_null(pc.equal(self.table[column], value), False))

    def valid(self, column: str) -> np.ndarray:
        """Which verdicts have a value in a column; shape (n_verdicts,), bool."""
        return np.asarray(pc.is_valid(self.table[column]))

    def of(self, position: int) -> list[dict[str, Any]]:
        """The verdicts on one row, in step order: the members of `VERDICTS` but row_id.

        Args:
            position: The row, in input order from 0.
        """
        order, starts = self._by_row
        places = order[starts[position] : starts[position + 1]]
        return self.table.take(pa.array(places)).to_pylist()

    @cached_property
    def _related(self) -> tuple[np.ndarray, np.ndarray]:
        """Verdicts that name another row of the run, ordered by that row, and that row; int64."""
        naming = np.flatnonzero(np.asarray(pc.is_valid(self.table["related_id"])))
        names = one_array(self.table["related_id"].take(pa.array(naming)))
        named = np.asarray(pc.fill_null(pc.index_in(names, value_set=self._row_ids), -1), np.int64)
        order = np.argsort(named, kind="stable")
        return naming[order], named[order]

    def naming(self, position: int) -> list[tuple[int, dict[str, Any]]]:
        """Verdicts on other rows that name one row in `related_id`, each with the position of its row."""
        verdicts, named = self._related
        low, high = np.searchsorted(named, [position, position + 1])
        places = verdicts[low:high]
        told = self.table.take(pa.array(places)).to_pylist()
        return list(zip(self.rows[places].tolist(), told, strict=True))


def codes(column: pa.ChunkedArray) -> np.ndarray:
    """The codes of a dictionary column whose chunks share one dictionary; -1 for null."""
    chunks = [np.asarray(pc.fill_null(chunk.indices, -1)) for chunk in column.chunks]
    return np.concatenate(chunks) if chunks else np.zeros(0, np.int32)
