"""Which rows repeat a row that stays: the better row of a pair is kept, and never by way of a third."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..compare.rows import objection_to
from ..compare.texts import Texts
from .pairs import Pairs

MAX_COMPARED = 8
MAX_BELOW = 1


class Found(NamedTuple):
    """A row and the kept row that it was compared with.

    Args:
        row: Its position.
        partner: The kept row's position.
        prompt: Similarity of the prompts.
        response: Similarity of the responses.
    """

    row: int
    partner: int
    prompt: float
    response: float

    @property
    def score(self) -> float:
        """The lower of the two similarities."""
        return min(self.prompt, self.response)


class Outcome(NamedTuple):
    """What deduplication found.

    Args:
        dropped: Rows that repeat a kept row: similar from the threshold on, and no guard objects.
        below: Kept rows with the nearest kept row that no guard tells apart, below the threshold.
    """

    dropped: list[Found]
    below: list[Found]


def deduplicate(texts: Texts, pairs: Pairs, rank: np.ndarray, threshold: float) -> Outcome:
    """Go through the rows from the best; each stays unless it repeats one that stays.

    Args:
        texts: The texts of all rows.
        pairs: Similar rows.
        rank: The place of each row, the best first, shape (n_rows,); of equal places the first row is better.
        threshold: Similarity that prompt and response must both reach.
    """
    better, worse = _by_rank(pairs, rank)
    both = pairs.both
    numbers = np.zeros(len(pairs), bool)
    # Rows with other numbers are hardly ever the same: they come last, and may not use up the comparisons.
    for i in np.flatnonzero(both >= threshold).tolist():
        numbers[i] = texts.numbers(int(pairs.left[i])) == texts.numbers(int(pairs.right[i]))
    order = np.lexsort((better, -both, ~numbers, worse, rank[worse]))
    dropped, below = [], []
    gone: set[int] = set()
    for row, its_pairs in pairs_by_row(worse, order):
        near = [i for i in its_pairs if int(better[i]) not in gone]
        at_least = [i for i in near if both[i] >= threshold][:MAX_COMPARED]
        found = first_same(texts, pairs, at_least)
        if found is not None:
            gone.add(row)
            dropped.append(_found(pairs, found, row, int(better[found])))
            continue
        lower = [i for i in near if both[i] < threshold][:MAX_BELOW]
        found = first_same(texts, pairs, lower)
        if found is not None:
            below.append(_found(pairs, found, row, int(better[found])))
    return Outcome(dropped, below)


def _by_rank(pairs: Pairs, rank: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The better and the worse row of each pair."""
    left_first = rank[pairs.left] <= rank[pairs.right]
    return np.where(left_first, pairs.left, pairs.right), np.where(left_first, pairs.right, pairs.left)


def pairs_by_row(rows: np.ndarray, order: np.ndarray) -> Iterable[tuple[int, list[int]]]:
    """Each row with its pairs, in the order given."""
    ordered = rows[order]
    starts = [0, *(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1).tolist(), len(order)]
    for start, stop in pairwise(starts):
        if stop > start:
            yield int(ordered[start]), order[start:stop].tolist()


def first_same(texts: Texts, pairs: Pairs, candidates: list[int]) -> int | None:
    """The first pair that no guard objects to."""
    for i in candidates:
        a, b = int(pairs.left[i]), int(pairs.right[i])
        if objection_to(texts, a, b, float(pairs.prompt[i]), float(pairs.response[i])) is None:
            return i
    return None


def _found(pairs: Pairs, i: int, row: int, partner: int) -> Found:
    return Found(row, partner, float(pairs.prompt[i]), float(pairs.response[i]))
