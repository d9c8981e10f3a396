"""For each of some texts the most similar of many others, by the character 5-grams that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .shingles import N, shingle_hashes

BUCKETS = 1 << 24
"""Shingles are told apart by 24 bits of a hash: two texts of 1,000 shingles then share 0.06 by chance."""
BLOCK_TEXTS = 2048
BLOCK_CELLS = 1 << 22
MAX_PRODUCTS = 4_000_000_000
"""Shingle matches that a search may count; beyond that it leaves out the most common shingles."""
CANDIDATES = 4
CHECKED = 100
LIKELY = 0.5


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
        recall: Share of checked queries with a neighbour from 0.5 up whose nearest one was found; None where
            everything is exact.
        checked: Queries that were compared with every text to measure the recall.
    """

    index: np.ndarray
    jaccard: np.ndarray
    held_by: np.ndarray
    held: np.ndarray
    recall: float | None
    checked: int


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
    """Exact where the work allows it: every query is compared with every text by a sparse product.

    Beyond `max_products` shingle matches the most common shingles propose nothing: the likeliest texts by
    the rarer ones are compared exactly, and the recall is measured on some queries that see every text.

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
        self._exact = True
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
        order = np.argsort(products, kind="stable")
        affordable = np.cumsum(products[order]) <= self._share * len(sizes)
        everyone = np.arange(self._queries.shape[0])
        if affordable.all():
            scores, index = self._all(everyone, block, sizes)
            self._true.offer(self._checked, scores[:, self._checked], index[:, self._checked] + self._n)
        else:
            self._exact = False
            rare = np.zeros(len(order), bool)
            rare[order[affordable]] = True
            scores, index = self._likely(block, sizes, rare)
            true, where = self._all(self._checked, block, sizes)
            self._true.offer(self._checked, true, where + self._n)
        self._best.offer(everyone, scores, index + self._n)
        self._n += len(sizes)

    def _all(self, rows: np.ndarray, block: Any, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The best of a block for some queries, every pair compared; shape (2, n_rows) each."""
        scores, index = np.zeros((2, len(rows)), np.float32), np.zeros((2, len(rows)), np.int64)
        step, others = max(1, BLOCK_CELLS // max(len(sizes), 1)), block.T.tocsr()
        for first in range(0, len(rows), step):
            some = rows[first : first + step]
            shared = (self._queries[some] @ others).toarray()
            held = shared.argmax(axis=1)
            mine, at = self._sizes[some], np.arange(len(some))
            union = mine[:, None] + sizes[None, :] - shared
            alike = np.divide(shared, union, out=union, where=union > 0)
            likest = alike.argmax(axis=1)
            part = slice(first, first + len(some))
            scores[0, part], index[0, part] = alike[at, likest], likest
            scores[1, part], index[1, part] = shared[at, held] / np.maximum(mine, 1), held
        return scores, index

    def _likely(self, block: Any, sizes: np.ndarray, rare: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The best of a block for every query among the likeliest texts by rare shingles."""
        mine, theirs = self._queries[:, rare], block[:, rare]
        own = np.asarray(mine.sum(axis=1)).ravel()
        other = sizes - np.asarray(block[:, ~rare].sum(axis=1)).ravel()
        n, k = len(own), min(CANDIDATES, len(sizes))
        likeliest = np.zeros((n, k), np.int64)
        step, others = max(1, BLOCK_CELLS // max(len(sizes), 1)), theirs.T.tocsr()
        for first in range(0, n, step):
            shared = (mine[first : first + step] @ others).toarray()
            union = own[first : first + step, None] + other[None, :] - shared
            alike = np.divide(shared, union, out=union, where=union > 0)
            likeliest[first : first + step] = np.argpartition(-alike, k - 1, axis=1)[:, :k]
        likeliest.sort(axis=1)
        pairs = np.repeat(np.arange(n), k), likeliest.ravel()
        both = self._queries[pairs[0]].multiply(block[pairs[1]]).sum(axis=1)
        shared = np.asarray(both, np.float32).reshape(n, k)
        union = self._sizes[:, None] + sizes[likeliest] - shared
        alike, held = shared / np.maximum(union, 1), shared / np.maximum(self._sizes[:, None], 1)
        chosen = np.stack([alike.argmax(axis=1), held.argmax(axis=1)])
        at = np.arange(n)
        scores = np.stack([alike[at, chosen[0]], held[at, chosen[1]]])
        return scores, likeliest[at[None, :], chosen]

    def result(self) -> Nearest:
        """What was found among all texts."""
        (alike, held), (index, held_by) = self._best.scores, self._best.index
        recall = None
        if not self._exact:
            true = self._true.scores[0, self._checked]
            same = alike[self._checked] >= true - 1e-6
            telling = true >= LIKELY
            recall = float(same[telling].mean()) if telling.any() else 1.0
        return Nearest(index, alike, held_by, held, recall, 0 if self._exact else len(self._checked))
