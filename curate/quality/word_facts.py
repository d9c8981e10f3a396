"""What the words of prompts and answers are and share, counted for many rows at once."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, count
from typing import NamedTuple

import numpy as np

from ..encoders.static import FILE

WORD = re.compile(r"\w+(?:['’]\w+)?")
VOWELS = re.compile(r"[aeiouyà-öø-ÿ]")
_APART = bytes(i if chr(i).isalnum() or chr(i) in "_'" else 32 for i in range(128)).ljust(256)


class WordFacts(NamedTuple):
    """Whole numbers of each row, shape (n,) each; `distinct` ones count a word of a row once.

    Args:
        asked: Words of the prompt.
        told: Words of the answer.
        letters: Characters of the answer's words together.
        digits: Words of the answer that are numbers.
        commonest: How often the answer's commonest word stands there.
        distinct: Distinct words of the answer.
        pairs: Distinct pairs of neighbours of the answer.
        copied: Those of them that the prompt has.
        seven: Distinct words of the answer with more than seven characters.
        mine: Distinct words of the prompt with more than three characters.
        theirs: Distinct words of the answer with more than three characters.
        shared: Those in both.
        numbers: Distinct numbers of the prompt.
        given: Those of them that the answer has.
        asked_distinct: Distinct words of the prompt.
        asked_strange: Those of them that are not English.
        strange: Distinct words of the answer that are not English.
        silent: Those of them that are ASCII and have no vowel.
    """

    asked: np.ndarray
    told: np.ndarray
    letters: np.ndarray
    digits: np.ndarray
    commonest: np.ndarray
    distinct: np.ndarray
    pairs: np.ndarray
    copied: np.ndarray
    seven: np.ndarray
    mine: np.ndarray
    theirs: np.ndarray
    shared: np.ndarray
    numbers: np.ndarray
    given: np.ndarray
    asked_distinct: np.ndarray
    asked_strange: np.ndarray
    strange: np.ndarray
    silent: np.ndarray


@functools.cache
def known_words() -> frozenset[str]:
    """The whole words of the static encoder's vocabulary: about 20,000 of English."""
    with np.load(FILE, allow_pickle=False) as arrays:
        pieces = arrays["pieces"].tobytes().decode("utf-8").split("\n")
    return frozenset(piece for piece in pieces if len(piece) > 1 and not piece.startswith("##"))


def words_of(lowered: str) -> list[str]:
    """The words of a text, as `WORD` finds them; three times as fast in ASCII."""
    if not lowered.isascii():
        return WORD.findall(lowered)
    apart = lowered.encode().translate(_APART).decode()
    return (_within_words(apart) if "'" in apart else apart).split()


def _within_words(apart: str) -> str:
    """The text with blanks for the apostrophes that part words; a word holds one apostrophe at most."""
    first, *parts = apart.split("'")
    found = [first]
    before, joined = first, False
    for after in parts:
        joined = (
            before[-1:] not in ("", " ") and after[:1] not in ("", " ") and not (joined and " " not in before)
        )
        found += ("'" if joined else " ", after)
        before = after
    return "".join(found)


def word_facts(asked: Sequence[Sequence[str]], told: Sequence[Sequence[str]]) -> WordFacts:
    """The facts of some rows: at most some thousand, so that three numbers fit into 63 bits."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    mine, theirs = _Words.of(asked, numbers), _Words.of(told, numbers)
    words = list(numbers)
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    digits = np.fromiter(map(str.isdigit, words), bool, len(words))
    strange, silent = _unknown(words, lengths)
    rows, bits = len(asked), len(words).bit_length()
    (my_words, _), (their_words, counts) = _distinct(mine.keys(bits)), _distinct(theirs.keys(bits))
    (my_pairs, _), (their_pairs, _) = _distinct(mine.pairs(bits)), _distinct(theirs.pairs(bits))
    both, copied = _common(my_words, their_words), _common(my_pairs, their_pairs)

    def total(keys: np.ndarray, flags: np.ndarray | None = None) -> np.ndarray:
        kept = keys if flags is None else keys[flags[keys & ((1 << bits) - 1)]]
        return np.bincount(kept >> bits, minlength=rows)

    def pairs(keys: np.ndarray) -> np.ndarray:
        return np.bincount(keys >> 2 * bits, minlength=rows)

    commonest = np.zeros(rows, np.int64)
    np.maximum.at(commonest, their_words >> bits, counts)
    return WordFacts(
        asked=mine.lengths,
        told=theirs.lengths,
        letters=np.bincount(theirs.owners, lengths[theirs.numbers], minlength=rows).astype(np.int64),
        digits=np.bincount(theirs.owners[digits[theirs.numbers]], minlength=rows),
        commonest=commonest,
        distinct=total(their_words),
        pairs=pairs(their_pairs),
        copied=pairs(copied),
        seven=total(their_words, lengths > 7),
        mine=total(my_words, lengths > 3),
        theirs=total(their_words, lengths > 3),
        shared=total(both, lengths > 3),
        numbers=total(my_words, digits),
        given=total(both, digits),
        asked_distinct=total(my_words),
        asked_strange=total(my_words, strange),
        strange=total(their_words, strange),
        silent=total(their_words, silent),
    )


def _unknown(words: Sequence[str], lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which words are not English, and which of those have no vowel."""
    known = known_words()
    strange = ~np.fromiter(map(known.__contains__, words), bool, len(words)) & (lengths > 2)
    strange &= np.fromiter(map(str.isalpha, words), bool, len(words))
    silent = np.zeros(len(words), bool)
    asked = np.flatnonzero(strange).tolist()
    silent[asked] = [words[i].isascii() and VOWELS.search(words[i]) is None for i in asked]
    return strange, silent


class _Words(NamedTuple):
    """Words of all rows in order: the row and the number of each, and how many each row has."""

    owners: np.ndarray
    numbers: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], numbers: defaultdict[str, int]) -> _Words:
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        found = np.fromiter(
            map(numbers.__getitem__, chain.from_iterable(texts)), np.int64, int(lengths.sum())
        )
        return cls(np.repeat(np.arange(len(texts)), lengths), found, lengths)

    def keys(self, bits: int) -> np.ndarray:
        """Row and word as one number."""
        return self.owners << bits | self.numbers

    def pairs(self, bits: int) -> np.ndarray:
        """Row and two neighbouring words as one number."""
        within = self.owners[1:] == self.owners[:-1]
        return (self.keys(bits)[:-1] << bits | self.numbers[1:])[within]


def _distinct(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each number once, and how often it stands there; ten times as fast as `numpy.unique`."""
    keys = np.sort(keys)
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[first], np.diff(first, append=len(keys))


def _common(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The numbers that two arrays of distinct ones share."""
    keys = np.sort(np.concatenate([some, others]))
    return keys[1:][keys[1:] == keys[:-1]]
