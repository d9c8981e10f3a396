"""An index over the word pairs of probes: which rows may hold which probe, without comparing all with all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..compare.words import NEGATIONS, SMALL
from .probes import Probe
from .words import is_number, size_of

MAX_ITEMS_A_PAIR = 64
MIN_COVERAGE = 0.25
MIN_SHORT_COVERAGE = 0.1
SMALL_WEIGHT = 0.2
FILTER_BITS = 22


class _Vocabulary(dict[str, int]):
    """Words to numbers from 1; 0 for words that no probe has."""

    def __missing__(self, word: str) -> int:
        return 0


@dataclass(frozen=True)
class Candidates:
    """Pairs of a text and a probe that may be in it, by text; coverage is a ratio in [0, 1]."""

    texts: np.ndarray
    probes: np.ndarray
    coverage: np.ndarray


class ProbeIndex:
    """The word pairs of all probes.

    A pair counts 1/n where n protected items have it, and nothing where more than 64 have it, unless the
    probe has no rarer one: what many items share is a template. The coverage of a probe by a text is the
    share of the probe's counts whose pairs the text has.

    Args:
        probes: The probes; their positions here are their numbers.
    """

    def __init__(self, probes: Sequence[Probe]) -> None:
        self.probes = probes
        self._vocabulary = _Vocabulary()
        for probe in probes:
            for word in probe.words:
                self._vocabulary.setdefault(word, len(self._vocabulary) + 1)
        self._items = len({p.item for p in probes})
        self.ids = [self.encode(p.words) for p in probes]
        self.long = np.array([p.is_long for p in probes], bool)
        self._count_words()
        self._count_pairs()

    def encode(self, told: Sequence[str]) -> np.ndarray:
        """Words as numbers, shape (n_words,); 0 for a word that no probe has."""
        return np.fromiter(map(self._vocabulary.__getitem__, told), np.int64, len(told))

    def _count_words(self) -> None:
        """How much each word says: little where many items have it, or where it is a small word."""
        items = np.array([p.item for p in self.probes], np.int64)
        lengths = np.array([len(i) for i in self.ids], np.int64)
        flat = np.concatenate([*self.ids, np.zeros(0, np.int64)])
        size = len(self._vocabulary) + 1
        pairs = _distinct(flat + size * np.repeat(items, lengths))
        held = np.bincount(pairs % size, minlength=size).clip(1)
        rarity = np.log((self._items + 1) / held) / math.log(self._items + 1) if self._items else held
        rarity = rarity.clip(0.1, 1.0)
        self.is_small = np.zeros(size, bool)
        self.is_number = np.zeros(size, bool)
        self.is_negation = np.zeros(size, bool)
        for word, number in self._vocabulary.items():
            self.is_small[number] = word in SMALL or (len(word) == 1 and word.isascii() and word.isalpha())
            self.is_number[number] = is_number(word)
            self.is_negation[number] = word in NEGATIONS
        self.sizes = np.array([1.0, *map(size_of, self._vocabulary)])
        self.weights = np.where(self.is_small, SMALL_WEIGHT * rarity, rarity)

    def _count_pairs(self) -> None:
        size = self._size = np.int64(len(self._vocabulary) + 1)
        lengths = np.array([len(i) for i in self.ids], np.int64)
        flat = np.concatenate([*self.ids, np.zeros(0, np.int64)])
        owner = np.repeat(np.arange(len(lengths)), lengths)
        self._alone = np.zeros(size, bool)
        self._alone[[i[0] for i in self.ids if len(i) == 1]] = True
        codes, probes = self._pairs(flat, owner)
        wanted = (codes % size > 0) | (lengths[probes] == 1)
        self._codes = _distinct(codes[wanted])
        inverse = np.searchsorted(self._codes, codes[wanted])
        own = _distinct(inverse * np.int64(len(lengths) or 1) + probes[wanted])
        inverse, probes = own // np.int64(len(lengths) or 1), own % np.int64(len(lengths) or 1)
        items = np.array([p.item for p in self.probes], np.int64)
        span = items.max(initial=0) + 1
        held = np.bincount(_distinct(inverse * span + items[probes]) // span, minlength=len(self._codes))
        rarest = np.full(len(lengths), np.iinfo(np.int64).max)
        np.minimum.at(rarest, probes, held[inverse])
        told = held[inverse] <= np.maximum(MAX_ITEMS_A_PAIR, rarest[probes])
        self._postings = probes[told]
        counts = np.bincount(inverse[told], minlength=len(self._codes))
        self._starts = np.concatenate([[0], np.cumsum(counts)])
        self._worth = 1.0 / held.clip(1)
        self._total = np.bincount(probes[told], self._worth[inverse[told]], minlength=len(lengths))
        self._filter = np.zeros(1 << FILTER_BITS, bool)
        self._filter[_slot(self._codes)] = True

    def candidates(self, texts: Sequence[np.ndarray], min_coverage: float = MIN_COVERAGE) -> Candidates:
        """The probes that each text covers in part.

        Args:
            texts: Encoded words of each text.
            min_coverage: Least coverage of a long probe, a ratio in [0, 1]; of a short one at most 0.1.
        """
        lengths = np.array([len(t) for t in texts], np.int64)
        flat = np.concatenate([*texts, np.zeros(0, np.int64)])
        owner = np.repeat(np.arange(len(texts)), lengths)
        codes, whose = self._pairs(flat, owner)
        texts_hit, grams = self._hits(codes, whose)
        counts = self._starts[grams + 1] - self._starts[grams]
        first = np.repeat(self._starts[grams] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        probes = self._postings[first + np.arange(len(first))] if len(first) else np.zeros(0, np.int64)
        keys = np.repeat(texts_hit, counts) * np.int64(len(self.probes) or 1) + probes
        pairs, inverse = np.unique(keys, return_inverse=True)
        covered = np.bincount(inverse, np.repeat(self._worth[grams], counts), minlength=len(pairs))
        named = pairs % np.int64(len(self.probes) or 1)
        coverage = covered / self._total[named] if len(pairs) else covered
        least = np.where(self.long[named], min_coverage, min(min_coverage, MIN_SHORT_COVERAGE))
        wanted = coverage >= least - 1e-9
        return Candidates((pairs // np.int64(len(self.probes) or 1))[wanted], named[wanted], coverage[wanted])

    def _pairs(self, flat: np.ndarray, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Codes of neighbouring words of one text, and of the words that are probes by themselves."""
        near = (owner[1:] == owner[:-1]) & (flat[1:] > 0) & (flat[:-1] > 0)
        codes = flat[:-1][near] * self._size + flat[1:][near]
        alone = self._alone[flat]
        return np.concatenate([codes, flat[alone] * self._size]), np.concatenate(
            [owner[:-1][near], owner[alone]]
        )

    def _hits(self, codes: np.ndarray, whose: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Each text with each known pair in it, once."""
        likely = self._filter[_slot(codes)]
        codes, whose = codes[likely], whose[likely]
        at = np.searchsorted(self._codes, codes).clip(max=max(len(self._codes) - 1, 0))
        known = self._codes[at] == codes if len(self._codes) else np.zeros(len(codes), bool)
        found = _distinct(whose[known] * np.int64(len(self._codes) or 1) + at[known])
        return found // np.int64(len(self._codes) or 1), found % np.int64(len(self._codes) or 1)


def _distinct(values: np.ndarray) -> np.ndarray:
    """The different values in order, by sorting: `np.unique` hashes, which is slower for millions."""
    values = np.sort(values)
    return values[np.concatenate([[True], values[1:] != values[:-1]])] if len(values) else values


def _slot(codes: np.ndarray) -> np.ndarray:
    mixed = codes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(64 - FILTER_BITS)).astype(np.int64)
