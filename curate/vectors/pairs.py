"""All pairs of unit rows above a threshold."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from .equal import first_equal
from .lists import measured_recall, near_lists
from .partners import BUSY, Partners, kept_of
from .products import Candidates, all_pairs, kernel_for, numpy_kernel, scores


class Pairs(NamedTuple):
    """Pairs of rows, sorted by left, then right.

    Args:
        left: Lower row of each pair, int64.
        right: Higher row of each pair, int64.
        scores: Their products, float32.
        method: How they were found, as text.
        recall: Share of sampled rows with a partner above the threshold for which one was found; None where
            every pair was looked at.
    """

    left: np.ndarray
    right: np.ndarray
    scores: np.ndarray
    method: str
    recall: float | None


def similar_pairs(
    vectors: np.ndarray,
    threshold: float,
    *,
    max_partners: int = 32,
    method: Literal["auto", "exact", "lists"] = "auto",
    device: str = "auto",
    seed: int = 13,
) -> Pairs:
    """Pairs of rows whose product reaches a threshold.

    Rows equal to the byte are compared once: each later one is paired with the first, with score 1, and the
    partners of all are those of the first. Zero rows have no partner. The same arguments give the same pairs
    whatever the size of blocks and the number of workers.

    Args:
        vectors: Rows of length 1 or 0, shape (n_rows, dim), float32.
        threshold: In (0, 1].
        max_partners: A pair is kept where it is among this many best of either row, or joins a row and its
            lowest-numbered partner, so that large groups stay connected.
        method: `exact` looks at every pair; `lists` at those in neighbouring parts of the space, and measures
            what it misses; `auto` is exact where that takes seconds.
        device: `auto`, `cpu`, or a device of torch.
        seed: Seed of the lists and of the sample that the recall is measured on.

    Raises:
        ValueError: The threshold is out of range, or a row's length is neither 1 nor 0.
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold {threshold} is not in (0, 1]")
    rows, distinct, first = _distinct(vectors)
    kernel = kernel_for(device, len(rows))
    exact = method == "exact" or (method == "auto" and len(rows) <= kernel.exact_rows)
    kernel = kernel if exact else numpy_kernel() if kernel.device == "cpu" else kernel
    partners = Partners(len(rows), max_partners)
    bound = threshold - kernel.slack
    if exact:
        how = f"every pair, {kernel.name}"
        found = all_pairs(rows, bound, kernel)
    else:
        how, found = near_lists(rows, threshold, kernel, seed=seed)
    for candidates in found:
        _add(partners, rows, candidates, threshold, kernel.slack, max_partners)
    left, right, score = partners.pairs()
    recall = (
        None if how.startswith("every pair") else measured_recall(rows, threshold, left, right, seed=seed)
    )
    copies = np.flatnonzero((first != np.arange(len(first))) & (first >= 0))
    left, right = distinct[left], distinct[right]
    left, right = np.concatenate([left, first[copies]]), np.concatenate([right, copies])
    score = np.concatenate([score, np.ones(len(copies), np.float32)])
    order = np.argsort(left * len(first) + right)
    return Pairs(left[order], right[order], score[order], how, recall)


def _distinct(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows that differ, their numbers, and for each row the first equal one (-1 for zeros)."""
    vectors = np.ascontiguousarray(vectors, np.float32)
    squares = np.einsum("ij,ij->i", vectors, vectors)
    odd = np.flatnonzero((np.abs(squares - 1) > 1e-3) & (squares != 0))
    if len(odd):
        raise ValueError(f"row {odd[0]} has length {squares[odd[0]] ** 0.5:.4f}, not 1 or 0")
    first = first_equal(vectors)
    first[squares == 0] = -1
    distinct = np.flatnonzero(first == np.arange(len(first)))
    rows = vectors if len(distinct) == len(vectors) else vectors[distinct]
    return rows, distinct, first


def _add(
    partners: Partners, rows: np.ndarray, found: Candidates, threshold: float, slack: float, most: int
) -> None:
    """Score candidates and keep what reaches the threshold; a crowd is thinned by rough scores first."""
    left, right, rough = found
    n = len(np.unique(left)) + len(np.unique(right)) if len(left) > BUSY * most else 0
    if n and len(left) > BUSY * most * n / 2:
        kept = np.abs(rough - threshold) <= slack
        sure = np.flatnonzero(rough > threshold + slack)
        kept[sure[kept_of(left[sure], right[sure], rough[sure], len(rows), most, slack=slack)]] = True
        left, right = left[kept], right[kept]
    score = scores(rows, left, right)
    good = score >= np.float32(threshold)
    partners.add(left[good], right[good], score[good])
