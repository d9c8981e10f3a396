"""Which language's words a text is read with, and the languages that write no blanks."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Collection
from itertools import chain, repeat

from .lexicon import FOLDER, LANGUAGES, Word, entries, lexicon

ENGLISH = "en"
UNSPACED = "cjk"
OPENING = 80
"""Words of a text that tell its language."""
MARGIN = 2
"""By how many words of its opening an English text may be more like another language."""
_FUNCTION = frozenset("INMmYTcdRZDkao")
_WORD = re.compile(r"[^\W\d_]+")


@functools.cache
def _homes() -> dict[str, tuple[str, ...]]:
    """The languages of every word that tells one: none is told by a word that English shares."""
    words = {c: {w: e for w, e in lexicon(c).words.items() if e.tag != "S" and len(w) > 1} for c in LANGUAGES}
    english = words[ENGLISH]
    abroad = {w for c in LANGUAGES[1:] for w, e in words[c].items() if e.tag in _FUNCTION}
    homes: dict[str, tuple[str, ...]] = {w: (ENGLISH,) for w in english if w not in abroad}
    for language in LANGUAGES[1:]:
        for word, entry in words[language].items():
            if entry.tag in _FUNCTION or word not in english:
                homes[word] = (*homes.get(word, ()), language)
    return homes


def spoken(lowered: str, marked: Collection[str]) -> str | None:
    """The language that a text is read with; None where it is in one whose words it does not hold.

    Args:
        lowered: The text in lower case.
        marked: The languages that it holds telling words of.
    """
    words = _WORD.findall(lowered[: 8 * OPENING])[:OPENING]
    counts = Counter(chain.from_iterable(map(_homes().get, words, repeat(()))))
    best = max((c for c in LANGUAGES if c in marked), key=lambda c: counts[c], default=None)
    spare = MARGIN if best == ENGLISH else 0
    if best is None or max(counts.values(), default=0) > counts[best] + spare:
        return None
    return best


@functools.cache
def unspaced_words() -> dict[str, Word]:
    """The words of Chinese, Japanese and Korean."""
    return dict(entries((FOLDER / f"{UNSPACED}.txt").read_text(encoding="utf-8")))
