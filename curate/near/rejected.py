"""What people decided on rows, as far as near-duplicates are concerned.

A rejected row is gone, and no row is dropped in its favour. But a row that nearly repeats it may have the
same fault, so a person should look at that row too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ..compare.texts import Texts
from .dedupe import MAX_COMPARED, Found, first_same, pairs_by_row
from .pairs import Pairs

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them


def rejected_rows(measures: pa.Table) -> np.ndarray:
    """Positions of the rows that the step `human` dropped, int64; none where it did not run."""
    return np.setdiff1d(_said(measures, "rejected"), np.flatnonzero(measures.column("alive").to_numpy()))


def approved_rows(measures: pa.Table) -> np.ndarray:
    """Positions of the rows that stand approved by a reviewer, int64; none where `human` did not run."""
    return _said(measures, "approved")


def _said(measures: pa.Table, value: str) -> np.ndarray:
    if "human" not in measures.column_names:
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.asarray(pc.fill_null(pc.equal(measures.column("human"), value), False)))


def with_rejected(pairs: Pairs, gone: np.ndarray) -> tuple[Pairs, Pairs]:
    """The pairs of a rejected row and another, and the pairs without rejected rows.

    Args:
        pairs: Similar rows.
        gone: Positions of rejected rows.
    """
    left, right = np.isin(pairs.left, gone), np.isin(pairs.right, gone)
    return pairs.where(left ^ right), pairs.where(~left & ~right)


def repeats_of_rejected(texts: Texts, beside: Pairs, rows: np.ndarray, threshold: float) -> list[Found]:
    """Rows that nearly repeat a rejected row, each with the nearest such row that no guard tells apart.

    Args:
        texts: The texts of all rows.
        beside: Pairs of a rejected row and another.
        rows: Positions of the rows that are asked for.
        threshold: Similarity that prompt and response must both reach.
    """
    asked = np.isin(beside.left, rows) | np.isin(beside.right, rows)
    near = beside.where(asked & (beside.both >= threshold))
    found: list[Found] = []
    mine = np.where(np.isin(near.left, rows), near.left, near.right)
    order = np.lexsort((-near.both, mine))
    for row, those in pairs_by_row(mine, order):
        pair = first_same(texts, near, those[:MAX_COMPARED])
        if pair is not None:
            left, right = int(near.left[pair]), int(near.right[pair])
            partner = right if left == row else left
            found.append(Found(row, partner, float(near.prompt[pair]), float(near.response[pair])))
    return found
