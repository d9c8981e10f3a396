"""Compare two rows part by part: the same example, or two different ones, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from ..shingles import jaccard
from .differences import Differences
from .guards import veto
from .texts import PROMPT, REJECTED, RESPONSE, Texts
from .words import is_number

SHORT = 40
SHORT_SIMILARITY = 0.8
MIN_PREFIX_RATIO = 0.85
MIN_CUT_WORDS = 8
MAX_DROPPED_RATIO = 0.1


class Comparison(NamedTuple):
    """Two rows side by side.

    Args:
        prompt: Similarity of the prompts, a ratio in [0, 1].
        response: Similarity of the responses; in preference rows of the less similar ones.
        same: Whether one row can stand for the other.
        veto: Why they differ although they are similar.
    """

    prompt: float
    response: float
    same: bool
    veto: str | None


def compare(texts: Texts, a: int, b: int, threshold: float) -> Comparison:
    """Compare two rows by prompt and by response.

    Rows whose parts all reach the threshold are the same unless a guard objects.
    """
    prompt = similarity(texts, a, b, PROMPT, threshold)
    if prompt < threshold:
        return Comparison(prompt, 0.0, False, None)
    response = min(similarity(texts, a, b, part, threshold) for part in (RESPONSE, REJECTED))
    if response < threshold:
        return Comparison(prompt, response, False, None)
    objection = objection_to(texts, a, b, prompt, response)
    return Comparison(prompt, response, objection is None, objection)


def similarity(texts: Texts, a: int, b: int, part: int, threshold: float) -> float:
    """How alike a part of two rows is, a ratio in [0, 1].

    The Levenshtein similarity, which does not mind typing errors, where it reaches the threshold; else the
    Jaccard similarity of character 5-grams, which does not mind order.
    """
    left, right = texts.text(a, part), texts.text(b, part)
    if left == right:
        return 1.0
    likeness = Levenshtein.normalized_similarity(left, right, score_cutoff=threshold)
    return likeness if likeness >= threshold else overlap(texts, a, b, part)


def overlap(texts: Texts, a: int, b: int, part: int) -> float:
    """The Jaccard similarity of the character 5-grams of a part of two rows."""
    return jaccard(texts.shingles(a, part), texts.shingles(b, part))


def objection_to(texts: Texts, a: int, b: int, prompt: float, response: float) -> str | None:
    """Why two similar rows are not the same after all; None when nothing speaks against it.

    Where the response is short, it proves little: then the prompts must be closer, and lack hardly a word.

    Args:
        texts: The texts.
        a: One row.
        b: The other.
        prompt: Similarity of the prompts.
        response: Similarity of the responses.
    """
    if texts.other_words(a, b, PROMPT):
        return "word"
    found = texts.differences(a, b, PROMPT) + response_differences(texts, a, b)
    if texts.text(a, REJECTED) or texts.text(b, REJECTED):
        found = found + texts.differences(a, b, REJECTED)
    short = min(len(texts.text(a, RESPONSE)), len(texts.text(b, RESPONSE))) < SHORT
    if short and (min(prompt, response) < SHORT_SIMILARITY or found.dropped > MAX_DROPPED_RATIO * found.size):
        return "short"
    return veto(found)


def response_differences(texts: Texts, a: int, b: int) -> Differences:
    """How the responses of two rows differ; an end that was cut off is missing words alone."""
    left, right = texts.tokens(a, RESPONSE), texts.tokens(b, RESPONSE)
    if left == right and texts.text(a, RESPONSE) == texts.text(b, RESPONSE):
        return Differences(size=len(left))
    short, long = sorted((left, right), key=lambda t: (len(t), len(t[-1]) if t else 0))
    if is_cut(short, long):
        return Differences(dropped=len(long) - len(short) + 1, size=len(long))
    return texts.differences(a, b, RESPONSE)


def is_cut(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether a text is another one with its end cut off, perhaps within a word; a number is never cut."""
    last = len(short) - 1
    if last < MIN_CUT_WORDS or last < MIN_PREFIX_RATIO * len(long) - 1 or list(short) == list(long):
        return False
    if list(short[:last]) != list(long[:last]) or not long[last].startswith(short[last]):
        return False
    return long[last] == short[last] or not is_number(short[last])
