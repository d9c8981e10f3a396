"""Forms of one word, and words that are one another's opposite."""

from __future__ import annotations

import unicodedata

_PREFIXES = (
    "dis",
    "un",
    "in",
    "im",
    "ir",
    "il",
    "non",
    "de",
    "mis",
    "anti",
    "counter",
    "over",
    "under",
    "out",
)
_OPPOSITES = (
    ("en", "de"),
    ("in", "de"),
    ("in", "ex"),
    ("im", "ex"),
    ("as", "des"),
    ("syn", "ant"),
    ("pre", "post"),
)
_OPPOSITES += (("max", "min"), ("macro", "micro"), ("hyper", "hypo"), ("inter", "intra"), ("intro", "extra"))
_OPPOSITES += (
    ("intro", "extro"),
    ("homo", "hetero"),
    ("mono", "poly"),
    ("up", "down"),
    ("for", "back"),
    ("pro", "anti"),
)
_OPPOSITES += (
    ("con", "di"),
    ("con", "de"),
    ("a", "de"),
    ("ac", "de"),
    ("e", "im"),
    ("over", "under"),
    ("out", "in"),
)
_ENDINGS = frozenset(
    ("", "s", "es", "d", "ed", "ing", "ly", "'s", "er", "n", "r", "e", "al", "ally", "'", "y", "ies", "ment")
)
_SPELLINGS = (("our", "or"), ("ise", "ize"), ("isa", "iza"), ("isi", "izi"), ("yse", "yze"), ("tre", "ter"))
_SPELLINGS += (("ogue", "og"), ("ence", "ense"), ("ll", "l"), ("ae", "e"), ("oe", "e"), ("grey", "gray"))


def same_word(x: str, y: str) -> bool:
    """Whether two words are forms of one: plural, tense, British or American, with or without accents."""
    stem = 0
    while stem < min(len(x), len(y)) and x[stem] == y[stem]:
        stem += 1
    if stem >= 3 and x[stem:] in _ENDINGS and y[stem:] in _ENDINGS:
        return True
    if not (x.isascii() and y.isascii()) and _bare(x) == _bare(y):
        return True
    return any(x.replace(a, b) == y.replace(a, b) for a, b in _SPELLINGS)


def _bare(word: str) -> str:
    """A word without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def opposite_prefix(x: str, y: str) -> bool:
    """Whether one word is the other with a prefix that turns it round, or both have different ones."""
    if any(p + x == y or p + y == x for p in _PREFIXES):
        return True
    return any(
        x.startswith(p) and y.startswith(q) and len(x) - len(p) >= 4 and x[len(p) :] == y[len(q) :]
        for a, b in _OPPOSITES
        for p, q in ((a, b), (b, a))
    )
