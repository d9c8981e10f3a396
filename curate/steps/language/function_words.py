"""Function words of some forty languages: which languages the words of a text belong to."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .languages import tongues
from .prose import words_of

MAX_OWNERS = 8
"""Languages that may share a word before it tells nothing."""


@functools.cache
def _owners() -> dict[str, tuple[list[int], float]]:
    """Word to the columns of its languages, and its weight. Source: see the head of the file."""
    text = Path(__file__).with_name("function_words.txt").read_text(encoding="utf-8")
    found: dict[str, list[int]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            code, words = line.split(": ", 1)
            for word in words.split():
                found.setdefault(word, []).append(tongues().column[code])
    told = {word: columns for word, columns in found.items() if len(columns) <= MAX_OWNERS}
    return {word: (columns, len(columns) ** -0.5) for word, columns in told.items()}


def votes(proses: Sequence[str]) -> np.ndarray:
    """Function words of each language in each text, shape (n_texts, n_languages).

    A word of several languages counts the less for each (one over the root of their number).
    """
    owners = _owners()
    found = np.zeros((len(proses), len(tongues().codes)), np.float32)
    for row, prose in enumerate(proses):
        for word in words_of(prose):
            columns, weight = owners.get(word, ((), 0.0))
            for column in columns:
                found[row, column] += weight
    return found
