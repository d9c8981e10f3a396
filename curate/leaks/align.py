"""A probe laid beside a text: where in the text each of its words stands."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np
from rapidfuzz.distance import Levenshtein

from .index import ProbeIndex
from .probes import blocks_of
from .slips import is_slip

WINDOW = 1.6
"""Words of a text that are searched for a probe, as a multiple of the probe's."""
MARGIN = 8
MIN_EQUAL = 0.3
"""Share of a probe's words that have to be there as they are before typing errors are looked for."""
ORDER_FREE = 10
"""Words of weight from which on sentences may be moved; "from A to B" is not "from B to A"."""


class ProbeFacts:
    """What comparing needs to know of a probe, made once; arrays have shape (n_words,).

    Args:
        index: The index with the probe.
        number: Its number.
    """

    def __init__(self, index: ProbeIndex, number: int) -> None:
        probe, self.ids = index.probes[number], index.ids[number]
        self.words, self.part = probe.words, probe.part
        self.blocks = blocks_of(probe.text, len(probe.words))
        self.weights = index.weights[self.ids]
        self.sizes = index.sizes[self.ids]
        self.small = index.is_small[self.ids]
        self.numbers = index.is_number[self.ids]
        self.negations = index.is_negation[self.ids]
        self.content = ~self.small & ~self.numbers
        self._kinds, self._which, self._counts = np.unique(self.ids, return_inverse=True, return_counts=True)
        self._kind_weights = index.weights[self._kinds]
        self._kind_small = index.is_small[self._kinds]
        heavy = ~self._kind_small & ~index.is_number[self._kinds]
        self.size = float(index.sizes[self._kinds[heavy]].sum())
        """How many different words of weight the probe has."""
        vocabulary = np.int64(len(index.weights))
        self.pairs = np.unique(self.ids[:-1] * vocabulary + self.ids[1:])

    def coverage(self, held: np.ndarray, *, heavy: bool = False) -> float:
        """The share of the probe that is held, by what the words say; a repeated word counts once.

        Args:
            held: Which words are held.
            heavy: Leave small words out.
        """
        share = np.bincount(self._which, held, len(self._kinds)) / self._counts
        weights = np.where(self._kind_small, 0.0, self._kind_weights) if heavy else self._kind_weights
        total = weights.sum()
        return float((share * weights).sum() / total) if total else float(held.mean())


class Alignment:
    """A probe aligned with a window of a text.

    Args:
        facts: The probe.
        ids: The window's words as numbers.
        told: The window's words.
    """

    def __init__(self, facts: ProbeFacts, ids: np.ndarray, told: Sequence[str]) -> None:
        self.facts = facts
        self.ids = ids
        self.told = told
        self.there = np.full(len(facts.ids), -1)
        """Where in the window each word of the probe stands; -1 for nowhere."""
        self.slips = np.zeros(len(facts.ids), bool)
        self._align()
        if facts.size >= ORDER_FREE:
            self._find_moved()

    @cached_property
    def held(self) -> np.ndarray:
        """Which words of the probe the window holds."""
        return self.there >= 0

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """The part of the window that holds some words of the probe, of which at least one is there."""
        spots = self.there[start:stop]
        spots = spots[spots >= 0]
        return int(spots.min()), int(spots.max()) + 1

    def _align(self) -> None:
        for match in Levenshtein.opcodes(self.facts.ids.tolist(), self.ids.tolist()).as_matching_blocks():
            self.there[match.a : match.a + match.size] = np.arange(match.b, match.b + match.size)
        if (self.there >= 0).mean() < MIN_EQUAL:
            return
        after = 0, 0
        held = np.flatnonzero(self.there >= 0)
        for i, j in [
            *zip(held.tolist(), self.there[held].tolist(), strict=True),
            (len(self.there), len(self.ids)),
        ]:
            if i > after[0] and j > after[1]:
                self._pair_slips(range(after[0], i), range(after[1], j))
            after = i + 1, j + 1

    def _pair_slips(self, mine: range, theirs: range) -> None:
        free = list(theirs)
        for i in mine:
            if self.facts.numbers[i] or self.facts.negations[i]:
                continue
            found = next((j for j in free if is_slip(self.facts.words[i], self.told[j])), None)
            if found is not None:
                self.there[i] = found
                self.slips[i] = True
                free.remove(found)

    def _find_moved(self) -> None:
        """Words that stand elsewhere in the window beside a neighbour of theirs: sentences were moved."""
        lost = np.flatnonzero(self.there < 0)
        if not len(lost):
            return
        used = set(self.there[self.there >= 0].tolist())
        mine = self.facts.ids.tolist()
        places: dict[tuple[int, int], list[int]] = {}
        for j, pair in enumerate(pairwise(self.ids.tolist())):
            places.setdefault(pair, []).append(j)
        for i in lost.tolist():
            spots = places.get((mine[i], mine[i + 1]), []) if i + 1 < len(mine) else []
            spots = spots + [j + 1 for j in places.get((mine[i - 1], mine[i]), [])] if i else spots
            free = next((j for j in spots if j not in used), None)
            if free is not None:
                self.there[i] = free
                used.add(free)


def likely_window(ids: np.ndarray, facts: ProbeFacts, vocabulary: int) -> tuple[int, int]:
    """The part of a text with the most word pairs of a probe, with some words around it.

    Args:
        ids: The text's words as numbers.
        facts: The probe.
        vocabulary: How many different numbers there are.
    """
    pairs = ids[:-1] * np.int64(vocabulary) + ids[1:]
    width = int(WINDOW * len(facts.ids)) + 2
    if not len(facts.pairs) or not len(pairs):
        return 0, min(width, len(ids))
    at = np.searchsorted(facts.pairs, pairs).clip(max=len(facts.pairs) - 1)
    hits = np.flatnonzero(facts.pairs[at] == pairs)
    if not len(hits):
        return 0, min(width, len(ids))
    reach = np.searchsorted(hits, hits + width, side="right") - np.arange(len(hits))
    first = int(np.argmax(reach))
    return max(0, int(hits[first]) - MARGIN), min(len(ids), int(hits[first + reach[first] - 1]) + 2 + MARGIN)


def find_run(text: np.ndarray, probe: np.ndarray) -> int:
    """Where a probe stands in a text word for word; -1 where it does not."""
    last = len(text) - len(probe)
    if last < 0:
        return -1
    starts = np.flatnonzero(text[: last + 1] == probe[0])
    for i in range(1, len(probe)):
        if not len(starts):
            return -1
        starts = starts[text[starts + i] == probe[i]]
    return int(starts[0]) if len(starts) else -1
