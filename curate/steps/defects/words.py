"""What is known of words: which there are, how telling each is, and how letters follow each other in them."""

from __future__ import annotations

import functools
import math
import operator
import re
from collections import Counter

import numpy as np

from ...encoders.static import FILE

_LETTERS = re.compile(r"[a-z]+")


@functools.cache
def word_weights() -> dict[str, int]:
    """Words in lower case that the static encoder has whole, most of them English, and how telling each is.

    A weight is the squared length of the word's vector in thousandths: small for words that stand everywhere.
    """
    with np.load(FILE, allow_pickle=False) as arrays:
        pieces = arrays["pieces"].tobytes().decode("utf-8").split("\n")
        packed, scale = arrays["vectors"], arrays["scale"].astype(np.float64)
        values = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float64) - 8
    weights = np.round(1000 * np.square(values * scale).sum(axis=1)).astype(int).tolist()
    return {p: w for p, w in zip(pieces, weights, strict=True) if p.isascii() and p.isalpha()}


@functools.cache
def english_words() -> frozenset[str]:
    """The words of `word_weights`: about 20,000."""
    return frozenset(word_weights())


@functools.cache
def beginnings() -> frozenset[str]:
    """Every beginning of three letters or more of a known word that is longer."""
    return frozenset(word[:n] for word in english_words() if len(word) > 4 for n in range(3, len(word)))


@functools.cache
def _letter_pairs() -> dict[str, float]:
    """Log of how often a letter follows another in the known words, with edges as spaces."""
    counts: Counter[str] = Counter()
    for word in english_words():
        if len(word) > 2:
            counts.update(map("".join, zip(f" {word}", f"{word} ", strict=True)))
    firsts: Counter[str] = Counter()
    for pair, n in counts.items():
        firsts[pair[0]] += n
    letters = " abcdefghijklmnopqrstuvwxyz"
    table = {a + b: math.log((counts[a + b] + 0.2) / (firsts[a] + 5.4)) for a in letters for b in letters}
    return table | {"  ": 0.0}


def unlikely_letters(text: str) -> float:
    """Mean log likelihood of each letter after the one before it; English has about -2.4, mash below -3.6."""
    table = _letter_pairs()
    joined = " " + " ".join(_LETTERS.findall(text)) + " "
    return sum(map(table.__getitem__, map(operator.add, joined, joined[1:]))) / max(len(joined) - 1, 1)
