"""Probes of a few words: they have to be there whole, and stand by themselves rather than by chance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from ..compare.words import SMALL
from .compare import Match
from .probes import Probe
from .row_text import RowText
from .slips import is_slip
from .words import is_number, operations, words

MIN_ALONE = 3
MIN_SENTENCE = 4
MIN_INSIDE = 5
ANSWER_WITHIN = 12
MAX_SMALL_LOST = 2
MIN_HEART = 2
_SENTENCE = re.compile(r"(?<=[.?!:;\u3002\uff1f\uff01])\s*(?=\S)")


def find_short(probe: Probe, answer: Sequence[str], row: RowText) -> Match | None:
    """A short probe in a row; None where it is not there, or may be there by chance.

    Args:
        probe: Fewer than LONG words.
        answer: Words of its item's response.
        row: The row.
    """
    wanted = list(probe.words)
    at = find_words(row.told, wanted)
    signs = operations(probe.text)
    if at < 0:
        return None if len(wanted) < MIN_SENTENCE or signs else _nearly(wanted, answer, row)
    alone = _stands_alone(wanted, signs, row)
    if alone is None:
        return None
    answered = answer_follows(row.told, at + len(wanted), answer)
    length = len(wanted)
    sure = answered or (alone == "wall" and length >= MIN_ALONE)
    likely = length >= (MIN_SENTENCE if alone == "sentence" else MIN_INSIDE)
    if not sure and not likely:
        return None
    return Match("whole" if sure else "phrase", "exact", 1.0, at, at + length)


def find_words(told: Sequence[str], wanted: Sequence[str]) -> int:
    """Where some words stand in a row; -1 where they do not, or there are none."""
    if not wanted:
        return -1
    first = wanted[0]
    for i, word in enumerate(told):
        if word == first and list(told[i : i + len(wanted)]) == list(wanted):
            return i
    return -1


def _stands_alone(wanted: list[str], signs: list[str], row: RowText) -> str | None:
    """wall: lines, quotes or labels stand around it; sentence: sentence ends; inside: words.

    None where it stands only with other operators.
    """
    texts = [i for i, plain in enumerate(row.plain) if not signs or _within(operations(plain), signs)]
    segments = [segment for i in texts for segment in row.segments[i]]
    if any(s.words == wanted for s in segments) or any(words(row.plain[i]) == wanted for i in texts):
        return "wall"
    if any(_is_sentences(s.text, wanted) for s in segments):
        return "sentence"
    return "inside" if texts else None


def _is_sentences(segment: str, wanted: list[str]) -> bool:
    """Whether some sentences in a row are the wanted words."""
    told = [words(s) for s in _SENTENCE.split(segment)]
    ends = list(accumulate(map(len, told), initial=0))
    flat = [w for s in told for w in s]
    return any(e + len(wanted) in ends and flat[e : e + len(wanted)] == wanted for e in ends)


def _within(signs: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(list(signs[i : i + len(wanted)]) == list(wanted) for i in range(len(signs) - len(wanted) + 1))


def answer_follows(told: Sequence[str], start: int, answer: Sequence[str]) -> bool:
    """Whether the item's own answer stands shortly behind it; a lone letter is no answer."""
    if not answer or (len(answer) == 1 and len(answer[0]) == 1 and not is_number(answer[0])):
        return False
    return find_words(told[start : start + ANSWER_WITHIN + len(answer)], answer) >= 0


def _nearly(wanted: list[str], answer: Sequence[str], row: RowText) -> Match | None:
    """A line or a quoted text that is the probe with typing errors, or without some small words."""
    heart = [w for w in wanted if w not in SMALL]
    if len(heart) < MIN_HEART:
        return None
    lost = MAX_SMALL_LOST if len(heart) > MIN_HEART else 0
    for _, said in (segment for segments in row.segments for segment in segments):
        if abs(len(said) - len(wanted)) > lost or not _same_heart(heart, said):
            continue
        at = max(find_words(row.told, said), 0)
        extent = "whole" if answer_follows(row.told, at + len(said), answer) else "phrase"
        return Match(extent, "fuzzy", len(said) / max(len(said), len(wanted)), at, at + len(said))
    return None


def _same_heart(heart: Sequence[str], said: Sequence[str]) -> bool:
    other = [w for w in said if w not in SMALL]
    return len(other) == len(heart) and all(
        w == o or is_slip(w, o) for w, o in zip(heart, other, strict=True)
    )
