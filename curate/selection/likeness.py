"""Cosines of rows as whole numbers, so that a choice is the same on every machine.

Vectors of 8 bits are multiplied in float32: a sum of 1,024 products of two such values stays below 2 ** 24,
so it is exact in whatever order a matrix library adds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

LONGEST = 127
SAME = LONGEST * LONGEST
"""What a row's product with itself counts as: cosine 1."""
BLOCK_VALUES = 1 << 25
MIN_BLOCK = 64
TILE = 1 << 14
"""Values of a block of products, rows of it at least, and rows that are turned into float32 at a time."""


def whole_vectors(prompts: np.ndarray, responses: np.ndarray) -> np.ndarray:
    """One vector a row in which prompt and response weigh alike, shape (n_rows, dim), int8.

    Args:
        prompts: Vectors of length 1 or 0, shape (n_rows, dim).
        responses: Likewise.
    """
    sums = prompts.astype(np.float64) + responses
    norms = np.sqrt(np.square(sums).sum(axis=1, keepdims=True))
    return np.rint(sums / np.where(norms == 0, 1, norms) * LONGEST).astype(np.int8)


def products(rows: np.ndarray, others: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Products of blocks of `rows` with all `others`: the block's first row, and (block, n_others), float32.

    Args:
        rows: Shape (n_rows, dim), int8.
        others: Shape (n_others, dim), int8.
    """
    height = max(MIN_BLOCK, BLOCK_VALUES // max(1, len(others)))
    for first in range(0, len(rows), height):
        left = rows[first : first + height].astype(np.float32)
        block = np.empty((len(left), len(others)), np.float32)
        for start in range(0, len(others), TILE):
            tile = others[start : start + TILE].astype(np.float32)
            block[:, start : start + TILE] = left @ tile.T
        yield first, np.clip(block, -SAME, SAME, out=block)


class Nearest(NamedTuple):
    """For each row its nearest chosen row, itself where it is chosen; and their cosine.

    Args:
        row: Shape (n_rows,), int64; -1 where nothing is chosen.
        cosine: Shape (n_rows,), float64; 0 where nothing is chosen.
    """

    row: np.ndarray
    cosine: np.ndarray


def nearest_chosen(vectors: np.ndarray, chosen: np.ndarray) -> Nearest:
    """The nearest chosen row of every row; of equally near ones the one that was chosen first.

    Args:
        vectors: Shape (n_rows, dim), int8.
        chosen: Rows in the order of their choice.
    """
    found = np.full(len(vectors), -1, np.int64)
    cosines = np.zeros(len(vectors))
    if not len(chosen):
        return Nearest(found, cosines)
    for first, block in products(vectors, vectors[chosen]):
        best = block.argmax(axis=1)
        found[first : first + len(block)] = chosen[best]
        cosines[first : first + len(block)] = block[np.arange(len(block)), best] / SAME
    found[chosen], cosines[chosen] = chosen, 1.0
    return Nearest(found, cosines)
