"""Texts of rows as a terminal may show them: nothing acts on the terminal, nothing runs on for ever."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import zip_longest

WIDTH = 100
"""Columns of the lines that people read."""
JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    """The text with every control, direction and format character written out, line ends and tabs apart."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character == "\n" or character in JOINERS:
        return character
    if character == "\t":
        return "    "
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return character.encode("unicode_escape").decode("ascii")
    return character


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, with a note of how many there are."""
    if len(text) <= limit:
        return visible(text)
    return f"{visible(text[:limit].rstrip())} … ({len(text):,} characters, {limit:,} shown)"


def columns_of(text: str) -> int:
    """How many columns a line takes on a terminal."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    marks = sum(unicodedata.combining(c) > 0 for c in text)
    return len(text) + wide - marks


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, broken at spaces where there are any."""
    return [line for paragraph in text.split("\n") for line in _wrapped(paragraph, width)]


def _wrapped(paragraph: str, width: int) -> Iterator[str]:
    line = ""
    for word in paragraph.split(" "):
        joined = f"{line} {word}" if line else word
        if columns_of(joined) <= width:
            line = joined
            continue
        if line:
            yield line
        line = word
        while columns_of(line) > width:
            cut = _fitting(line, width)
            yield line[:cut]
            line = line[cut:]
    yield line


def _fitting(text: str, width: int) -> int:
    """How many characters fit into `width` columns; at least one."""
    taken = 0
    for i, character in enumerate(text):
        taken += columns_of(character)
        if taken > width and i:
            return i
    return len(text)


def side_by_side(left: str, right: str, *, width: int) -> list[str]:
    """Two texts in two columns of one table that is `width` columns wide."""
    half = (width - 3) // 2
    pairs = zip_longest(wrap(left, half), wrap(right, half), fillvalue="")
    return [f"{a}{' ' * (half - columns_of(a))} | {b}".rstrip() for a, b in pairs]


def changed_part(before: str, after: str, *, around: int) -> tuple[str, str]:
    """The parts of two texts where they differ, with a few characters around them."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return _window(before, start, end, around), _window(after, start, end, around)


def _window(text: str, start: int, end: int, around: int) -> str:
    first = max(0, start - around)
    last = min(len(text), len(text) - end + around)
    return ("… " if first else "") + text[first:last] + (" …" if last < len(text) else "")
