"""A vector of every kept row, for search by meaning: those that the run measured, and the others made now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ..schemas.step_options import TopicOptions
from .contents import one_array
from .encoders import STATIC, encoder_for
from .measure import read_measures, step_key
from .near.parts import unpacked
from .row_vectors import row_vectors
from .steps import BUILTIN_STEPS
from .topics.clusters import whole

if TYPE_CHECKING:
    from .ledger import Ledger

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

BLOCK = 1 << 14
Progress = Callable[[int, int], None]
"""Called with rows done and rows in all."""


def search_vectors(ledger: Ledger, progress: Progress | None = None) -> np.ndarray:
    """The static encoder's vector of prompt and response of every kept row, in input order.

    The `topic` step measured them; where its cache is gone, or the run had no such step, they are made now,
    at some thousand rows a second.

    Returns:
        Shape (n_kept, 256), int8; zeros for a row without a known word.
    """
    kept = ledger.kept()
    matrix = np.zeros((len(kept), encoder_for(STATIC).dim), np.int8)
    missing = np.ones(len(kept), bool)
    step = BUILTIN_STEPS["topic"](TopicOptions(), ledger.card.seed, Path())
    folder = ledger.workspace.measures / step_key(step)
    for path in sorted(folder.glob("*.arrow"), key=lambda p: (p.stat().st_mtime_ns, p.name)):
        table = read_measures([path]).select(["row_id", "vector"])
        places = pc.index_in(one_array(table["row_id"]), value_set=kept)
        known = np.asarray(pc.is_valid(places))
        at = np.asarray(places.drop_null(), np.int64)
        matrix[at] = unpacked(table["vector"])[known]
        missing[at] = False
    if missing.any():
        _make(ledger, kept, matrix, missing, progress)
    return matrix


def _make(
    ledger: Ledger, kept: pa.Array, matrix: np.ndarray, missing: np.ndarray, progress: Progress | None
) -> None:
    places, done, total = np.flatnonzero(missing), 0, int(missing.sum())
    for table in ledger.content(kept.filter(pa.array(missing))):
        vectors = row_vectors(table.combine_chunks())
        at = places[done : done + table.num_rows]
        matrix[at] = whole(vectors.prompt + vectors.response)
        done += table.num_rows
        if progress is not None:
            progress(done, total)


def nearest_rows(matrix: np.ndarray, text: str, among: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows nearest to a text in meaning, the nearest first, and their cosines.

    Args:
        matrix: From `search_vectors`.
        text: What is looked for.
        among: Which rows come into question, shape (n_kept,), bool.
        k: How many, at most.

    Returns:
        Places among the kept rows and cosines above 0; shape (n_found,) each.
    """
    query = encoder_for(STATIC).encode([text])[0]
    cosines = np.zeros(len(matrix), np.float32)
    for start in range(0, len(matrix), BLOCK):
        rows = matrix[start : start + BLOCK].astype(np.float32)
        norms = np.sqrt(np.square(rows).sum(axis=1))
        cosines[start : start + BLOCK] = rows @ query / np.where(norms == 0, 1, norms)
    cosines[~among] = 0
    order = np.lexsort((np.arange(len(cosines)), -cosines))[:k]
    order = order[cosines[order] > 0]
    return order, cosines[order]
