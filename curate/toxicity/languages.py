"""Which language's words a text is read with, and the languages that write no blanks."""

from __future__ import annotations

import functools
import re

from .lexicon import FOLDER, LANGUAGES, Word, entries, lexicon

ENGLISH = "en"
UNSPACED = "cjk"
OPENING = 80
"""Words of a text that tell its language."""
_FUNCTION = frozenset("INMmYTcdRZDkao")
_WORD = re.compile(r"[^\W\d_]+")


@functools.cache
def _function_words() -> dict[str, frozenset[str]]:
    return {
        language: frozenset(w for w, e in lexicon(language).words.items() if e.tag in _FUNCTION)
        for language in LANGUAGES
    }


def spoken(lowered: str) -> str:
    """The language whose function words open a text most often; English where none does."""
    words = _WORD.findall(lowered[: 8 * OPENING])[:OPENING]
    best, most = ENGLISH, 0
    for language, known in _function_words().items():
        count = sum(word in known for word in words)
        if count > most:
            best, most = language, count
    return best


@functools.cache
def unspaced_words() -> dict[str, Word]:
    """The words of Chinese, Japanese and Korean."""
    return dict(entries((FOLDER / f"{UNSPACED}.txt").read_text(encoding="utf-8")))
