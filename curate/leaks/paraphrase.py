"""Protected questions in other words throughout, proposed by an embedding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from ..compare.differences import differences
from ..compare.normal_form import normal_form
from ..compare.words import NEGATIONS, SMALL, is_number, is_operator, tokens
from ..encoders import Encoder
from ..near.languages import MIN_ASCII_RATIO
from ..near.parts import ascii_ratio
from ..vectors import nearest

ALIKE = 0.9
"""Cosine of two questions from which one may be the other in other words."""
ALIKE_WORDS = 0.6
"""Cosine that the differing words alone must reach: a template shares most words of its questions."""
MIN_WORDS = 8
LONGEST = 2000


def proposer(
    questions: Sequence[str], encoder: Encoder
) -> Callable[[Sequence[str]], list[tuple[int, float] | None]]:
    """A function from prompts to the question that means the same as each, with the cosine, or None.

    Args:
        questions: Protected questions; those of fewer than MIN_WORDS words say too little, and are left out.
        encoder: Makes the vectors.
    """
    normal = [_asked(q, encoder) for q in questions]
    places = np.array([i for i, q in enumerate(normal) if len(tokens(q)) >= MIN_WORDS], np.int64)
    vectors = encoder.encode([normal[i] for i in places.tolist()])

    def propose(prompts: Sequence[str]) -> list[tuple[int, float] | None]:
        found: list[tuple[int, float] | None] = [None] * len(prompts)
        if not len(places):
            return found
        asked = [_asked(p, encoder) for p in prompts]
        at, cosines = nearest(encoder.encode(asked), vectors, 1)
        likely = np.flatnonzero(cosines[:, 0] >= ALIKE).tolist()
        pairs = [_differing(asked[row], normal[places[at[row, 0]]]) for row in likely]
        fit = [(row, pair) for row, pair in zip(likely, pairs, strict=True) if pair is not None]
        sides = [encoder.encode([pair[side] for _, pair in fit]) for side in (0, 1)]
        for (row, pair), alike in zip(fit, np.einsum("ij,ij->i", *sides).tolist(), strict=True):
            if alike >= ALIKE_WORDS or pair == ("", ""):
                found[row] = (int(places[at[row, 0]]), float(cosines[row, 0]))
        return found

    return propose


def _asked(text: str, encoder: Encoder) -> str:
    """A question in normal form; "" where it is too long for one, or in letters the encoder does not know."""
    if len(text) > LONGEST:
        return ""
    text = normal_form(text)
    plain = encoder.languages is None or ascii_ratio(text) >= MIN_ASCII_RATIO
    return text if plain else ""


def _differing(a: str, b: str) -> tuple[str, str] | None:
    """The words that each of two questions has alone; None where what must agree differs."""
    words = tokens(a), tokens(b)
    if differences(*words, lambda _: True).exchanged:
        return None
    left, right = map(Counter, words)
    only = left - right, right - left
    if any(is_number(w) or is_operator(w) or w in NEGATIONS for side in only for w in side):
        return None
    mine, other = (" ".join(w for w in side.elements() if w not in SMALL) for side in only)
    return mine, other
