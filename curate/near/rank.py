"""Which row of a pair is better, and so stays."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ..compare.texts import Texts
from .rejected import approved_rows

STEPS_OF_QUALITY = 10
"""Smaller differences of the score say nothing of texts that are nearly equal; measured, see docs/LOG.md."""


def ranked(texts: Texts, rows: np.ndarray, measures: pa.Table, keep: str) -> np.ndarray:
    """The place of each of some rows, the best first; shape (n_rows,), int64, 0 for all others.

    Args:
        texts: The texts of all rows.
        rows: Positions of the rows to rank, any shape, repeated or not.
        measures: Which rows are `foreign`; may hold `quality`, scores of an earlier step.
        keep: "best" goes by quality score in tenths, then by fewest unknown words (typing errors), then by
            most words; "longest" by most words; "first" by order alone. Ties go to the first row. Rows that
            a reviewer approved (`human`, where it is there) are before all these, and foreign rows before
            all others.
    """
    rows = np.unique(rows).astype(np.int64)
    place = np.zeros(len(measures), np.int64)
    foreign = measures.column("foreign").to_numpy()
    approved = np.zeros(len(measures), bool)
    approved[approved_rows(measures)] = True
    if keep == "first" or not len(rows):
        place[rows] = rows - len(measures) * (2 * foreign[rows] + approved[rows])
        return place
    words = np.array([texts.unknown(i) for i in rows.tolist()], np.int64).reshape(-1, 2)
    keys = [rows, -words[:, 1]]
    if keep == "best":
        keys.append(words[:, 0])
        if "quality" in measures.column_names:
            quality = measures.column("quality").cast(pa.float64()).fill_null(0).to_numpy()
            keys.append(-np.floor(quality[rows] * STEPS_OF_QUALITY))
    keys += [~approved[rows], ~foreign[rows]]
    place[rows[np.lexsort(keys)]] = np.arange(len(rows))
    return place
