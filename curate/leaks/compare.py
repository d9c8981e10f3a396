"""A text beside a probe: how much of the probe is there, and does the text say another thing after all?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..compare.words import NEGATIONS
from .align import MIN_EQUAL, ORDER_FREE, Alignment, ProbeFacts, find_run, likely_window
from .index import ProbeIndex
from .words import is_number

# A probe of FEW_WORDS words of weight may lose none, one of MANY_WORDS the share MAX_LOST of what they say.
FEW_WORDS = 5
MANY_WORDS = 20
MAX_LOST = 0.35
RESPONSE_ALLOWANCE = 0.5
HOLE_WORDS = 4
MIN_BLOCK = 3
BLOCK_HELD = 0.7
MIN_QUESTION = 2
MIN_HELD = 0.8
MAX_SHORT_INSERTED = 0.2
TEMPLATE = 0.5
# A piece: words that stand together, as many of them as have to be, and what they say.
GAP = 1.5
MIN_PIECE = 0.3
PIECE_HELD = 0.85
MIN_PIECE_WORDS = 15
MIN_VERBATIM_WORDS = 12
MIN_FRAGMENT_WORDS = 8
LONG_PIECE_WORDS = 50
MIN_PIECE_CONTENT = 5
MAX_INSERTED = 0.3


class Match(NamedTuple):
    """What a text holds of a probe.

    Args:
        extent: whole; piece, a stretch of it that is worth a look; fragment, a short stretch; phrase, a few
            words that may be there by chance; trace, words of it; template, the same with other numbers.
        method: exact, ngram or fuzzy.
        coverage: Share of the probe that the text holds, by what its words say, a ratio in [0, 1].
        start: First word of the text that belongs to it.
        stop: Behind the last one.
    """

    extent: str
    method: str
    coverage: float
    start: int
    stop: int


def compare(index: ProbeIndex, facts: ProbeFacts, ids: np.ndarray, told: Sequence[str]) -> Match | None:
    """What a text holds of a long probe; None where that is too little.

    Args:
        index: The index with the probe.
        facts: The probe.
        ids: The text's words as numbers.
        told: The text's words.
    """
    at = find_run(ids, facts.ids)
    if at >= 0:
        return Match("whole", "exact", 1.0, at, at + len(facts.ids))
    start, stop = likely_window(ids, facts, len(index.weights))
    aligned = Alignment(facts, ids[start:stop], told[start:stop])
    if aligned.held.mean() < MIN_EQUAL:
        return None
    found = _judged(aligned)
    return None if found is None else found._replace(start=found.start + start, stop=found.stop + start)


def _judged(aligned: Alignment) -> Match | None:
    facts, held = aligned.facts, aligned.held
    span = aligned.span(0, len(held))
    changed = _has_other_numbers(aligned, span)
    coverage = facts.coverage(held)
    if not changed and _is_whole(aligned, span):
        return Match("whole", "fuzzy" if aligned.slips.any() else "ngram", coverage, *span)
    if changed and coverage >= TEMPLATE:
        return Match("template", "ngram", coverage, *span)
    return _piece(aligned) or (None if changed else Match("trace", "ngram", coverage, *span))


def _has_other_numbers(aligned: Alignment, span: tuple[int, int]) -> bool:
    """Whether the text has other numbers in place of the probe's."""
    facts = aligned.facts
    if not (facts.numbers & ~aligned.held).any():
        return False
    mine = Counter(facts.words[i] for i in np.flatnonzero(facts.numbers).tolist())
    theirs = Counter(filter(is_number, aligned.told[max(span[0] - 1, 0) : span[1] + 1]))
    return bool(theirs - mine)


def _is_whole(aligned: Alignment, span: tuple[int, int]) -> bool:
    facts, held = aligned.facts, aligned.held
    room = (facts.size - FEW_WORDS) / (MANY_WORDS - FEW_WORDS)
    allowance = (
        MAX_LOST * min(max(room, 0.0), 1.0) * (RESPONSE_ALLOWANCE if facts.part == "response" else 1.0)
    )
    if 1.0 - facts.coverage(held, heavy=True) > allowance + 1e-9:
        return False
    if (facts.small & held).sum() < facts.small.sum() / 2 or _has_hole(facts, held):
        return False
    return facts.size >= ORDER_FREE or _stands_together(aligned, span)


