"""Guard rails: a step that drops most of a source, a language or a length band stops the run.

Judged are groups of at least `MIN_ROWS` rows that come to a step. What is dropped for a reason in `NO_LOSS`
does not count, for nothing is lost or the recipe names the amount; what is dropped for a reason in `ASKED`
counts only where a whole source goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from ..schemas.run import DroppedRow, LargeDrop
from .contents import ParquetRows, one_array, records
from .report.escape import shorten
from .rows import prompt_of, response_of

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

MIN_ROWS = 100
"""Smaller groups are not judged: half of 50 rows is an accident, and quickly read."""
BAND_STARTS = (1, 16, 64, 256, 1024, 4096)
"""First lengths of the bands, in characters of the answer; an empty answer is in none, for it should go."""
NO_LOSS: Mapping[str, frozenset[str]] = {
    "exact_duplicate": frozenset({"exact_duplicate"}),
    "human": frozenset({"rejected_by_reviewer"}),
    "balance": frozenset({"over_cap"}),
    "select": frozenset({"not_selected"}),
}
"""Step to reasons that never count: the same row stays, a person chose, or the recipe sets how many go."""
ASKED: Mapping[str, frozenset[str]] = {"language": frozenset({"wrong_language"})}
"""Step to reasons that a setting asks for; they count where nothing is left of a source."""
KINDS = ("source", "language", "length")
LANGUAGE = "language"
EXAMPLES = 3
SHOWN = 60
BATCH_ROWS = 8192


def large_drops(verdicts: pa.Table, groups: pa.Table, max_drop_ratio: float) -> list[LargeDrop]:
    """The groups of which a step drops more than a share; their examples lack file and text.

    Args:
        verdicts: All verdicts of one step.
        groups: For each verdict its groups: a column of strings for each kind, null for none.
        max_drop_ratio: The largest share that passes.
    """
    if not verdicts.num_rows:
        return []
    step = verdicts["step"][0].as_py()
    dropped = np.asarray(pc.equal(verdicts["action"], "drop"))
    lossless = dropped & _one_of(verdicts["reason"], NO_LOSS.get(step, frozenset()))
    asked = dropped & _one_of(verdicts["reason"], ASKED.get(step, frozenset()))
    lost = dropped & ~lossless
    found: list[LargeDrop] = []
    for kind in groups.column_names:
        column = one_array(groups[kind]).dictionary_encode()
        codes = np.asarray(pc.fill_null(column.indices, -1), dtype=np.int64)
        names = column.dictionary.to_pylist()
        rows = _count(codes, ~lossless, len(names))
        gone = _count(codes, lost & ~asked, len(names))
        if kind == "source":
            everything = _count(codes, lost, len(names))
            gone = np.where(everything == rows, everything, gone)
        for g in np.flatnonzero((rows >= MIN_ROWS) & (gone > max_drop_ratio * rows)).tolist():
            counted = lost if gone[g] == rows[g] else lost & ~asked
            those = np.flatnonzero((codes == g) & counted)
            found.append(_finding(verdicts, those, step, kind, names[g], int(rows[g])))
    return found


def _one_of(column: pa.ChunkedArray, values: frozenset[str]) -> np.ndarray:
    return np.asarray(pc.is_in(column, value_set=pa.array(sorted(values), pa.string())))


def _count(codes: np.ndarray, mask: np.ndarray, n: int) -> np.ndarray:
    return np.bincount(codes[mask & (codes >= 0)], minlength=n)


def _finding(verdicts: pa.Table, those: np.ndarray, step: str, kind: str, group: str, rows: int) -> LargeDrop:
    """A finding, with rows from the beginning, the middle and the end of what is dropped."""
    reasons = {
        r["values"]: r["counts"] for r in verdicts["reason"].take(pa.array(those)).value_counts().to_pylist()
    }
    at = np.unique([len(those) * (2 * i + 1) // (2 * EXAMPLES) for i in range(EXAMPLES)])
    members = ("row_id", "reason", "score", "related_id")
    shown = verdicts.select(members).take(pa.array(those[at])).to_pylist()
    return LargeDrop(
        step=step,
        kind=kind,
        group=group,
        rows=rows,
        dropped=len(those),
        share=round(len(those) / rows, 4),
        reasons=dict(sorted(reasons.items(), key=lambda x: (-x[1], x[0]))),
        examples=[DroppedRow(**example, file="", row=0, text="") for example in shown],
    )


class GuardRail:
    """Looks at each step's verdicts as they come and remembers what goes too far.

    Args:
        rows_file: All rows, in the ROWS schema.
        max_drop_ratio: The largest share of a group that a step may drop; None is off.
    """

    def __init__(self, rows_file: Path, max_drop_ratio: float | None) -> None:
        self.max_drop_ratio = max_drop_ratio
        self.found: list[LargeDrop] = []
        self._rows_file = rows_file
        self._languages: pa.Array | None = None

    def look(self, verdicts: pa.Table, rows: np.ndarray) -> None:
        """Judge one step.

        Args:
            verdicts: One a row.
            rows: Where these rows stand in the rows file, shape (n_verdicts,), int64.
        """
        if self.max_drop_ratio is None or not verdicts.num_rows:
            return
        drops = pc.sum(pc.equal(verdicts["action"], "drop")).as_py()
        if drops > self.max_drop_ratio * MIN_ROWS:
            groups = self._groups_of(rows)
            found = large_drops(verdicts, groups, self.max_drop_ratio)
            self.found += [self._with_texts(finding, verdicts, rows) for finding in found]
        if verdicts["step"][0].as_py() == LANGUAGE:
            self._languages = _scattered(verdicts["value"], rows, self._groups.num_rows)

    @cached_property
    def _groups(self) -> pa.Table:
        return row_groups(self._rows_file)

    def _groups_of(self, rows: np.ndarray) -> pa.Table:
        table = self._groups
        if self._languages is not None:
            table = table.append_column(LANGUAGE, self._languages)
        return table.select([k for k in KINDS if k in table.column_names]).take(pa.array(rows))

    def _with_texts(self, finding: LargeDrop, verdicts: pa.Table, rows: np.ndarray) -> LargeDrop:
        ids = pa.array([example.row_id for example in finding.examples])
        at = np.asarray(pc.index_in(ids, value_set=one_array(verdicts["row_id"])), dtype=np.int64)
        originals = records(ParquetRows(self._rows_file).take(rows[at]))
        examples = [
            example.model_copy(update={**original["source"], "text": _excerpt(original["messages"])})
            for example, original in zip(finding.examples, originals, strict=True)
        ]
        return finding.model_copy(update={"examples": examples})


def _excerpt(messages: list[dict[str, Any]]) -> str:
    return f"{shorten(prompt_of(messages), SHOWN)} -> {shorten(response_of(messages), SHOWN)}"


def _scattered(values: pa.ChunkedArray, rows: np.ndarray, n: int) -> pa.Array:
    """Values of some rows as a column of all rows."""
    at = np.full(n, -1, np.int64)
    at[rows] = np.arange(len(rows))
    return one_array(values).dictionary_encode().take(pa.array(at, mask=at < 0))


def row_groups(rows_file: Path) -> pa.Table:
    """Source file and length band of every row, in order, as columns `source` and `length`."""
    sources: list[pa.Array] = []
    bands: list[np.ndarray] = []
    for batch in pq.ParquetFile(rows_file).iter_batches(BATCH_ROWS, columns=["source", "messages"]):
        sources.append(pc.struct_field(batch.column("source"), "file"))
        bands.append(np.searchsorted(BAND_STARTS, answer_lengths(batch.column("messages")), side="right") - 1)
    codes = np.concatenate([np.zeros(0, np.int64), *bands])
    files = pa.chunked_array(sources, pa.string()).combine_chunks().dictionary_encode()
    length = pa.DictionaryArray.from_arrays(
        pa.array(codes, pa.int32(), mask=codes < 0), pa.array(band_names())
    )
    return pa.table({"source": files, "length": length})


def answer_lengths(messages: pa.ListArray) -> np.ndarray:
    """Characters of each row's last turn where it is the assistant's, else 0; shape (n_rows,), int64."""
    starts, ends = (np.asarray(messages.offsets)[s] for s in (slice(None, -1), slice(1, None)))
    last = pa.array(ends - 1, mask=ends == starts)
    turns = messages.values
    texts, roles = (pc.take(turns.field(name), last) for name in ("content", "role"))
    told = pc.if_else(pc.equal(roles, "assistant"), pc.utf8_length(texts), 0)
    return np.asarray(pc.fill_null(told, 0), dtype=np.int64)


def band_names() -> list[str]:
    """The bands in words, shortest first."""
    ends = [f"{low:,} to {high - 1:,}" for low, high in pairwise(BAND_STARTS)]
    return [f"answers of {span} characters" for span in (*ends, f"{BAND_STARTS[-1]:,} or more")]
