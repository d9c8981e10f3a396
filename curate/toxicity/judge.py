"""How hateful or abusive a text is, and by which words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from .context import IDENTIFIED, Antecedents, factor
from .grammar import SELF_HARM, hits, letters
from .prefilter import found
from .tokens import Token, sentences, tagged

THRESHOLD = 0.5
PLAIN_LIMIT = 0.48
"""Words without a group for a target never pass the threshold."""
QUOTED = 0.6


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


def judge(text: str) -> Judgement:
    """Judge a text.

    Args:
        text: As it is written.
    """
    return judge_lowered(text, text.lower())


def judge_lowered(text: str, lowered: str) -> Judgement:
    """Judge a text whose lower case is at hand."""
    if not found(lowered):
        return HARMLESS
    return _judge(lowered, "en")


def _judge(lowered: str, language: str) -> Judgement:
    parsed = [tagged(sentence, language) for sentence in _near_suspicious(list(sentences(lowered)))]
    parsed = [tokens for tokens in parsed if tokens]
    said = [letters(tokens) for tokens in parsed]
    counter = [re.search("K", tags) is not None for tags in said]
    antecedents = Antecedents()
    hateful: list[Evidence] = []
    plain: list[Evidence] = []
    for i, tokens in enumerate(parsed):
        about = i + 1 < len(said) and IDENTIFIED.search(said[i + 1]) is not None
        tags = antecedents.resolved(said[i], about=about)
        beside = any(counter[max(0, i - 1) : i + 2])
        hateful += _hateful(tokens, tags, counter[i], beside)
        plain += _plain(tokens, said[i])
    return _summed(hateful, plain)


def _near_suspicious(told: Sequence[str]) -> list[str]:
    """The sentences with a telling word, and those beside one that names a group."""
    if len(told) == 1:
        return list(told)
    marks = [found(sentence) for sentence in told]
    near = [any("group" in mark for mark in marks[max(0, i - 1) : i + 2]) for i in range(len(told))]
    return [sentence for i, sentence in enumerate(told) if marks[i] or near[i]]


def _hateful(tokens: Sequence[Token], tags: str, here: bool, beside: bool) -> list[Evidence]:
    evidence = []
    for pattern, at in hits(tags):
        token = tokens[at]
        countered = beside if token.quoted else here
        weight = 0.9 if pattern.negated else _weight(tokens, at)
        category = "self-harm" if pattern is SELF_HARM else token.word.category
        left = factor(tokens, tags, at, countered=countered)
        evidence.append(Evidence(pattern.weight * weight * left, category if category != "-" else "hate", token.text))
    return evidence


def _weight(tokens: Sequence[Token], at: int) -> float:
    """The weight of a telling word, or of a worse one just after it: `an annoying prick`."""
    best = tokens[at].word.hate
    for token in tokens[at + 1 : at + 3]:
        if token.word.tag != "E" or tokens[at].word.tag != "E":
            break
        best = max(best, token.word.hate)
    return best


def _plain(tokens: Sequence[Token], tags: str) -> list[Evidence]:
    evidence = []
    for at, token in enumerate(tokens):
        if token.word.plain:
            aimed = 1.3 if re.search(r"Y[^k]{0,4}$", tags[:at]) else 1.0
            weight = token.word.plain * aimed * (QUOTED if token.quoted else 1.0)
            evidence.append(Evidence(min(weight, PLAIN_LIMIT), token.word.category, token.text))
        elif token.word.tag == "V" and re.match(r"[DB]?[YTZ]", tags[at + 1 :]) and "N" not in tags[:at]:
            mine = re.search(r"I[^k]{0,4}m[^k]{0,3}$|M[^k]{0,3}$", tags[:at])
            evidence.append(Evidence(0.4 if mine else 0.1, "threat", token.text))
    return evidence


def _summed(hateful: Sequence[Evidence], plain: Sequence[Evidence]) -> Judgement:
    left = 1.0
    for evidence in plain:
        left *= 1.0 - evidence.score
    worst = max((e.score for e in hateful), default=0.0)
    mild = min(1.0 - left, 1.0)
    score = max(worst, PLAIN_LIMIT * mild) + 0.02 * mild * (worst > 0)
    telling = sorted((*hateful, *plain), key=lambda e: -e.score)
    if not telling:
        return HARMLESS
    words = tuple(dict.fromkeys(e.word for e in telling))
    return Judgement(round(min(score, 1.0), 4), telling[0].category, words)
