"""Which rows are in a language that an encoder knows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from .parts import PARTS, text_lengths

MIN_ASCII_RATIO = 0.9
TOO_SHORT = 120
"""Bytes of a row below which a language is guessed more often than found."""


def by_language(
    measures: pa.Table, rows: np.ndarray, languages: frozenset[str] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the rows in languages that are known, and of the others.

    Args:
        measures: With a column `language` where a language step ran; a row without one, or too short for
            one, goes by its letters.
        rows: Positions of the rows to sort.
        languages: ISO 639-1 codes; None knows all.
    """
    if languages is None:
        return rows, rows[:0]
    known = measures.column("ascii_ratio").to_numpy() >= MIN_ASCII_RATIO
    if "language" in measures.column_names:
        codes = [code is None or code in languages for code in measures.column("language").to_pylist()]
        sizes = [text_lengths(measures.column(part)) for part in PARTS[:2]]
        known = known & (np.array(codes, bool) | (np.sum(sizes, axis=0) < TOO_SHORT))
    return rows[known[rows]], rows[~known[rows]]
