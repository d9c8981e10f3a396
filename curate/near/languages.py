"""Which rows are in a language that an encoder knows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

MIN_ASCII_RATIO = 0.9


def by_language(
    measures: pa.Table, rows: np.ndarray, languages: frozenset[str] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the rows in languages that are known, and of the others.

    Args:
        measures: With a column `language` where a language step ran; a row without one goes by its letters.
        rows: Positions of the rows to sort.
        languages: ISO 639-1 codes; None knows all.
    """
    if languages is None:
        return rows, rows[:0]
    known = measures.column("ascii_ratio").to_numpy() >= MIN_ASCII_RATIO
    if "language" in measures.column_names:
        codes = measures.column("language").to_pylist()
        known = np.array(
            [k if c is None else c in languages for c, k in zip(codes, known, strict=True)], bool
        )
    return rows[known[rows]], rows[~known[rows]]
