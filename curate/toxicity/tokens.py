"""Sentences as rows of tagged words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .disguise import revealed, slip_before_person, unspaced, unstarred
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
_SENTENCE = re.compile(r"(?<=[.!?。！？])[\s\"')\]]+|\n+")
MAX_SENTENCE = 600


GROUP = Word("G", "-", 0.0, 0.0)


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


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text in lower case, their quotation marks made alike."""
    for sentence in _SENTENCE.split(text.translate(_CURLY)):
        for start in range(0, len(sentence), MAX_SENTENCE):
            yield sentence[start : start + MAX_SENTENCE]


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


def _with_persons(tokens: list[Token]) -> list[Token]:
    """The tokens, an adjective and its person (`gay people`) made one group."""
    merged: list[Token] = []
    for token in tokens:
        if token.word.tag == "p" and merged and merged[-1].word.tag in "Ggb":
            first = merged.pop()
            merged.append(Token(f"{first.text} {token.text}", GROUP, first.quoted))
        else:
            merged.append(token)
    return merged


def _quotes(text: str) -> str:
    """Single quotation marks made double: those that open before a word and close after one."""
    return re.sub(r"(?<![\w'])'(?=\w)(.+?)(?<=[\w.!?,])'(?![\w'])", r'"\1"', text)


def _words(tokens: list[str], language: str) -> Iterator[str]:
    known = lexicon(language)
    for i, token in enumerate(tokens):
        slip = slip_before_person(token) if i + 1 < len(tokens) else None
        if slip and known.words.get(tokens[i + 1], OTHER).tag == "p":
            yield slip
        elif token in known.words or token in known.phrases or len(token) == 1:
            yield token
        elif "-" in token or ("'" in token and language != "en"):
            yield from (part for part in re.split("[-']", token) if part)
        else:
            yield from revealed(token, language)


def _phrased(words: list[str], known: Lexicon) -> Iterator[Token]:
    i, quoted = 0, False
    while i < len(words):
        word = words[i]
        if word == '"':
            quoted = not quoted and '"' in words[i + 1 :]
            i += 1
            continue
        for rest, entry in known.phrases.get(word, ()):
            if tuple(words[i + 1 : i + 1 + len(rest)]) == rest:
                yield Token(" ".join((word, *rest)), entry, quoted)
                i += 1 + len(rest)
                break
        else:
            border = word in ",;:()\u2013\u2014" or word == "'"
            yield Token(word, Word("k", "-", 0.0, 0.0) if border else known.words.get(word, OTHER), quoted)
            i += 1
