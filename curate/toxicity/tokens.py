"""Sentences as rows of tagged words."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from .disguise import revealed, short_slips, unspaced, unstarred
from .lexicon import OTHER, Lexicon, Word, lexicon

SINGLE = ("'", "‘", "’", "`")
_CURLY = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "「": '"', "」": '"'}
)
_CONTRACTED = (
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"\b(he|she|it|that|there|who|what|let)'s\b"), r"\1 is"),
    (re.compile(r"\blet is\b"), "let us"),
    (re.compile(r"'s\b"), ""),
    (re.compile(r"\b(do|does|did|is|are|was|were|ca|wo|should|would|could)nt\b"), r"\1 not"),
    (re.compile(r"\bain't\b|\baint\b"), "is not"),
    (re.compile(r"\btheyre\b"), "they are"),
    (re.compile(r"\byoure\b"), "you are"),
    (re.compile(r"\bim\b"), "i am"),
)
_TOKEN = re.compile(r"\"|[^\W_][\w'@$+|!*-]*[^\W_]|[^\W_]|[,;:()\u2013\u2014]|'")
_SENTENCE = re.compile(r"(?<=[.!?。！？])[\s\"')\]]+")
MAX_SENTENCE = 600


BORDERS = frozenset(",;:()\u2013\u2014'")
BORDER = Word("k", "-", 0.0, 0.0)
GROUP, THIRD = Word("G", "-", 0.0, 0.0), Word("Z", "-", 0.0, 0.0)


class Token(NamedTuple):
    """A word or phrase of a sentence.

    Attributes:
        text: As it is known to the lexicon.
        word: Its part.
        quoted: Whether it stands between quotation marks.
    """

    text: str
    word: Word
    quoted: bool


def sentences(line: str) -> list[str]:
    """The sentences of a line in lower case, their quotation marks made alike."""
    told = _SENTENCE.split(line.translate(_CURLY) if not line.isascii() else line)
    if max(map(len, told)) <= MAX_SENTENCE:
        return told
    return [s[i : i + MAX_SENTENCE] for s in told for i in range(0, len(s), MAX_SENTENCE)]


def tagged(sentence: str, language: str) -> list[Token]:
    """The words of a sentence with their parts, phrases as one word."""
    known = lexicon(language)
    plain = unspaced(unstarred(sentence)) if language == "en" else sentence
    if language != "en":
        plain = _quotes(plain)
    elif "'" in plain or "nt" in plain or "cannot" in plain or "im" in plain:
        plain = _quotes(plain)
        for pattern, written in _CONTRACTED:
            plain = pattern.sub(written, plain)
    words = list(_words(_TOKEN.findall(plain), language))
    return _with_persons(list(_phrased(words, known)))


def loosely_tagged(sentence: str, language: str) -> list[Token]:
    """The same for a sentence whose grammar does not matter: neither contractions nor stars are looked at."""
    return list(_phrased(list(_words(_TOKEN.findall(sentence), language)), lexicon(language)))


def _with_persons(tokens: list[Token]) -> list[Token]:
    """The tokens, an adjective and its person (`gay people`) made one group."""
    merged: list[Token] = []
    for token in tokens:
        relative = token.text == "people who"
        if (token.word.tag == "p" or relative) and merged and merged[-1].word.tag in "Ggb":
            first = merged.pop()
            merged.append(Token(f"{first.text} {token.text.partition(' ')[0]}", GROUP, first.quoted))
            if relative:
                merged.append(Token("who", THIRD, token.quoted))
        else:
            merged.append(token)
    return merged


def _quotes(text: str) -> str:
    """Single quotation marks made double: those that open before a word and close after one."""
    return re.sub(r"(?<![\w'])'(?=\w)(.+?)(?<=[\w.!?,])'(?![\w'])", r'"\1"', text)


@functools.cache
def _starts(language: str) -> frozenset[str]:
    """Words of phrases, which are never taken for something in disguise."""
    return frozenset(word for begin in lexicon(language).phrases for word in begin)


def _words(tokens: list[str], language: str) -> Iterator[str]:
    known, starts = lexicon(language), _starts(language)
    slips = short_slips() if language == "en" else {}
    for i, token in enumerate(tokens):
        slip = slips.get(token) if i + 1 < len(tokens) else None
        if slip and known.words.get(tokens[i + 1], OTHER).tag == "p":
            yield slip
        elif token in known.words or token in starts or len(token) == 1:
            yield token
        elif "-" in token or ("'" in token and language != "en"):
            yield from (part for part in re.split("[-']", token) if part)
        else:
            yield from revealed(token, language)


def _phrased(words: list[str], known: Lexicon) -> Iterator[Token]:
    single, phrases = known.words, known.phrases
    i, quoted, end = 0, False, len(words)
    while i < end:
        word = words[i]
        if word == '"':
            quoted = not quoted and '"' in words[i + 1 :]
            i += 1
            continue
        taken = 1
        entry = BORDER if word in BORDERS else single.get(word, OTHER)
        if i + 1 < end and (word, words[i + 1]) in phrases:
            for rest, found in phrases[word, words[i + 1]]:
                if tuple(words[i + 2 : i + 2 + len(rest)]) == rest:
                    entry, taken = found, 2 + len(rest)
                    break
        yield Token(" ".join(words[i : i + taken]), entry, quoted)
        i += taken
