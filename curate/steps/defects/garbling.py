"""Characters and letters that nobody wrote: broken decoding, control characters, mash, hidden text."""

from __future__ import annotations

import re

from .base import Pair, Signal, excerpt, texts, unmarked
from .words import english_words, unlikely_letters

# UTF-8 read as Windows-1252 or Latin-1: a lead byte, then continuation bytes, as those code pages show them.
_CONT = (
    "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014"
    "\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122\ufffd]"
)
_MOJIBAKE = re.compile(
    f"[ÂÃÅÄ]{_CONT}|â[€„‚\u0080\u0082\u0084]{_CONT}?|ï»¿|ï¿½|ð[Ÿ\u009f]{_CONT}|[ÐÑ]{_CONT}[ÐÑ ]|"
    f"[åæçèé]{_CONT}{{2}}|Ø{_CONT}Ù|Ù{_CONT}Ø|"
    "(?:[РС][\u0400-\u040f\u0450-\u045f\u00a0-\u00bb\u2013-\u203a\u20ac\u2116\u2122]){2}|锟斤拷|烫烫烫|"
    "屯屯屯|"
    "鈥[檚檛攄渢湶渰]|â��|\ufffd"
)
_LEGIT = re.compile(
    "[ÂÃÅÄ][\u00ab\u00bb\u2013\u2014\u2018-\u201e\u2026]"
)  # a capital before a quotation mark or a dash
_LOST = re.compile(r"(?<=[a-z])\?(?=[a-z])")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f\u0080-\u0084\u0086-\u009f]")
_STRANGE = re.compile(
    "[\ufffd\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f\u0080-\u0084\u0086-\u009f\ue000-\uf8ff\U000f0000-\U0010fffd]"
)
_HIDDEN = re.compile(
    "[\u202a\u202b\u202d\u202e\u2066-\u2068]|[\U000e0000-\U000e007f]{2}|"
    "[\u200b\u2060-\u2064\ufeff\u00ad\u200c\u200d\u180e\u3164\uffa0\U000e0100-\U000e01ef]{3}|"
    "[\u200b\u2060\ufeff\u180e\u3164]"
)
_ZERO_WIDTH = "\u200b\u2060\ufeff\u180e\u3164"
_LETTERS = re.compile(r"[a-z]+")
_NO_PROSE = re.compile(
    r"\b(?:base ?64|hash\w*|encrypt\w*|cipher\w*|encod\w*|decod\w*|passwor[dt]\w*|random|scrambl\w*|"
    r"anagram|gibberish|hex\w*|dna|protein|morse|uuid|keys?|rot13|"
    r"caesar|unscramble|smiles|fen|crypto\w*|combinations?|permutations?|letters|translat\w*)\b",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[(){}=<>+/*#&_]|\d")
MASH_LETTERS = 20
MASH = -3.6
FEW_LETTERS = 10  # different ones among 40 or more; prose has twice as many


def _garbled(pair: Pair) -> str | None:
    for name, text in (("", pair.response), (" in the prompt", pair.prompt)):
        if text.isascii():
            continue
        found = [m for m in _MOJIBAKE.findall(text) if not _LEGIT.fullmatch(m)]
        if found and not (name == "" and found[0] in pair.prompt):
            return f"{len(found)} broken characters{name}, such as {found[0]!r}"
    return _lost_characters(pair)


def _lost_characters(pair: Pair) -> str | None:
    if pair.response.count("?") < 2 or "http" in pair.lower or pair.asks_code:
        return None
    found = [m.start() for m in _LOST.finditer(pair.response)]
    return (
        f"question marks inside words: {excerpt(pair.response, max(found[0] - 12, 0), 30)}"
        if len(found) >= 2
        else None
    )


def _unreadable(pair: Pair) -> str | None:
    text = pair.response
    if "\ufffd" not in text and (
        pair.lower.replace("\n", " ").isprintable() or all(map(str.isprintable, pair.words))
    ):
        return None
    found = len(_STRANGE.findall(text))
    return (
        f"{found} of {len(text)} characters are unreadable"
        if found >= 2 and found > 0.02 * len(text)
        else None
    )


def _control(pair: Pair) -> str | None:
    found = _CONTROL.search(pair.response)
    return (
        f"U+{ord(found.group()):04X} {excerpt(pair.response, max(found.start() - 12, 0), 30)}"
        if found
        else None
    )


def _hidden(pair: Pair) -> str | None:
    for name, text in (("answer", pair.response), ("prompt", pair.prompt)):
        if text.isascii():
            continue
        for found in _HIDDEN.finditer(text):
            near = text[max(found.start() - 2, 0) : found.end() + 2]
            mark = found.group()[0]
            if mark in _ZERO_WIDTH and not _suspicious(text, found.start(), near):
                continue
            return f"U+{ord(mark):04X} in the {name}"
    return None


def _suspicious(text: str, place: int, near: str) -> bool:
    """Whether a zero-width character is one that a script or an emoji does not need."""
    if place in (0, len(text) - 1) or not all(c.isascii() or c in _ZERO_WIDTH for c in near):
        return False
    before, after = text[place - 1], text[place + 1]
    return before.isalpha() and after.isalpha()


def _gibberish(pair: Pair) -> str | None:
    known = english_words()
    if not pair.response[:200].isascii():
        return None
    for few in (unmarked(pair.lower[:120])[:12], pair.words[-12:] if len(pair.words) > 24 else []):
        if not few or 3 * len(known.intersection([w for w in few if len(w) > 2])) >= len(few):
            continue
        part = " ".join(few)[:300]
        if _SIGNS.search(part) and (pair.asks_code or pair.is_code):
            continue
        words = _LETTERS.findall(part)
        letters = sum(map(len, words))
        if letters < MASH_LETTERS or letters < 0.5 * len(part.replace(" ", "")):
            continue
        if sum(len(w) for w in words if w in known and len(w) > 1) > 0.3 * letters:
            continue
        few_letters = letters >= 40 and len(set("".join(words))) < FEW_LETTERS
        if few_letters or unlikely_letters(part) < MASH:
            told = "```" in pair.response or _NO_PROSE.search(pair.prompt) is not None
            return None if told else excerpt(part)
    return None


_CONTROLS = tuple(
    map(chr, (*range(9), 11, *range(14, 27), *range(28, 32), 127, *range(0x80, 0x85), *range(0x86, 0xA0)))
)
_MARKS = (
    *map(
        chr,
        (
            0x200B,
            0x2060,
            0x2061,
            0x2062,
            0x2063,
            0x2064,
            0xFEFF,
            0x180E,
            0x3164,
            0xFFA0,
            0x202A,
            0x202B,
            0x202D,
            0x202E,
            0x2066,
            0x2067,
            0x2068,
        ),
    ),
    *map(chr, range(0xE0000, 0xE0080)),
    *(3 * chr(point) for point in (0xAD, 0x200C, 0x200D)),
)
_LEADS = texts("ã¦â¦å¦ä¦ð¦ñ¦ï»¿¦ï¿½¦ø¦ù¦æ¦ç¦è¦é¦�¦р°¦рѕ¦сѓ¦с‚¦рґ¦рї¦р»¦锟斤拷¦烫烫烫¦屯屯屯¦鈥")
_LOST_MARKS = ("?s ", "?t ", "?re ", "?ve ", "?ll ", "?m ", "?d ")

SIGNALS = (
    Signal(
        "unreadable",
        "More than 2 % of the answer are replacement, control or private-use characters.",
        "Twinkle TokenSoup: replacement characters above 2 %",
        True,
        _unreadable,
    ),
    Signal(
        "gibberish",
        "The answer is a row of letters without words.",
        "own: letter pairs unlike those of any word list; Twinkle TokenSoup, 'script chaos'",
        True,
        _gibberish,
    ),
    Signal(
        "garbled",
        "The text holds characters that a wrong decoding broke.",
        "ftfy heuristics (Speer 2019); U+FFFD replacement character",
        False,
        _garbled,
        (*_LEADS, *_LOST_MARKS),
        _LEADS,
    ),
    Signal(
        "control_characters",
        "The answer holds control characters.",
        "oumi analyze.quality; Unicode general category Cc",
        False,
        _control,
        _CONTROLS,
    ),
    Signal(
        "hidden_text",
        "Invisible characters hide or reorder text.",
        "Boucher and Anderson 2023, Trojan Source; Unicode TR 36 and UTS 39",
        False,
        _hidden,
        _MARKS,
        _MARKS,
    ),
)
