"""Compare rows of prompt and response: the same example, a conflict, or two different things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..shingles import jaccard, shingle_set
from .guards import Differences, code_differences, differences, edit_similarity, veto
from .words import is_number, tokens

SHORT = 40
SHORT_SIMILARITY = 0.8
KNOWN_FROM = 4
FEW_ROWS = 200
VOCABULARY_ROWS = 10_000
MIN_PREFIX_RATIO = 0.85
MIN_CUT_WORDS = 8
MAX_DROPPED_RATIO = 0.1
_PUNCTUATION = str.maketrans(dict.fromkeys('.,;:!?"()[]{}<>=+*/\\|-', " "))


class Comparison(NamedTuple):
    """Two rows side by side.

    Args:
        prompt: Similarity of the prompts, a ratio in [0, 1].
        response: Similarity of the responses.
        same: Whether one row can stand for the other.
        veto: Why they differ although they are similar.
    """

    prompt: float
    response: float
    same: bool
    veto: str | None


class Texts:
    """The normal forms of all rows, with what comparing needs made when it is first asked for.

    Args:
        prompt: The prompt of a row by position.
        response: The response of a row by position.
        code: The code tokens of prompt or response (part 0 or 1) of a row.
        n: Rows.
    """

    def __init__(
        self,
        prompt: Callable[[int], str],
        response: Callable[[int], str],
        code: Callable[[int, int], list[str]],
        n: int,
    ) -> None:
        self._parts = (prompt, response)
        self.code = code
        self._n = n
        self._sets: dict[tuple[int, int], np.ndarray] = {}
        self._tokens: dict[tuple[int, int], list[str]] = {}
        self._known_from = KNOWN_FROM if n >= FEW_ROWS else 2

    def text(self, row: int, part: int) -> str:
        return self._parts[part](row)

    def shingles(self, row: int, part: int) -> np.ndarray:
        key = (row, part)
        if key not in self._sets:
            self._sets[key] = shingle_set(self.text(row, part))
        return self._sets[key]

    def tokens(self, row: int, part: int) -> list[str]:
        key = (row, part)
        if key not in self._tokens:
            self._tokens[key] = tokens(self.text(row, part))
        return self._tokens[key]

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
        """The words of a row, without punctuation."""
        return f"{self.text(row, 0)} {self.text(row, 1)}".translate(_PUNCTUATION).split()

    def worth(self, row: int) -> tuple[int, int]:
        """How well a row stands for its repeats, less is better: unknown words, then missing words."""
        words, counts, enough = self.words(row), self.vocabulary, self._known_from
        return sum(counts[word] < enough for word in words), -len(words)

    def prompt_differences(self, a: int, b: int) -> Differences:
        """How the prompts of two rows differ."""
        if self.text(a, 0) == self.text(b, 0):
            return Differences(size=len(self.tokens(a, 0)))
        code = code_differences(self.code(a, 0), self.code(b, 0))
        return differences(self.tokens(a, 0), self.tokens(b, 0), self.known) + code


def compare(texts: Texts, a: int, b: int, threshold: float) -> Comparison:
    """Compare two rows by prompt and by response.

    Similarity is the Levenshtein similarity, which does not mind typing errors, or, where that is below the
    threshold, the Jaccard similarity of character 5-grams, which does not mind order. Rows above the
    threshold on both parts are the same unless a guard objects. Where the response is short, it proves
    little: then the prompts must be closer, and lack hardly a word.
    """
    prompt = _similarity(texts, a, b, 0, threshold)
    if prompt < threshold:
        return Comparison(prompt, 0.0, False, None)
    response = _similarity(texts, a, b, 1, threshold)
    if response < threshold:
        return Comparison(prompt, response, False, None)
    found = _differences(texts, a, b)
    short = min(len(texts.text(a, 1)), len(texts.text(b, 1))) < SHORT
    if short and (
        prompt < SHORT_SIMILARITY
        or response < SHORT_SIMILARITY
        or found.dropped > MAX_DROPPED_RATIO * found.size
    ):
        return Comparison(prompt, response, False, "short")
    objection = veto(found)
    return Comparison(prompt, response, objection is None, objection)


def contradiction(
    texts: Texts, a: int, b: int, prompt_threshold: float, response_threshold: float
) -> Comparison | None:
    """Two rows that ask the same and are answered otherwise; None when they are not such."""
    prompt = _similarity(texts, a, b, 0, prompt_threshold)
    if prompt < prompt_threshold:
        return None
    response = _similarity(texts, a, b, 1, response_threshold)
    if response >= response_threshold and (
        response == 1.0 or veto(_response_differences(texts, a, b)) is None
    ):
        return None
    asked = veto(texts.prompt_differences(a, b)) is None
    return Comparison(prompt, response, False, None) if asked else None


def _similarity(texts: Texts, a: int, b: int, part: int, threshold: float) -> float:
    """Levenshtein similarity where it reaches the threshold, else the Jaccard similarity of 5-grams."""
    left, right = texts.text(a, part), texts.text(b, part)
    if left == right:
        return 1.0
    likeness = edit_similarity(left, right, threshold)
    return likeness if likeness >= threshold else jaccard(texts.shingles(a, part), texts.shingles(b, part))


def _differences(texts: Texts, a: int, b: int) -> Differences:
    return texts.prompt_differences(a, b) + _response_differences(texts, a, b)


def _response_differences(texts: Texts, a: int, b: int) -> Differences:
    left, right = texts.tokens(a, 1), texts.tokens(b, 1)
    if left == right:
        return Differences(size=len(left))
    short, long = sorted((left, right), key=lambda t: (len(t), len(t[-1]) if t else 0))
    if is_cut(short, long):
        return Differences(dropped=len(long) - len(short) + 1, size=len(long))
    return differences(left, right, texts.known) + code_differences(texts.code(a, 1), texts.code(b, 1))


def is_cut(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether a text is another one with its end cut off, perhaps within a word; a number is never cut."""
    last = len(short) - 1
    if last < MIN_CUT_WORDS or last < MIN_PREFIX_RATIO * len(long) - 1 or list(short) == list(long):
        return False
    if list(short[:last]) != list(long[:last]) or not long[last].startswith(short[last]):
        return False
    return long[last] == short[last] or not is_number(short[last])
