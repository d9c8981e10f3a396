"""For each of some texts the most similar of many others, by the character 5-grams that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .shingles import N, shingle_hashes

BUCKETS = 1 << 24
"""Shingles are told apart by 24 bits of a hash: two texts of 1,000 shingles then share 0.06 by chance."""
BLOCK_TEXTS = 4096
BLOCK_CELLS = 1 << 20
FEW_PRODUCTS = 10_000_000
"""A block with so few shingle matches is counted in full."""
MAX_PRODUCTS = 2_000_000_000
"""Shingle matches that a search may count in all."""
COUNTED_RATIO = 0.1
FLOOR = 0.5
HELD = 0.9
MIN_HELD_SHINGLES = 100
"""Queries from this size on have an exact `held` from 0.9 up."""
MANY_CANDIDATES = 32
CANDIDATES = 4
CHECKED = 50


class Sets(NamedTuple):
    """Sets of shingles: those of text i are `buckets[offsets[i]:offsets[i + 1]]`, distinct and sorted."""

    buckets: np.ndarray
    offsets: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        return np.diff(self.offsets)


def shingle_sets(texts: Sequence[str]) -> Sets:
    """The distinct character 5-grams of each text; a shorter text is one shingle, an empty one has none."""
    padded = [t if len(t) >= N or not t else t.ljust(N) for t in texts]
    lengths = np.array([len(t) for t in padded], np.int64)
    offsets = np.zeros(len(texts) + 1, np.int64)
    if lengths.sum() < N:
        return Sets(np.zeros(0, np.int64), offsets)
    points = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32)
    rows = np.repeat(np.arange(len(texts)), lengths)[: len(points) - N + 1]
    whole = np.arange(len(rows)) + N <= np.cumsum(lengths)[rows]
    hashes = shingle_hashes(points)[whole].astype(np.int64) & (BUCKETS - 1)
    keys = np.sort(rows[whole] * BUCKETS + hashes)
    keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
    np.cumsum(np.bincount(keys // BUCKETS, minlength=len(texts)), out=offsets[1:])
    return Sets(keys & (BUCKETS - 1), offsets)


@dataclass(frozen=True)
class Nearest:
    """The most similar text of each query.

    Args:
        index: Its position among the texts, -1 where no text shares a shingle; shape (n_queries,), int64.
        jaccard: Shared shingles over all shingles of both, a ratio in [0, 1].
        held_by: Position of the text that holds most of the query.
        held: The share of the query's shingles that this text holds.
        exact_from: Similarities from here up are exact, and `held` from 0.9 up; lower ones are lower bounds.
            None where candidates were too many, and `recall` says what that cost.
        recall: Share of checked queries with a neighbour from 0.5 up whose nearest one was found; else None.
    """

    index: np.ndarray
    jaccard: np.ndarray
    held_by: np.ndarray
    held: np.ndarray
    exact_from: float | None
    recall: float | None


class _Best:
    """The best text so far of each query, by Jaccard similarity and by the share that it holds."""

    def __init__(self, n: int) -> None:
        self.scores = np.zeros((2, n), np.float32)
        self.index = np.full((2, n), -1, np.int64)

    def offer(self, rows: np.ndarray, scores: np.ndarray, index: np.ndarray) -> None:
        """Take what is better, shape (2, n_rows) each; of equals the first stays."""
        better = scores > self.scores[:, rows]
        self.scores[:, rows] = np.where(better, scores, self.scores[:, rows])
        self.index[:, rows] = np.where(better, index, self.index[:, rows])


class ShingleSearch:
    """Compares queries with texts by sparse products of their shingle sets, block by block.

    The most common shingles make most of the work and tell least. So only the others are counted, and what
    the common ones could add is a bound: where it reaches 0.5 and the best so far, the pair is compared in
    full. That is exact from 0.5 up. Where a template makes too many such pairs, and counting everything is
    too much, the likeliest few are compared, and the recall is measured on some queries that see every text.

    Args:
        queries: Texts to find neighbours of.
        total: How many texts will be added.
        max_products: Bound on the work.
    """

    def __init__(self, queries: Sequence[str], total: int, *, max_products: int = MAX_PRODUCTS) -> None:
        sets = shingle_sets(queries)
        self._vocabulary = np.unique(sets.buckets)
        self._column = np.full(BUCKETS, -1, np.int32)
        self._column[self._vocabulary] = np.arange(len(self._vocabulary), dtype=np.int32)
        self._queries = self._matrix(sets)
        self._sizes = sets.sizes.astype(np.float32)
        self._uses = np.bincount(self._queries.indices, minlength=len(self._vocabulary))
        self._share = max_products / max(total, 1)
        self._n = 0
        self._exact_from: float | None = 0.0
        self._best = _Best(len(queries))
        self._checked = np.unique(np.linspace(0, len(queries) - 1, min(CHECKED, len(queries))).astype(int))
        self._true = _Best(len(queries))

    def _matrix(self, sets: Sets) -> Any:
        """The sets as a sparse matrix over the vocabulary of the queries."""
        from scipy.sparse import csr_matrix

        columns = self._column[sets.buckets]
        known = columns >= 0
        kept = np.concatenate([[0], np.cumsum(known)])[sets.offsets]
        data = np.ones(int(known.sum()), np.float32)
        shape = (len(sets.offsets) - 1, len(self._vocabulary))
        return csr_matrix((data, columns[known], kept), shape=shape)

    def add(self, texts: Sequence[str]) -> None:
        """Compare the queries with some more texts."""
        for first in range(0, len(texts), BLOCK_TEXTS):
            block = shingle_sets(texts[first : first + BLOCK_TEXTS])
            self._add_block(self._matrix(block), block.sizes.astype(np.float32))

    def _add_block(self, block: Any, sizes: np.ndarray) -> None:
        products = self._uses * np.bincount(block.indices, minlength=len(self._uses))
        total, affordable = int(products.sum()), int(self._share * len(sizes))
        if total <= min(FEW_PRODUCTS, affordable):
            self._count_all(np.arange(len(self._sizes)), block, sizes, self._best)
        else:
            order = np.argsort(-products, kind="stable")
            left = total - np.cumsum(products[order])
            common = np.zeros(len(order), bool)
            common[order[: 1 + int(np.argmax(left <= min(total * COUNTED_RATIO, affordable)))]] = True
            self._exact_from = FLOOR if self._exact_from is not None else None
            crowded = self._count_some(block, sizes, common)
            if total * len(crowded) <= affordable * len(self._sizes):
                self._count_all(crowded, block, sizes, self._best)
            else:
                self._exact_from = None
                self._count_all(self._checked, block, sizes, self._true)
        found = self._best.scores[:, self._checked], self._best.index[:, self._checked]
        self._true.offer(self._checked, *found)
        self._n += len(sizes)

    def _count_all(self, rows: np.ndarray, block: Any, sizes: np.ndarray, best: _Best) -> None:
        """Offer the best of a block for some queries, every pair compared."""
        step, others = max(1, BLOCK_CELLS // max(len(sizes), 1)), block.T.tocsr()
        for first in range(0, len(rows), step):
            some = rows[first : first + step]
            shared = (self._queries[some] @ others).toarray()
            union = self._sizes[some][:, None] + sizes[None, :] - shared
            held = shared.argmax(axis=1)
            likest = np.divide(shared, union, out=union, where=union > 0).argmax(axis=1)
            index = np.stack([likest, held])
            both = shared[np.arange(len(some))[None, :], index]
            scores = self._scores(some[None, :], sizes[index], both)
            chosen = np.stack([scores[0][0], scores[1][1]])
            best.offer(some, chosen, index + self._n)

    def _scores(self, rows: np.ndarray, sizes: np.ndarray, shared: np.ndarray) -> np.ndarray:
        """Jaccard similarity, and the share of the query that is held, of pairs; shape (2, *shape)."""
        mine = self._sizes[rows]
        alike = shared / np.maximum(mine + sizes - shared, 1)
        return np.stack([alike, shared / np.maximum(mine, 1)]).astype(np.float32)

    def _count_some(self, block: Any, sizes: np.ndarray, common: np.ndarray) -> np.ndarray:
        """Offer the best of a block, comparing in full what the rarer shingles leave possible.

        Returns:
            The queries that left too much possible, and saw their likeliest texts alone.
        """
        crowded: list[np.ndarray] = []
        mine, others = self._queries[:, ~common], block[:, ~common].T.tocsr()
        own = np.asarray(self._queries[:, common].sum(axis=1), np.float32).ravel()
        other = np.asarray(block[:, common].sum(axis=1), np.float32).ravel()
        step = max(1, BLOCK_CELLS // max(len(sizes), 1))
        for first in range(0, len(own), step):
            some = np.arange(first, min(first + step, len(own)))
            most = (mine[some] @ others).toarray()
            most += np.minimum(own[some][:, None], other[None, :])
            reach, many = self._possible(some, most, sizes)
            left, right = np.nonzero(reach)
            self._compare(some[left], right, block, sizes)
            crowded.append(some[many])
        return np.concatenate(crowded) if crowded else np.zeros(0, np.int64)

    def _possible(
        self, some: np.ndarray, most: np.ndarray, sizes: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Which texts can be the best of each query, and the likeliest; and which queries have too many."""
        mine = self._sizes[some]
        both = mine[:, None] + sizes[None, :]
        floor = np.maximum(FLOOR, self._best.scores[0, some])
        reach = most * ((1 + floor) / floor)[:, None] >= both * (1 - 1e-6)
        holds = np.maximum(HELD, self._best.scores[1, some]) * mine * (1 - 1e-6)
        reach |= most >= np.where(mine >= MIN_HELD_SHINGLES, holds, np.inf)[:, None]
        many = np.flatnonzero(reach.sum(axis=1) > MANY_CANDIDATES)
        bound = np.divide(most, np.maximum(both - most, 1), out=both)
        reach[many] = False
        reach[np.arange(len(some)), bound.argmax(axis=1)] = True
        if len(many):
            k = min(CANDIDATES, len(sizes))
            reach[many[:, None], np.argpartition(-bound[many], k - 1, axis=1)[:, :k]] = True
        return reach, many

    def _compare(self, rows: np.ndarray, columns: np.ndarray, block: Any, sizes: np.ndarray) -> None:
        """Offer the best of some pairs, compared in full; pairs are in order of their rows."""
        shared = np.asarray(self._queries[rows].multiply(block[columns]).sum(axis=1), np.float32).ravel()
        scores = self._scores(rows, sizes[columns], shared)
        for kind in (0, 1):
            order = np.lexsort((columns, -scores[kind], rows))
            first = order[np.concatenate([[True], rows[order][1:] != rows[order][:-1]])]
            chosen = np.zeros((2, len(first)), np.float32)
            chosen[kind] = scores[kind][first]
            self._best.offer(rows[first], chosen, np.stack([columns[first]] * 2) + self._n)

    def result(self) -> Nearest:
        """What was found among all texts."""
        (alike, held), (index, held_by) = self._best.scores, self._best.index
        recall = None
        if self._exact_from is None:
            true = self._true.scores[0, self._checked]
            telling = true >= FLOOR
            same = alike[self._checked][telling] >= true[telling] - 1e-6
            recall = float(same.mean()) if telling.any() else 1.0
        return Nearest(index, alike, held_by, held, self._exact_from, recall)
