"""The places of a text where a number of six digits or more stands: numbers are looked for nowhere else."""

from __future__ import annotations

import re
from collections.abc import Sequence

Window = tuple[int, int]

RUN = re.compile(r"[0-9](?:[ \u00a0().,/\u2010-\u2013-]{0,3}[0-9]){5,}")
"""Digits with usual separators."""

LETTERED = re.compile(r"[0-9][0-9](?:[0-9]{2}[A-Z](?![A-Z0-9])|[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z])")
"""The tail of an alphanumeric number such as India's or Italy's."""

_SUMS = re.compile(r"(?:what(?:'s| is)|calculate|compute|evaluate|solve|subtract|minus)\s*$", re.IGNORECASE)
_GOODS = re.compile(
    r"\b(?:order|part|model|item|sku|isbn|issn|tracking|invoice|product|serial|ticket|case|ref(?:erence)"
    r"?|version|"
    r"batch|lot|article|patent|doi|commit|bestellnummer|commande|pedido|shipment|parcel|booking|"
    r"transaction|build)"
    r"\b(?:[ \w.#:'-]{0,14}|[ \w.#:'-]{0,6}\b(?:number|no|id|code|nr)\b[ .:#is]{0,6})$",
    re.IGNORECASE,
)


def names_a_thing(text: str, start: int) -> bool:
    """Whether the words right before a number say that it counts, orders or sells something."""
    before = text[max(0, start - 40) : start]
    return bool(_SUMS.search(before) or _GOODS.search(before))


def windows_of(text: str) -> Sequence[Window]:
    """Where numbers stand, each with the word before it and the word after it, on its line."""
    found: list[Window] = []
    for run in sorted((*RUN.finditer(text), *LETTERED.finditer(text)), key=lambda r: r.start()):
        low, high = _word_before(text, _word_before(text, run.start())), _word_after(text, run.end())
        if found and low <= found[-1][1]:
            low = min(low, found.pop()[0])
        found.append((low, high))
    return found


def _word_before(text: str, at: int) -> int:
    """The start of the word that ends before a place."""
    while at and text[at - 1] == " ":
        at -= 1
    while at and not text[at - 1].isspace():
        at -= 1
    return at


def _word_after(text: str, at: int) -> int:
    """The end of the word after the one that a place lies in."""
    end = len(text)
    for _ in range(2):
        while at < end and text[at] == " ":
            at += 1
        while at < end and not text[at].isspace():
            at += 1
    return at
