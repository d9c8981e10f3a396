"""Whether a word is another one with a slip of the hand in it."""

from __future__ import annotations

import functools

from rapidfuzz.distance import DamerauLevenshtein

from ..compare.word_forms import opposite_prefix, same_word
from .words import is_number

SIMILAR = 0.75
SHORT_SIMILAR = 0.65
SHORT_WORD = 5
MIN_LENGTH = 4
MAX_LENGTHS_APART = 4


@functools.lru_cache(maxsize=1 << 16)
def is_slip(word: str, other: str) -> bool:
    """Whether a word is another one with a typing error, or in another form, and not its opposite."""
    if word == other:
        return True
    if abs(len(word) - len(other)) > MAX_LENGTHS_APART or (word[0] != other[0] and word[-1] != other[-1]):
        return False
    if word[:3] == other[:3] and same_word(word, other):
        return True
    if is_number(word) or is_number(other) or min(len(word), len(other)) < MIN_LENGTH:
        return False
    least = SIMILAR if len(word) > SHORT_WORD else SHORT_SIMILAR
    alike = DamerauLevenshtein.normalized_similarity(word, other, score_cutoff=least) >= least
    return alike and not opposite_prefix(word, other)
