"""The words that moderation knows, each with its part in a sentence, read from `words/`."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).with_name("words")
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "ru", "ar")
"""Languages with words between blanks, each in a file of its own."""


class Word(NamedTuple):
    """What a word or phrase does in a sentence.

    Attributes:
        tag: Its part in the grammar, one letter; `words/en.txt` lists them.
        category: hate, threat, insult, exclusion, harm, sexual, profanity or self-harm; `-` for none.
        hate: Weight where a protected group is the target, a ratio in [0, 1].
        plain: Weight where nobody is, a ratio in [0, 1].
    """

    tag: str
    category: str
    hate: float
    plain: float


OTHER = Word("o", "-", 0.0, 0.0)
Phrases = dict[tuple[str, str], list[tuple[tuple[str, ...], Word]]]


class Lexicon(NamedTuple):
    """The words of one language.

    Attributes:
        words: Single words.
        phrases: First two words to phrases that begin with them, the longest first; each without those two.
    """

    words: dict[str, Word]
    phrases: Phrases

    def all(self) -> Iterator[tuple[str, Word]]:
        """Every word and phrase."""
        yield from self.words.items()
        for begin, rests in self.phrases.items():
            for rest, word in rests:
                yield " ".join((*begin, *rest)), word


def entries(text: str) -> Iterator[tuple[str, Word]]:
    """The words of a file in order, in all their forms; lines that begin with `#` are notes."""
    for line in text.splitlines():
        head, colon, listed = line.partition(":")
        if not colon or line.startswith("#"):
            continue
        tag, category, hate, plain, form = head.split()
        word = Word(tag, category, float(hate), float(plain))
        for item in listed.split(","):
            for spelled in _forms(item.strip(), form):
                yield spelled, word


def _forms(word: str, form: str) -> tuple[str, ...]:
    if form == "n":
        return word, _plural(word)
    if form == "s":
        return (_plural(word),)
    if form == "v":
        head, blank, tail = word.partition(" ")
        tail = blank + tail
        stem = head[:-1] if head.endswith("e") else head
        return head + tail, _plural(head) + tail, stem + "ed" + tail, stem + "ing" + tail
    return (word,)


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith("man") and not word.endswith(("german", "human")):
        return word[:-3] + "men"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def _listed(language: str) -> Iterator[tuple[str, Word]]:
    """The entries of a language's file; English slurs are known everywhere."""
    yield from entries((FOLDER / f"{language}.txt").read_text(encoding="utf-8"))
    if language != "en":
        english = entries((FOLDER / "en.txt").read_text(encoding="utf-8"))
        yield from ((spelled, word) for spelled, word in english if word.tag == "S" and " " not in spelled)


def _also(before: Word | None, word: Word) -> Word:
    """The first part that a word is listed with, and the larger of its plain weights."""
    if before is None or before.plain >= word.plain:
        return before or word
    category = before.category if before.plain or before.category != "-" else word.category
    return before._replace(plain=word.plain, category=category)


@functools.cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of one language; where a word is listed twice, its first part counts."""
    words: dict[str, Word] = {}
    phrases: dict[tuple[str, str], dict[tuple[str, ...], Word]] = defaultdict(dict)
    for spelled, word in _listed(language):
        first, *rest = spelled.replace("-", " ").split()
        if rest:
            same, last = phrases[first, rest[0]], tuple(rest[1:])
            same[last] = _also(same.get(last), word)
        else:
            words[first] = _also(words.get(first), word)
    ordered = {begin: sorted(rests.items(), key=lambda p: -len(p[0])) for begin, rests in phrases.items()}
    return Lexicon(words, ordered)
