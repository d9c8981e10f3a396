"""Sentences as rows of tagged words."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from .disguise import revealed, short_slips, unspaced, unstarred
from .lexicon import OTHER, Word, lexicon

SINGLE = ("'", "‘", "’", "`")
_CURLY = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "「": '"', "」": '"'}
)
_CONTRACTED = tuple(
    (needed, re.compile(regex), written)
    for needed, regex, written in (
        ("can", r"\bcan't\b|\bcannot\b", "can not"),
        ("won't", r"\bwon't\b", "will not"),
        ("n't", r"n't\b", " not"),
        ("'re", r"'re\b", " are"),
        ("'m", r"'m\b", " am"),
        ("'ll", r"'ll\b", " will"),
        ("'ve", r"'ve\b", " have"),
        ("'d", r"'d\b", " would"),
        ("'s", r"\b(he|she|it|that|there|who|what|let)'s\b", r"\1 is"),
        ("let is", r"\blet is\b", "let us"),
        ("'s", r"'s\b", ""),
        ("nt", r"\b(do|does|did|is|are|was|were|ca|wo|should|would|could)nt\b", r"\1 not"),
        ("ain", r"\bain't\b|\baint\b", "is not"),
        ("theyre", r"\btheyre\b", "they are"),
        ("youre", r"\byoure\b", "you are"),
        ("im", r"\bim\b", "i am"),
    )
)
"""What a text with the contraction holds, the contraction, and what is written for it."""
_QUOTED = re.compile(r"(?<![\w'])'(?=\w)(.+?)(?<=[\w.!?,])'(?![\w'])")
_TOKEN = re.compile(r"[^\W_](?:[\w'@$+|!*-]*[^\W_])?|[\"',;:()\u2013\u2014]")
_ASCII_TOKEN = re.compile(r"[a-z0-9](?:[a-z0-9_'@$+|!*-]*[a-z0-9])?|[\"',;:()]")
"""The same in lower case, read twice as fast."""
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
    plain = unspaced(unstarred(sentence)) if language == "en" else sentence
    if language != "en":
        plain = _quotes(plain)
    elif "'" in plain or "nt" in plain or "cannot" in plain or "im" in plain:
        plain = _quotes(plain)
        for needed, pattern, written in _CONTRACTED:
            if needed in plain:
                plain = pattern.sub(written, plain)
    return _with_persons(_phrased(_words(_split(plain), language), language))


def loosely_tagged(sentence: str, language: str) -> list[Token]:
    """The same for a sentence whose grammar does not matter: neither contractions nor stars are looked at."""
    return _phrased(_words(_split(sentence), language), language)


def _split(lowered: str) -> list[str]:
    return (_ASCII_TOKEN if lowered.isascii() else _TOKEN).findall(lowered)


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
    return _QUOTED.sub(r'"\1"', text) if "'" in text else text


@functools.cache
def _kept(language: str) -> frozenset[str]:
    """Words and beginnings of phrases, which are never taken for something in disguise."""
    known = lexicon(language)
    return frozenset(known.words) | {word for begin in known.phrases for word in begin}


def _words(tokens: list[str], language: str) -> list[str]:
    known, kept = lexicon(language).words, _kept(language)
    slips = short_slips() if language == "en" else {}
    words: list[str] = []
    for i, token in enumerate(tokens):
        if token in slips and i + 1 < len(tokens) and known.get(tokens[i + 1], OTHER).tag == "p":
            words.append(slips[token])
        elif token in kept or len(token) == 1:
            words.append(token)
        elif "-" in token or ("'" in token and language != "en"):
            words.extend(part for part in re.split("[-']", token) if part)
        else:
            words.extend(revealed(token, language))
    return words


@functools.cache
def _firsts(language: str) -> frozenset[str]:
    """Words that phrases begin with."""
    return frozenset(first for first, _ in lexicon(language).phrases)


@functools.lru_cache(maxsize=1 << 15)
def _token(word: str, quoted: bool, language: str) -> Token:
    """A word that belongs to no phrase."""
    return Token(word, BORDER if word in BORDERS else lexicon(language).words.get(word, OTHER), quoted)


def _phrased(words: list[str], language: str) -> list[Token]:
    phrases, firsts = lexicon(language).phrases, _firsts(language)
    tokens: list[Token] = []
    i, quoted, end = 0, False, len(words)
    while i < end:
        word = words[i]
        if word == '"':
            quoted = not quoted and '"' in words[i + 1 :]
            i += 1
            continue
        token, taken = None, 1
        if word in firsts and i + 1 < end:
            for rest, found in phrases.get((word, words[i + 1]), ()):
                if tuple(words[i + 2 : i + 2 + len(rest)]) == rest:
                    taken = 2 + len(rest)
                    token = Token(" ".join(words[i : i + taken]), found, quoted)
                    break
        tokens.append(token or _token(word, quoted, language))
        i += taken
    return tokens
