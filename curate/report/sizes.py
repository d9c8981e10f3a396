"""Distributions over all rows before curation and over kept rows after it; texts are streamed, never held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from ..ledger import Ledger

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

BATCH_ROWS = 8192


@dataclass(frozen=True)
class Histogram:
    """Counts before and after, in the same bins.

    Args:
        name: What was measured.
        unit: Its unit.
        labels: One a bin; the bins start with the first that holds a row.
        before: Rows of the input in each bin.
        after: Kept rows in each bin.
        median_before: Median over the input; None without rows.
        median_after: Median over the kept rows; None without rows.
    """

    name: str
    unit: str
    labels: list[str]
    before: list[int]
    after: list[int]
    median_before: float | None
    median_after: float | None


@dataclass(frozen=True)
class Sizes:
    """Characters of prompt and response and number of turns of every row, shape (n_rows,) each."""

    prompt: np.ndarray
    response: np.ndarray
    turns: np.ndarray


def histograms(ledger: Ledger) -> list[Histogram]:
    """Lengths of prompts and responses in characters, and numbers of turns, before and after."""
    before = measure(ledger.workspace.rows)
    kept = ledger.kept_mask
    after = _with_edits(ledger, before)
    return [
        _logarithmic("Prompt length", before.prompt, after.prompt[kept]),
        _logarithmic("Response length", before.response, after.response[kept]),
        _small("Turns", before.turns, after.turns[kept]),
    ]


def measure(path: Path) -> Sizes:
    """The sizes of every row of a Parquet file with a `messages` column."""
    parts = [message_sizes(batch.column("messages")) for batch in _batches(path)]
    empty = np.zeros(0, np.int64)
    return Sizes(*(np.concatenate([empty, *(p[i] for p in parts)]) for i in range(3)))


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    yield from pq.ParquetFile(path).iter_batches(BATCH_ROWS, columns=["messages"])


def message_sizes(column: pa.ListArray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Characters of the prompt, characters of the response, and turns.

    The response is the last turn where that is the assistant's; tool calls count with their arguments.

    Args:
        column: `messages` of n rows.

    Returns:
        Three arrays, shape (n,), int64.
    """
    offsets = np.asarray(column.offsets)
    flat = column.values
    lengths = np.asarray(pc.fill_null(pc.utf8_length(flat.field("content")), 0), dtype=np.int64)
    lengths = lengths + _call_sizes(flat.field("tool_calls"))
    total = np.concatenate([[0], np.cumsum(lengths)])
    whole = total[offsets[1:]] - total[offsets[:-1]]
    turns = np.diff(offsets).astype(np.int64)
    answered = np.asarray(pc.fill_null(pc.equal(flat.field("role"), "assistant"), False))
    response = np.zeros(len(turns), np.int64)
    some = np.flatnonzero(turns > 0)
    last = offsets[1:][some] - 1
    response[some] = np.where(answered[last], lengths[last], 0)
    return whole - response, response, turns


def _call_sizes(calls: pa.ListArray) -> np.ndarray:
    """Characters of the names and arguments of each turn's tool calls."""
    function = calls.values.field("function")
    sizes = sum(
        np.asarray(pc.fill_null(pc.utf8_length(function.field(part)), 0), dtype=np.int64)
        for part in ("name", "arguments")
    )
    total = np.concatenate([[0], np.cumsum(sizes)])
    offsets = np.asarray(calls.offsets)
    return total[offsets[1:]] - total[offsets[:-1]]


def _with_edits(ledger: Ledger, sizes: Sizes) -> Sizes:
    last = ledger.contents.last_edit
    touched = np.flatnonzero(last >= 0)
    if len(touched) == 0:
        return sizes
    edited = measure(ledger.workspace.edits)
    changed = []
    for old, new in ((getattr(sizes, n), getattr(edited, n)) for n in ("prompt", "response", "turns")):
        copy = old.copy()
        copy[touched] = new[last[touched]]
        changed.append(copy)
    return Sizes(*changed)


def _logarithmic(name: str, before: np.ndarray, after: np.ndarray) -> Histogram:
    """Bins 0, 1, 2-3, 4-7, ... up to the longest."""
    counts = [np.bincount(_doublings(values)) for values in (before, after)]
    size = max(len(c) for c in counts)
    labels = ["0", "1", *(f"{number(2**k)}–{number(2 ** (k + 1) - 1)}" for k in range(1, size))][:size]
    return _histogram(name, "characters", labels, counts, before, after)


def number(value: int) -> str:
    """A bin's edge, short."""
    return f"{value:,}" if value < 10_000 else f"{value // 1000:,}k"


def _doublings(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0, np.floor(np.log2(np.maximum(values, 1))).astype(np.int64) + 1, 0)


def _small(name: str, before: np.ndarray, after: np.ndarray, top: int = 9) -> Histogram:
    """One bin for each number up to a top, which takes all above it."""
    counts = [np.bincount(np.minimum(values, top)) for values in (before, after)]
    size = max(len(c) for c in counts)
    labels = [str(k) if k < top else f"{top}+" for k in range(size)]
    return _histogram(name, "turns", labels, counts, before, after)


def _histogram(
    name: str, unit: str, labels: list[str], counts: list[np.ndarray], before: np.ndarray, after: np.ndarray
) -> Histogram:
    padded = [[*map(int, c), *[0] * (len(labels) - len(c))] for c in counts]
    first = next((i for i, some in enumerate(map(any, zip(*padded, strict=True))) if some), 0)
    medians = [float(np.median(v)) if len(v) else None for v in (before, after)]
    return Histogram(name, unit, labels[first:], padded[0][first:], padded[1][first:], *medians)
