"""Facility location: rows such that every row has a near one among them, chosen by lazy greedy.

What is maximised is the sum over all rows of the cosine to the nearest chosen row, above a floor. It is
monotone and submodular, so greedy reaches 1 - 1/e of the best choice of as many rows (Nemhauser, Wolsey and
Fisher 1978); a stale gain is an upper bound, so most need not be computed again (Minoux 1978).

The floor of a row is about the cosine of its `NEIGHBOURS`-th nearest row, and 0 where there are no more rows
than that: what is farther counts as not represented. So the sum is over a graph that fits into memory.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np

from .budget import strata_of
from .likeness import SAME, products

NEIGHBOURS = 256
MAX_EDGES = 1 << 25
SAMPLE = 2048
"""Rows by whose products the floor of a row is set."""
MAX_WITNESSES = 1 << 16
"""Rows that are to be represented; of more rows, this many stand for all."""


class Graph(NamedTuple):
    """What each row, once chosen, would be worth to the witnesses near it.

    Args:
        starts: Where the witnesses of each row begin, shape (n_rows + 1,), int64.
        witnesses: Numbers of witnesses, int32, in one array.
        worth: Product above the witness's floor, uint16, likewise.
        n_witnesses: How many there are.
    """

    starts: np.ndarray
    witnesses: np.ndarray
    worth: np.ndarray
    n_witnesses: int


def graph_of(vectors: np.ndarray, shuffled: np.ndarray) -> Graph:
    """The graph of near rows.

    Args:
        vectors: Shape (n_rows, dim), int8.
        shuffled: All rows in a random order; its beginning is the sample and the witnesses.
    """
    n = len(vectors)
    witnesses = np.sort(shuffled[:MAX_WITNESSES])
    near = max(1, min(NEIGHBOURS, MAX_EDGES // max(1, len(witnesses))))
    sample = None if n <= max(near, SAMPLE) else shuffled[:SAMPLE]
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for first, block in products(vectors[witnesses], vectors):
        floors = _floors(block, near, sample)
        block[np.arange(len(block)), witnesses[first : first + len(block)]] = SAME
        over = np.flatnonzero(block > floors[:, None])
        who, row = np.divmod(over, n)
        worth = (block.ravel()[over] - floors[who]).astype(np.uint16)
        parts.append((row.astype(np.int32), (who + first).astype(np.int32), worth))
    rows, who, worth = (np.concatenate([part[i] for part in parts]) for i in range(3))
    order = np.argsort(rows, kind="stable")
    starts = np.searchsorted(rows[order], np.arange(n + 1))
    return Graph(starts, who[order], worth[order], len(witnesses))


def _floors(block: np.ndarray, near: int, sample: np.ndarray | None) -> np.ndarray:
    """The floor of each witness of a block: about its `near`-th largest product, 0 at least."""
    n = block.shape[1]
    if n <= near:
        return np.zeros(len(block), np.float32)
    seen = block if sample is None else block[:, sample]
    place = max(1, round(near * seen.shape[1] / n))
    return np.maximum(np.partition(seen, -place, axis=1)[:, -place], 0)


Entry = tuple[int, int, int, int]
"""Minus the gain, place in the random order, row, and how many rows were chosen when it was computed."""


def facility_location(graph: Graph, tokens: np.ndarray, budget: int, shuffled: np.ndarray) -> list[int]:
    """Rows in the order of their choice: each time the one that adds most, while it fits.

    Every length stratum has its share of the budget; what that leaves goes to whatever row fits.

    Args:
        graph: What the rows are worth.
        tokens: Tokens of every row, shape (n_rows,).
        budget: Most tokens in all.
        shuffled: All rows in a random order, which decides between equal gains.
    """
    if not len(tokens):
        return []
    strata = strata_of(tokens)
    in_all = np.bincount(strata, weights=tokens).astype(np.int64).tolist()
    room = [budget * part // sum(in_all) for part in in_all]
    greedy = _Greedy(graph, tokens)
    left = greedy.fill(greedy.first(shuffled), room, strata.tolist())
    rest = budget - int(tokens[greedy.chosen].sum())
    greedy.fill(left, [rest], [0] * len(tokens))
    return greedy.chosen


class _Greedy:
    """The rows chosen so far, and how near each witness is to them."""

    def __init__(self, graph: Graph, tokens: np.ndarray) -> None:
        self.chosen: list[int] = []
        self._graph = graph
        self._sizes = tokens.tolist()
        self._best = np.zeros(graph.n_witnesses, np.int32)

    def first(self, shuffled: np.ndarray) -> list[Entry]:
        """Every row with what it adds while nothing is chosen."""
        totals = np.concatenate([[0], np.cumsum(self._graph.worth, dtype=np.int64)])
        gains = totals[self._graph.starts[1:]] - totals[self._graph.starts[:-1]]
        found = zip((-gains[shuffled]).tolist(), range(len(shuffled)), shuffled.tolist(), strict=True)
        return [(gain, place, row, 0) for gain, place, row in found]

    def fill(self, heap: list[Entry], room: list[int], kinds: list[int]) -> list[Entry]:
        """Choose while rows fit into the room of their kind.

        Returns:
            The rows that did not fit.
        """
        heapq.heapify(heap)
        left: list[Entry] = []
        while heap:
            entry = heapq.heappop(heap)
            gain, place, row, seen = entry
            if self._sizes[row] > room[kinds[row]]:
                left.append(entry)
                continue
            if seen != len(self.chosen) and gain:
                now = (-self._gain(row), place, row, len(self.chosen))
                if heap and now > heap[0]:
                    heapq.heappush(heap, now)
                    continue
            self._choose(row)
            room[kinds[row]] -= self._sizes[row]
        return left

    def _gain(self, row: int) -> int:
        mine = self._edges(row)
        added = self._graph.worth[mine] - self._best[self._graph.witnesses[mine]]
        return int(added[added > 0].sum(dtype=np.int64))

    def _choose(self, row: int) -> None:
        mine = self._edges(row)
        near = self._graph.witnesses[mine]
        self._best[near] = np.maximum(self._best[near], self._graph.worth[mine])
        self.chosen.append(row)

    def _edges(self, row: int) -> slice:
        return slice(int(self._graph.starts[row]), int(self._graph.starts[row + 1]))
