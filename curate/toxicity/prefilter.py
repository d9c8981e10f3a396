"""Which texts have a word that could matter: one pass over each, so that few are read closely."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence

import numpy as np
from ahocorasick_rs import BytesAhoCorasick, Implementation

from .disguise import SENSITIVE, ordinary, short_slips, slips, unstarred
from .languages import ENGLISH, UNSPACED, unspaced_words
from .lexicon import LANGUAGES, lexicon

WORD, FOUL, GROUP, DISGUISE = "word", "foul", "group", "disguise"
MIN_SUBSTRING, MIN_PLAIN, MIN_PHRASE, MIN_FOREIGN = 4, 0.04, 0.1, 0.25
GLUED = "people person persons men women lives throats neck guys girls boys kids".split()
_MILD = frozenset((FOUL,))
_SPACED = re.compile(r" \w \w \w ")
MAX_BYTES, FIRST_OF_SEVERAL = 4, 0xC2
"""Of a character in UTF-8."""
_TABLE = bytes(
    {48: 111, 49: 105, 51: 101, 52: 97, 53: 115, 55: 116, 64: 97, 36: 115}.get(
        c, c if c >= 128 or chr(c).isalnum() or c in b"*#" else 32
    )
    for c in range(256)
)


_BORDER = b" \xff "
"""Between two texts: no literal has the byte in the middle, nor has UTF-8."""


class _Literals:
    """Literals of a name each, all looked for at once.

    A compact automaton: a table of every transition would be read in 1.6 microseconds for 500 characters
    instead of 4.1, and take 53 megabytes a process instead of 5.
    """

    def __init__(self, groups: dict[str, set[str]]) -> None:
        owners: dict[bytes, list[str]] = {}
        for name, literals in groups.items():
            for literal in literals:
                owners.setdefault(literal.encode(), []).append(name)
        self._owners = [frozenset(names) for names in owners.values()]
        self._automaton = BytesAhoCorasick(list(owners), implementation=Implementation.ContiguousNFA)

    def found(self, buffer: bytes) -> Iterator[tuple[int, frozenset[str]]]:
        """Where a literal begins, in bytes, and the names it stands under."""
        for literal, start, _ in self._automaton.find_matches_as_indexes(buffer, overlapping=True):
            yield start, self._owners[literal]


@functools.cache
def _literals() -> _Literals:
    words = _english_words()
    groups: dict[str, set[str]] = {GROUP: _english_groups(), **words, UNSPACED: set(unspaced_words())}
    for language in LANGUAGES[1:]:
        groups[language] = {
            f" {word} "
            for word, entry in lexicon(language).all()
            if entry.tag in "GS" or (entry.plain >= MIN_FOREIGN and entry.tag in SENSITIVE)
        }
    return _Literals(groups)


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
    """Ordinary words each between blanks, without those that tell; two together never look like a phrase."""
    sensitive = {w for w, e in lexicon(ENGLISH).words.items() if e.tag in SENSITIVE}
    return " " + "  ".join(sorted(ordinary() - sensitive)) + " "


def _loosest(word: str) -> set[str]:
    """The word with as few blanks about it as keep it out of ordinary words."""
    usual = _usual()
    if len(word) < MIN_SUBSTRING:
        return {f" {word} "}
    if word not in usual:
        return {word}
    free = {form for form in (f" {word}", f"{word} ") if form not in usual}
    return free or {f" {word} "}


def found(lowered: Sequence[str]) -> list[frozenset[str]]:
    """What each of some texts in lower case may hold, before it is read closely.

    Returns:
        `WORD`, `FOUL`, `GROUP` or `DISGUISE` of English, codes of other languages, `UNSPACED`; empty where
        there is nothing.
    """
    nothing: frozenset[str] = frozenset()
    marks = [nothing] * len(lowered)
    if not lowered:
        return marks
    buffer = _BORDER.join([text.encode("utf-8", "replace") for text in lowered]).translate(_TABLE)
    buffer = b" " + buffer + b" "
    codes = np.frombuffer(buffer, np.uint8)
    borders = np.flatnonzero(codes == _BORDER[1])
    hits = list(_literals().found(buffer))
    for text, (_, names) in zip(np.searchsorted(borders, [start for start, _ in hits]), hits, strict=True):
        marks[text] |= names
    odd = np.searchsorted(borders, np.concatenate((_spelled(codes), _starred(codes))))
    for text in map(int, np.unique(odd)):
        if marks[text] <= _MILD and _is_disguised(lowered[text]):
            marks[text] |= {DISGUISE}
    return marks


def _spelled(codes: np.ndarray) -> np.ndarray:
    """Where three single characters may stand between blanks, in bytes."""
    blanks = np.flatnonzero(codes == ord(" "))
    lengths = np.diff(blanks) - 1
    single = (lengths == 1) | (
        (lengths > 1) & (lengths <= MAX_BYTES) & (codes[blanks[:-1] + 1] >= FIRST_OF_SEVERAL)
    )
    return blanks[:-3][single[:-2] & single[1:-1] & single[2:]]


def _starred(codes: np.ndarray) -> np.ndarray:
    """Where a star stands after a letter, in bytes."""
    stars = np.flatnonzero((codes == ord("*")) | (codes == ord("#")))
    before = codes[stars - 1]
    return stars[(before >= ord("a")) & (before <= ord("z"))]


def _is_disguised(lowered: str) -> bool:
    """Whether single letters stand in a row, or a star hides a letter of a known word."""
    plain = f" {lowered.encode('utf-8', 'replace').translate(_TABLE).decode('utf-8', 'replace')} "
    return _SPACED.search(plain) is not None or ("*" in plain and unstarred(plain) != plain)
