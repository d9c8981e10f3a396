"""Kinds of values that are nobody's because of what the whole conversation is about."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PASSWORDS = re.compile(
    r"generat|random|strong password|suggest|secure password|create a (?:new )?password|hash|encrypt|validat",
    re.IGNORECASE,
)
_PLACES = re.compile(
    r"restaurant|cuisine|price[_ ]range|\bhotels?\b|\bmuseum|\bratings?\b|tourist|"
    r"sightseeing|餐厅|酒店|博物馆",
    re.IGNORECASE,
)
_HOMES = re.compile(
    r"\bmy (?:home|house|address|place|new)\b|\bi live|\blive[sd]? at|\bship|deliver|\bmoved? to|billing|"
    r"\bcustomer|\bresid|\bpatient|\bguest\b|account",
    re.IGNORECASE,
)


def nobodys(texts: Iterable[str], kinds: Iterable[str]) -> frozenset[str]:
    """Of some kinds, those whose values are nobody's in a conversation with these texts.

    A password is, where passwords are made, checked or encrypted. An address is, where places are looked for
    that everybody may visit and nobody's home and no order is spoken of.
    """
    whole = "\n".join(texts)
    found = set(kinds)
    left = {"password"} if "password" in found and _PASSWORDS.search(whole) else set()
    if "address" in found and _PLACES.search(whole) and not _HOMES.search(whole):
        left.add("address")
    return frozenset(left)
