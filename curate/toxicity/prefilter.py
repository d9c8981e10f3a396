"""Which texts have a word that could matter: one pass over each, so that few are read closely."""

from __future__ import annotations

import functools
import re

from ..literals import Literals
from .disguise import SENSITIVE, ordinary, short_slips, slips, unstarred
from .lexicon import lexicon

MIN_SUBSTRING, MIN_PLAIN = 4, 0.1
GLUED = "people person persons men women lives throats neck guys girls boys kids".split()
_SPACED = re.compile(r" \w \w \w ")
_TABLE = bytes(
    {48: 111, 49: 105, 51: 101, 52: 97, 53: 115, 55: 116, 64: 97, 36: 115}.get(
        c, c if c >= 128 or chr(c).isalnum() or c in b"*#" else 32
    )
    for c in range(256)
)


@functools.cache
def _literals() -> Literals:
    words = {w: e for w, e in lexicon("en").all() if e.tag in SENSITIVE}
    people = [w for w, e in lexicon("en").words.items() if e.tag == "p"]
    usual = " " + " ".join(ordinary() - set(words)) + " "
    found: dict[str, set[str]] = {"word": set(), "group": set()}
    for word, entry in words.items():
        if entry.tag in "Gg":
            found["group"] |= _loosest(word, usual)
            found["group"] |= {f" {word}{person} " for person in GLUED}
        elif entry.plain >= MIN_PLAIN or entry.tag in "SsuL":
            found["word"] |= _loosest(word, usual)
        if entry.tag == "V":
            found["word"] |= {f" {word} {them} " for them in ("you", "him", "her", "them")}
    bare = [w for w, e in lexicon("en").words.items() if e.tag == "b"]
    found["group"] |= {f" {a} {person} " for a in bare for person in people}
    found["group"] |= {f" {slip} {person} " for slip in short_slips() for person in GLUED}
    for slip, word in slips().items():
        entry = lexicon("en").words[word]
        if entry.tag in "Gg" or entry.plain >= MIN_PLAIN:
            found["group" if entry.tag in "Gg" else "word"].add(f" {slip} ")
    return Literals(found)


def _loosest(word: str, usual: str) -> set[str]:
    """The word with as few blanks about it as keep it out of ordinary words."""
    if len(word) < MIN_SUBSTRING:
        return {f" {word} "}
    if word not in usual:
        return {word}
    free = {form for form in (f" {word}", f"{word} ") if form not in usual}
    return free or {f" {word} "}


def found(lowered: str) -> frozenset[str]:
    """What a text in lower case may hold: `word`, `group` or `disguise`; empty where the grammar finds nothing."""
    plain = f" {lowered.encode('utf-8', 'replace').translate(_TABLE).decode('utf-8', 'replace')} "
    hits = _literals().found(plain)
    if not hits and (("*" in plain and unstarred(plain) != plain) or _SPACED.search(plain)):
        return frozenset(("disguise",))
    return hits
