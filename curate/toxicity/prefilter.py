"""Which texts have a word that could matter: one pass over each, so that few are read closely."""

from __future__ import annotations

import functools
import re

from ..literals import Literals
from .disguise import SENSITIVE, ordinary, short_slips, slips, unstarred
from .languages import ENGLISH, UNSPACED, unspaced_words
from .lexicon import LANGUAGES, lexicon

WORD, FOUL, GROUP, DISGUISE = "word", "foul", "group", "disguise"
MIN_SUBSTRING, MIN_PLAIN, MIN_PHRASE, MIN_FOREIGN = 4, 0.04, 0.1, 0.25
GLUED = "people person persons men women lives throats neck guys girls boys kids".split()
_MILD = frozenset((FOUL,))
_SPACED = re.compile(r" \w \w \w ")
_TABLE = bytes(
    {48: 111, 49: 105, 51: 101, 52: 97, 53: 115, 55: 116, 64: 97, 36: 115}.get(
        c, c if c >= 128 or chr(c).isalnum() or c in b"*#" else 32
    )
    for c in range(256)
)


@functools.cache
def _literals() -> Literals:
    words = _english_words()
    groups = {GROUP: _english_groups(), **words, UNSPACED: set(unspaced_words())}
    for language in LANGUAGES[1:]:
        groups[language] = {
            f" {word} "
            for word, entry in lexicon(language).all()
            if entry.tag in "GS" or (entry.plain >= MIN_FOREIGN and entry.tag in SENSITIVE)
        }
    return Literals(groups)


def _english_groups() -> set[str]:
    """Names of groups, also glued to a person, and slips of them."""
    known = lexicon(ENGLISH)
    people = [w for w, e in known.words.items() if e.tag == "p"]
    names = [w for w, e in known.all() if e.tag in "Gg"]
    found = {form for name in names for form in _loosest(name)}
    found |= {f" {name}{person} " for name in names for person in GLUED}
    found |= {f" {w} {person} " for w, e in known.words.items() if e.tag == "b" for person in people}
    found |= {f" {slip} {person} " for slip in short_slips() for person in GLUED}
    return found | {f" {slip} " for slip, word in slips().items() if known.words[word].tag in "Gg"}


def _english_words() -> dict[str, set[str]]:
    """Hateful words with threats to a person, and merely foul words; slips of both."""
    known = lexicon(ENGLISH)
    found: dict[str, set[str]] = {WORD: set(), FOUL: set()}
    for spelled, word in known.all():
        if word.tag in "SsuL":
            found[WORD] |= _loosest(spelled)
        elif word.plain >= (MIN_PLAIN if word.tag in "ECFBx" else MIN_PHRASE):
            found[FOUL] |= _loosest(spelled)
        if word.tag == "V":
            found[WORD] |= {f" {spelled} {them} " for them in ("you", "him", "her", "them")}
    for slip, spelled in slips().items():
        word = known.words[spelled]
        if word.tag in "SsuHQ" or word.plain >= MIN_FOREIGN:
            found[WORD if word.tag in "Ssu" else FOUL].add(f" {slip} ")
    return found


@functools.cache
def _usual() -> str:
    """Ordinary words between blanks, without those that tell."""
    sensitive = {w for w, e in lexicon(ENGLISH).words.items() if e.tag in SENSITIVE}
    return " " + " ".join(ordinary() - sensitive) + " "


def _loosest(word: str) -> set[str]:
    """The word with as few blanks about it as keep it out of ordinary words."""
    usual = _usual()
    if len(word) < MIN_SUBSTRING:
        return {f" {word} "}
    if word not in usual:
        return {word}
    free = {form for form in (f" {word}", f"{word} ") if form not in usual}
    return free or {f" {word} "}


def found(lowered: str) -> frozenset[str]:
    """What a text in lower case may hold, before it is read closely.

    Returns:
        `WORD`, `FOUL`, `GROUP` or `DISGUISE` of English, codes of other languages, `UNSPACED`; empty where
        there is nothing.
    """
    plain = f" {lowered.encode('utf-8', 'replace').translate(_TABLE).decode('utf-8', 'replace')} "
    hits = _literals().found(plain)
    if hits <= _MILD and (_SPACED.search(plain) or ("*" in plain and unstarred(plain) != plain)):
        return hits | {DISGUISE}
    return hits
