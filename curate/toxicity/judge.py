"""How hateful or abusive a text is, and by which words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

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


class _Read(NamedTuple):
    """A text that is read closely.

    Attributes:
        place: Its index.
        lowered: The text in lower case.
        language: Whose words it is read with; None reads the words of languages without blanks alone.
        unspaced: Whether it has words of those.
        foul: Whether it names no group and has no slur, so that its grammar does not matter.
    """

    place: int
    lowered: str
    language: str | None
    unspaced: bool
    foul: bool


def judge(text: str) -> Judgement:
    """Judge a text.

    Args:
        text: As it is written.
    """
    return judge_all([text])[0]


def judge_all(texts: Sequence[str]) -> list[Judgement]:
    """Judge texts: those that may hold something are found in one pass over all.

    Args:
        texts: As they are written.
    """
    lowered = [text.lower() for text in texts]
    marked = [(i, marks) for i, marks in enumerate(found(lowered)) if marks]
    reads = [_read(i, lowered[i], marks) for i, marks in marked]
    judgements = [HARMLESS] * len(texts)
    for read, told in zip(reads, _telling(reads), strict=True):
        judgements[read.place] = _judge(read, told)
    return judgements


def _read(place: int, lowered: str, marks: frozenset[str]) -> _Read:
    language = spoken(lowered, marks | {ENGLISH} if marks & _ENGLISH_MARKS else marks)
    foul = language == ENGLISH and marks == {FOUL}
    return _Read(place, lowered, language, UNSPACED in marks, foul)


def _telling(reads: Sequence[_Read]) -> list[list[str]]:
    """The sentences of each text that matter: of its telling lines the telling sentences."""
    namings = [GROUP if read.language == ENGLISH else read.language for read in reads]
    lines = [[line for line in read.lowered.split("\n") if line] if read.language else [] for read in reads]
    lines = _near_suspicious(lines, namings)
    return _near_suspicious([[s for line in told for s in sentences(line)] for told in lines], namings)


def _near_suspicious(texts: Sequence[list[str]], namings: Sequence[str | None]) -> list[list[str]]:
    """The lines or sentences of each text with a telling word, and those beside one that names a group."""
    marks = iter(found([part for told in texts for part in told if len(told) > 1]))
    return [
        _near(told, [next(marks) for _ in told], naming) if len(told) > 1 else told
        for told, naming in zip(texts, namings, strict=True)
    ]


def _near(told: Sequence[str], marks: Sequence[frozenset[str]], naming: str | None) -> list[str]:
    near = [any(naming in mark for mark in marks[max(0, i - 1) : i + 2]) for i in range(len(told))]
    return [part for i, part in enumerate(told) if marks[i] or near[i]]


def _judge(read: _Read, told: Sequence[str]) -> Judgement:
    judgement = _judge_unspaced(read.lowered) if read.unspaced else HARMLESS
    if read.language is None:
        return judgement
    other = _judge_foul(told) if read.foul else _judge_spaced(told, read.language)
    return max(judgement, other, key=lambda j: j.score)


def _judge_unspaced(lowered: str) -> Judgement:
    """Judge the words of languages without blanks: what condemns anywhere in the text takes them back."""
    words = [(spelled, word) for spelled, word in unspaced_words().items() if spelled in lowered]
    left = COUNTERED if any(word.tag == "K" for _, word in words) else 1.0
    hateful = [Evidence(w.hate * left, w.category, s) for s, w in words if w.tag in "SL"]
    return summed(hateful, [Evidence(w.plain, w.category, s) for s, w in words if w.plain])


def _judge_foul(told: Sequence[str]) -> Judgement:
    """Judge an English text that names no group and has no slur, by its telling sentences."""
    parsed = [loosely_tagged(sentence, ENGLISH) for sentence in told]
    return summed((), [e for tokens in parsed for e in _plain(tokens, letters(tokens))])


def _judge_spaced(told: Sequence[str], language: str) -> Judgement:
    """Judge a text by its telling sentences."""
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
