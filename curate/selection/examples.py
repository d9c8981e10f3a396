"""Rows by likeness to examples: the nearest row of each example in turn, then its second nearest, and so on.

Source: RDS+ of Ivison et al. 2025 (arXiv 2503.01807) takes rows for the examples of a target in turn.
"""

from __future__ import annotations

import numpy as np

from .likeness import SAME, products


def by_examples(
    vectors: np.ndarray, examples: np.ndarray, shuffled: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """All rows, by their best place in the list of any example; of one place, the earlier example's first.

    Args:
        vectors: Shape (n_rows, dim), int8.
        examples: Shape (n_examples, dim), int8.
        shuffled: All rows in a random order, which decides between rows equally near to an example.

    Returns:
        The order, shape (n_rows,), and the cosine of every row to its nearest example, shape (n_rows,).
    """
    n = len(vectors)
    places = np.arange(n)
    best = np.full(n, np.iinfo(np.int64).max)
    cosine = np.full(n, -float(SAME))
    for first, block in products(examples, vectors[shuffled]):
        for number, line in enumerate(block, start=first):
            order = np.argsort(-line.astype(np.int16), kind="stable")
            key = np.empty(n, np.int64)
            key[order] = places * len(examples) + number
            np.minimum(best, key, out=best)
        np.maximum(cosine, block.max(axis=0), out=cosine)
    told = np.empty(n)
    told[shuffled] = cosine / SAME
    return shuffled[np.argsort(best, kind="stable")], told
