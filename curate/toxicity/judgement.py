"""What is said of a text, and how the evidence for it adds up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

THRESHOLD = 0.5
PLAIN_LIMIT = 0.48
"""Words without a group for a target never pass the threshold."""
TIE = 0.02
"""What words without a target add to a hateful text, so that the fouler of two scores higher."""


class Judgement(NamedTuple):
    """What a text is like.

    Attributes:
        score: 0 harmless, 1 surely hateful; from `THRESHOLD` on a text is toxic.
        category: Of the most telling word; `-` where there is none.
        words: The telling words, the most telling first.
    """

    score: float
    category: str
    words: tuple[str, ...]


HARMLESS = Judgement(0.0, "-", ())


class Evidence(NamedTuple):
    """A telling word with the belief that it makes its text hateful."""

    score: float
    category: str
    word: str


def summed(hateful: Sequence[Evidence], plain: Sequence[Evidence]) -> Judgement:
    """The judgement on a text from its hateful and its merely foul words."""
    left = 1.0
    for evidence in plain:
        left *= 1.0 - evidence.score
    worst = max((e.score for e in hateful), default=0.0)
    mild = min(1.0 - left, 1.0)
    score = max(worst, PLAIN_LIMIT * mild) + TIE * mild * (worst > 0)
    telling = sorted((*hateful, *plain), key=lambda e: -e.score)
    if not telling:
        return HARMLESS
    words = tuple(dict.fromkeys(e.word for e in telling))
    return Judgement(round(min(score, 1.0), 4), telling[0].category, words)
