"""Pairs as they are found, with the best partners of each row kept, in bounded memory."""

from __future__ import annotations

import numpy as np

ROOM = 4_000_000  # pairs between two prunings
BUSY = 4  # a block with this many times `most` candidates a row is thinned before it is scored


class Partners:
    """Gathers pairs; keeps those that are among the best of either row, and each row's lowest-numbered one.

    Args:
        n_rows: Number of rows.
        most: Partners kept a row.
    """

    def __init__(self, n_rows: int, most: int) -> None:
        self._n_rows = n_rows
        self._most = most
        self._parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._held = 0
        self._room = max(ROOM, n_rows)

    def add(self, left: np.ndarray, right: np.ndarray, score: np.ndarray) -> None:
        self._parts.append((left, right, score))
        self._held += len(left)
        if self._held > self._room:
            left, right, _ = self.pairs()
            self._room = max(self._room, 2 * len(left))

    def pairs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Left, right and score of what is kept, sorted by left, then right."""
        none = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        left, right, score = (np.concatenate(part) for part in zip(none, *self._parts, strict=True))
        kept = kept_of(left, right, score, self._n_rows, self._most)
        left, right, score = left[kept], right[kept], score[kept]
        order = np.argsort(left * self._n_rows + right)
        self._parts = [(left[order], right[order], score[order])]
        self._held = len(order)
        return self._parts[0]


def kept_of(
    left: np.ndarray, right: np.ndarray, score: np.ndarray, n_rows: int, most: int, *, slack: float = 0
) -> np.ndarray:
    """Which pairs are among the `most` best of either row, or hold the lowest-numbered partner of either.

    Args:
        left: Rows.
        right: Their partners; each pair once.
        score: Positive products, off by `slack` at most.
        n_rows: Number of rows.
        most: Partners a row.
        slack: With it, what may be among the best is kept.

    Returns:
        A mask. Of equal scores the partner with the lower number comes first.
    """
    if len(left) == 0:
        return np.zeros(0, bool)
    rows, others = np.concatenate([left, right]), np.concatenate([right, left])
    lowest = np.full(n_rows, n_rows)
    np.minimum.at(lowest, rows, others)
    kept = others == lowest[rows]
    busy = np.flatnonzero(np.bincount(rows, minlength=n_rows)[rows] > most)
    kept_edges = np.ones(len(rows), bool)
    if len(busy):
        both = np.concatenate([score, score])
        kept_edges[busy] = _best(rows[busy], others[busy], both[busy], most, slack)
    kept |= kept_edges
    return kept[: len(left)] | kept[len(left) :]


def _best(rows: np.ndarray, others: np.ndarray, score: np.ndarray, most: int, slack: float) -> np.ndarray:
    falling = ~np.ascontiguousarray(score, np.float32).view(np.uint32)
    keys = rows.astype(np.uint64) << np.uint64(32) | falling.astype(np.uint64)
    order = np.argsort(keys)
    tied = np.flatnonzero(np.diff(keys[order]) == 0)
    if len(tied):
        places = np.unique(np.concatenate([tied, tied + 1]))
        run = order[places]
        order[places] = run[np.lexsort([others[run], keys[run]])]
    sorted_rows = rows[order]
    first = np.flatnonzero(np.diff(sorted_rows, prepend=-1))
    sizes = np.diff(np.append(first, len(rows)))
    rank = np.arange(len(rows)) - np.repeat(first, sizes)
    good = rank < most
    if slack:
        last = score[order[first + np.minimum(most, sizes) - 1]]
        good |= score[order] >= np.repeat(last, sizes) - 2 * slack
    result = np.empty(len(rows), bool)
    result[order] = good
    return result
