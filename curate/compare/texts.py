"""The texts of rows in normal form, with what comparing needs made when it is first asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence, Set
from functools import cached_property
from typing import TypeVar

import numpy as np

from ..shingles import shingle_set
from .differences import SIMILAR, Differences, code_differences, differences, likeness
from .words import NEGATIONS, SMALL, is_number, tokens

PROMPT, RESPONSE, REJECTED = 0, 1, 2
KNOWN_FROM = 4
FEW_ROWS = 200
VOCABULARY_ROWS = 10_000
REMEMBERED = 1 << 15
_PUNCTUATION = str.maketrans(dict.fromkeys('.,;:!?"()[]{}<>=+*/\\|-', " "))
_SENTENCE_END = re.compile(r"[.!?;]+(?:\s|$)")
T = TypeVar("T")


class Texts:
    """Normal forms of all rows by position and part.

    What is derived from a text is remembered for some thousands of texts, so that memory does not grow with
    the rows.

    Args:
        text: The normal form of a part (PROMPT, RESPONSE, REJECTED) of a row; "" where there is none.
        code: The code tokens of prompt or response of a row.
        n: Rows.
    """

    def __init__(
        self, text: Callable[[int, int], str], code: Callable[[int, int], list[str]], n: int
    ) -> None:
        self.text = text
        self.code = code
        self._n = n
        self._sets: dict[tuple[int, int], np.ndarray] = {}
        self._tokens: dict[tuple[int, int], list[str]] = {}
        self._words: dict[tuple[int, int], frozenset[str]] = {}
        self._numbers: dict[tuple[int, int], tuple[str, ...]] = {}
        self._known_from = KNOWN_FROM if n >= FEW_ROWS else 2

    def shingles(self, row: int, part: int) -> np.ndarray:
        """The distinct 5-grams of a part of a row, hashed and sorted."""
        return _remembered(self._sets, (row, part), lambda: shingle_set(self.text(row, part)))

    def tokens(self, row: int, part: int) -> list[str]:
        """The words, numbers and operators of a part of a row."""
        return _remembered(self._tokens, (row, part), lambda: tokens(self.text(row, part)))

    def numbers(self, row: int) -> tuple[str, ...]:
        """All numbers of prompt and response, sorted."""

        def found() -> tuple[str, ...]:
            return tuple(
                sorted(t for part in (PROMPT, RESPONSE) for t in self.tokens(row, part) if is_number(t))
            )

        return _remembered(self._numbers, (row, -1), found)

    def vocabulary_of(self, row: int, part: int) -> frozenset[str]:
        """The different words of a part of a row."""
        return _remembered(self._words, (row, part), lambda: frozenset(self.tokens(row, part)))

    def other_words(self, a: int, b: int, part: int) -> bool:
        """Whether a part of two rows is about other things: a quick look, which misses some.

        Each has a real word that no word of the other resembles, and that is a tenth of what differs.
        """
        first, second = self.vocabulary_of(a, part), self.vocabulary_of(b, part)
        left, right = first - second, second - first
        enough = max(0.1 * (len(left) + len(right)), 1)
        return self._strange(left, right, enough) and self._strange(right, left, enough)

    def _strange(self, words: Set[str], others: Set[str], enough: float) -> bool:
        real = [
            w for w in words if w[0].isalpha() and w not in SMALL and w not in NEGATIONS and self.known(w)
        ]
        if len(real) < enough:
            return False
        strange = sum(all(likeness(w, other) < SIMILAR for other in others) for w in real)
        return strange >= enough

    def known(self, word: str) -> bool:
        """Whether a word stands in enough rows to be a real word; counted over a sample of the rows."""
        return self.vocabulary[word] >= self._known_from

    @cached_property
    def vocabulary(self) -> Counter[str]:
        """In how many rows of a sample each word stands."""
        step = max(self._n // VOCABULARY_ROWS, 1)
        found: Counter[str] = Counter()
        for row in range(0, self._n, step):
            found.update(set(self.words(row)))
        return found

    def words(self, row: int) -> list[str]:
        """The words of a row's prompt and response, without punctuation."""
        return f"{self.text(row, PROMPT)} {self.text(row, RESPONSE)}".translate(_PUNCTUATION).split()

    def unknown(self, row: int) -> tuple[int, int]:
        """How many words of a row are unknown, such as typing errors, and how many different words it has."""
        words, counts, enough = self.words(row), self.vocabulary, self._known_from
        return sum(counts[word] < enough for word in words), len(set(words))

    def differences(self, a: int, b: int, part: int) -> Differences:
        """How a part of two rows differs."""
        if self.text(a, part) == self.text(b, part):
            return Differences(size=len(self.tokens(a, part)))
        found = differences(self.tokens(a, part), self.tokens(b, part), self.known)
        if found.exchanged and _sentences(self.text(a, part)) == _sentences(self.text(b, part)):
            found.exchanged = 0
        return found if part == REJECTED else found + self.code_differences(a, b, part)

    def code_differences(self, a: int, b: int, part: int) -> Differences:
        """Pieces of code that one row has instead of the other's."""
        return code_differences(self.code(a, part), self.code(b, part))


def _sentences(text: str) -> list[str]:
    """The sentences of a normal form, sorted."""
    return sorted(filter(None, (s.strip() for s in _SENTENCE_END.split(text))))


def _remembered(cache: dict[tuple[int, int], T], key: tuple[int, int], make: Callable[[], T]) -> T:
    found = cache.get(key)
    if found is None:
        if len(cache) >= REMEMBERED:
            cache.clear()
        found = cache[key] = make()
    return found


def texts_of(rows: Sequence[tuple[str, str]]) -> Texts:
    """Texts of prompt and response pairs in normal form, for comparing a few rows by hand."""
    return Texts(lambda row, part: rows[row][part] if part < REJECTED else "", lambda *_: [], len(rows))
