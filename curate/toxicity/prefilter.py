"""Which texts have a word that could matter: one pass over each, so that few are read closely."""

from __future__ import annotations

import functools
import re

from ..literals import Literals
from .disguise import SENSITIVE, ordinary, short_slips, slips, unstarred
from .languages import ENGLISH, UNSPACED, unspaced_words
from .lexicon import LANGUAGES, Word, lexicon

WORD, GROUP, DISGUISE = "word", "group", "disguise"
MIN_SUBSTRING, MIN_PLAIN, MIN_PHRASE, MIN_FOREIGN = 4, 0.04, 0.1, 0.25
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
    groups = {GROUP: _english_groups(), WORD: _english_words(), UNSPACED: set(unspaced_words())}
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


def _english_words() -> set[str]:
    """Words that tell by themselves, slips of them, and threats to a person."""
    known = lexicon(ENGLISH)
    telling = {w for w, e in known.all() if _tells(e)}
    found = {form for word in telling for form in _loosest(word)}
    found |= {
        f" {w} {them} " for w, e in known.all() if e.tag == "V" for them in ("you", "him", "her", "them")
    }
    strong = {w for w in telling if w in known.words and _is_strong(known.words[w])}
    return found | {f" {slip} " for slip, word in slips().items() if word in strong}


def _tells(word: Word) -> bool:
    least = MIN_PLAIN if word.tag in "ECFBx" else MIN_PHRASE
    return word.tag in "SsuL" or word.plain >= least


def _is_strong(word: Word) -> bool:
    """Whether a slip of the word is worth a close look."""
    return word.tag in "SsuHQ" or word.plain >= MIN_FOREIGN


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
        `WORD`, `GROUP` or `DISGUISE` of English, the codes of other languages, `UNSPACED`; empty for nothing.
    """
    plain = f" {lowered.encode('utf-8', 'replace').translate(_TABLE).decode('utf-8', 'replace')} "
    hits = _literals().found(plain)
    if not hits and (("*" in plain and unstarred(plain) != plain) or _SPACED.search(plain)):
        return frozenset((DISGUISE,))
    return hits
