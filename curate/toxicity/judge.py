"""How hateful or abusive a text is, and by which words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .context import COUNTERED, IDENTIFIED, Antecedents, factor
from .grammar import SELF_HARM, hits, letters
from .judgement import HARMLESS, PLAIN_LIMIT, Evidence, Judgement, summed
from .languages import ENGLISH, UNSPACED, spoken, unspaced_words
from .prefilter import DISGUISE, FOUL, GROUP, WORD, found
from .tokens import Token, loosely_tagged, sentences, tagged

QUOTED = 0.6
"""What is left of a foul word in quotation marks."""
AIMED = 1.3
"""How much worse a foul word is where `you` stands before it."""
_ENGLISH_MARKS = frozenset((WORD, FOUL, GROUP, DISGUISE))


def judge(text: str) -> Judgement:
    """Judge a text.

    Args:
        text: As it is written.
    """
    lowered = text.lower()
    marks = found(lowered)
    if not marks:
        return HARMLESS
    judgement = _judge_unspaced(lowered) if UNSPACED in marks else HARMLESS
    language = spoken(lowered, marks | {ENGLISH} if marks & _ENGLISH_MARKS else marks)
    if language == ENGLISH and marks == {FOUL}:
        return _judge_foul(lowered)
    if language is not None:
        other = _judge(lowered, language)
        judgement = max(judgement, other, key=lambda j: j.score)
    return judgement


def _judge_unspaced(lowered: str) -> Judgement:
    """Judge the words of languages without blanks: what condemns anywhere in the text takes them back."""
    words = [(spelled, word) for spelled, word in unspaced_words().items() if spelled in lowered]
    left = COUNTERED if any(word.tag == "K" for _, word in words) else 1.0
    hateful = [Evidence(w.hate * left, w.category, s) for s, w in words if w.tag in "SL"]
    return summed(hateful, [Evidence(w.plain, w.category, s) for s, w in words if w.plain])


def _judge_foul(lowered: str) -> Judgement:
    """Judge an English text that names no group and has no slur."""
    lines = _near_suspicious([line for line in lowered.split("\n") if line], ENGLISH)
    told = _near_suspicious([s for line in lines for s in sentences(line)], ENGLISH)
    parsed = [loosely_tagged(sentence, ENGLISH) for sentence in told]
    return summed((), [e for tokens in parsed for e in _plain(tokens, letters(tokens))])


def _judge(lowered: str, language: str) -> Judgement:
    lines = _near_suspicious([line for line in lowered.split("\n") if line], language)
    told = _near_suspicious([s for line in lines for s in sentences(line)], language)
    parsed = [tokens for tokens in (tagged(sentence, language) for sentence in told) if tokens]
    said = [letters(tokens) for tokens in parsed]
    counter = [re.search("K", tags) is not None for tags in said]
    antecedents = Antecedents()
    hateful: list[Evidence] = []
    plain: list[Evidence] = []
    for i, tokens in enumerate(parsed):
        about = i + 1 < len(said) and IDENTIFIED.search(said[i + 1]) is not None
        tags = antecedents.resolved(said[i], about=about)
        beside = any(counter[max(0, i - 1) : i + 2])
        countered = (counter[i], beside)
        hateful += _hateful(tokens, tags, countered, wide=language != ENGLISH)
        plain += _plain(tokens, said[i])
    return summed(hateful, plain)


def _near_suspicious(told: Sequence[str], language: str) -> list[str]:
    """The lines or sentences with a telling word, and those beside one that names a group."""
    if len(told) == 1:
        return list(told)
    marks = [found(part) for part in told]
    naming = GROUP if language == ENGLISH else language
    near = [any(naming in mark for mark in marks[max(0, i - 1) : i + 2]) for i in range(len(told))]
    return [part for i, part in enumerate(told) if marks[i] or near[i]]


def _hateful(
    tokens: Sequence[Token], tags: str, countered: tuple[bool, bool], *, wide: bool
) -> list[Evidence]:
    """The evidence in a sentence; `countered` says whether it, or one beside it, condemns."""
    evidence = []
    for pattern, at in hits(tags, wide=wide):
        token = tokens[at]
        weight = 0.9 if token.word.tag == "P" else _weight(tokens, at)
        category = "self-harm" if pattern is SELF_HARM else token.word.category
        left = factor(tokens, tags, at, countered=countered[token.quoted])
        evidence.append(
            Evidence(pattern.weight * weight * left, category if category != "-" else "hate", token.text)
        )
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
            aimed = AIMED if re.search(r"Y[^k]{0,4}$", tags[:at]) else 1.0
            weight = token.word.plain * aimed * (QUOTED if token.quoted else 1.0)
            evidence.append(Evidence(min(weight, PLAIN_LIMIT), token.word.category, token.text))
        elif token.word.tag == "V" and re.match(r"[DB]?[YTZ]", tags[at + 1 :]) and "N" not in tags[:at]:
            mine = re.search(r"I[^k]{0,4}m[^k]{0,3}$|M[^k]{0,3}$", tags[:at])
            evidence.append(Evidence(0.4 if mine else 0.1, "threat", token.text))
    return evidence