def _has_hole(facts: ProbeFacts, held: np.ndarray) -> bool:
    """Whether missing words stand together: a sentence was left out, or another question asked."""
    sizes = facts.sizes[facts.content]
    gains = np.where(held[facts.content], -sizes, sizes)
    start, stop = best_stretch(gains)
    return gains[start:stop].sum() >= HOLE_WORDS or any(_lacks(facts, held, *b) for b in facts.blocks)


def _lacks(facts: ProbeFacts, held: np.ndarray, first: int, last: int, asks: bool) -> bool:
    """Whether one line of several is hardly there, or nothing of a question."""
    content = facts.content[first:last]
    size, there = facts.sizes[first:last][content].sum(), held[first:last][content]
    if asks:
        return size >= MIN_QUESTION and not there.any()
    return size >= MIN_BLOCK and last - first < len(held) and there.mean() < BLOCK_HELD


def _stands_together(aligned: Alignment, span: tuple[int, int]) -> bool:
    """Whether a short probe stands in one place, nearly complete, and as negated as it is."""
    first, last = span
    facts = aligned.facts
    negations = sum(w in NEGATIONS for w in aligned.told[first:last])
    if negations != facts.negations.sum() or aligned.held.mean() < MIN_HELD:
        return False
    return last - first <= (1 + MAX_SHORT_INSERTED) * len(facts.ids) + 1


def _piece(aligned: Alignment) -> Match | None:
    """The stretch of the probe that the text holds without a gap, where it is long enough."""
    facts, held = aligned.facts, aligned.held
    start, stop = best_stretch(np.where(held, facts.weights, -GAP * facts.weights.clip(MIN_PIECE)))
    inside = np.zeros(len(held), bool)
    inside[start:stop] = True
    found = inside & held
    words = float(facts.sizes[found].sum())
    if words < MIN_FRAGMENT_WORDS or found.sum() < PIECE_HELD * (stop - start):
        return None
    share = float(facts.weights[found].sum() / facts.weights.sum())
    coverage = facts.coverage(found)
    enough = facts.part == "prompt" and min(share, coverage) >= MIN_PIECE
    if not (enough or words >= LONG_PIECE_WORDS) or _says_little(facts, found):
        return None
    first, last = aligned.span(start, stop)
    if last - first > (1 + MAX_INSERTED) * (stop - start) + 2 or _numbers_end_it(aligned, start, stop):
        return None
    least = MIN_VERBATIM_WORDS if found.sum() == stop - start else MIN_PIECE_WORDS
    method = "fuzzy" if aligned.slips[inside].any() else "ngram"
    return Match("piece" if words >= least else "fragment", method, coverage, first, last)


def _says_little(facts: ProbeFacts, found: np.ndarray) -> bool:
    _, first = np.unique(facts.ids[found], return_index=True)
    return float((facts.sizes * ~facts.small)[found][first].sum()) < MIN_PIECE_CONTENT


def _numbers_end_it(aligned: Alignment, start: int, stop: int) -> bool:
    """Whether a number within a stretch, or at an end of it, was changed."""
    lost = aligned.facts.numbers & ~aligned.held
    first, last = aligned.span(start, stop)
    told = aligned.told
    before = lost[max(start - 2, 0) : start].any() and any(map(is_number, told[max(first - 3, 0) : first]))
    after = lost[stop : stop + 2].any() and any(map(is_number, told[last : last + 3]))
    return bool(lost[start:stop].any() or before or after)


def best_stretch(gains: np.ndarray) -> tuple[int, int]:
    """The stretch with the largest sum. Source: Bentley 1984 (Kadane's algorithm), by running minima."""
    sums = np.concatenate([[0.0], np.cumsum(gains)])
    lowest = np.minimum.accumulate(sums)
    stop = int(np.argmax(sums - lowest))
    start = int(np.flatnonzero(sums[: stop + 1] == lowest[stop])[-1])
    return start, stop
