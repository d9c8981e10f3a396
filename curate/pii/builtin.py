"""The detector that ships with the package: patterns, check digits and the words around, behind one quick look."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from ..literals import Literals
from . import addresses, contacts, labelled, names, network, payment, phones, secrets
from .national import national_ids
from .spans import Span, without_overlaps
from .windows import RUN, windows_of

_TRIGGERS = Literals(
    {
        "known": secrets.LITERALS,
        "assigned": secrets.ASSIGNED_LITERALS,
        "password": secrets.PASSWORD_LITERALS,
        "address": addresses.LITERALS,
        "birth": labelled.BIRTH_LITERALS,
        "labelled": tuple({literal for one in labelled.LABELLED for literal in one.literals}),
        "email": ("@", "[at]", "(at)", "{at}", " dot "),
        "login": ("://",),
        "username": (
            *("linkedin.com/in/", "facebook.com/", "twitter.com/", "x.com/", "instagram.com/", "tiktok.com/@", "t.me/"),
            *("username", "user name", "handle", "skype", "discord", "telegram", "gamertag", "screen name", "userid"),
        ),
        "wallet": ("bitcoin", "btc", "wallet", "0x", "crypto", "bc1", "usdt", "monero", "litecoin", "donat"),
    }
)
_DIGITS = "0123456789"


class BuiltinDetector:
    """Finds the kinds of `spans.FAMILIES`.

    Args:
        names: Whether names of people are looked for as well.
    """

    def __init__(self, *, names: bool = False) -> None:
        self.names = names

    def find(self, text: str, lowered: str | None = None) -> list[Span]:
        """The spans of a text, sorted, none over another.

        Args:
            text: The text.
            lowered: The same in lower case, where that is at hand.
        """
        hits = _TRIGGERS.found(text.lower() if lowered is None else lowered)
        numbers = RUN.search(text) is not None
        if not (hits or numbers or self.names) and text.count(":") < 5 and text.count("-") < 5:
            return []
        spans = itertools.chain(
            _of_literals(text, hits),
            _of_numbers(text) if numbers else (),
            _of_hex(text),
            names.names(text) if self.names else (),
        )
        return without_overlaps(spans)


def may_hold(lowered: str, text: str) -> bool:
    """Whether anything but a name can be in a text: the quick look that most rows end with."""
    hits = _TRIGGERS.found(lowered)
    return bool(hits) or RUN.search(text) is not None or text.count(":") >= 5 or text.count("-") >= 5


def _of_literals(text: str, hits: frozenset[str]) -> Iterator[Span]:
    if "email" in hits:
        yield from contacts.emails(text)
        yield from contacts.spelled_emails(text)
    if "login" in hits and "@" in text:
        yield from contacts.logins(text)
    if "username" in hits:
        yield from contacts.usernames(text)
    if "known" in hits or "assigned" in hits:
        yield from secrets.known_secrets(text)
    if "assigned" in hits:
        yield from secrets.assigned_secrets(text)
    if "password" in hits:
        yield from secrets.passwords(text)
    if "wallet" in hits:
        yield from payment.wallets(text)
    if any(digit in text for digit in _DIGITS):
        yield from _of_labels(text, hits)


def _of_labels(text: str, hits: frozenset[str]) -> Iterator[Span]:
    if "birth" in hits:
        yield from labelled.births(text)
    if "labelled" in hits:
        yield from labelled.labelled(text, text.lower())
    if "address" in hits:
        yield from addresses.addresses(text)


def _of_numbers(text: str) -> Iterator[Span]:
    windows: Sequence[tuple[int, int]] = windows_of(text)
    yield from payment.cards(text, windows)
    yield from payment.ibans(text, windows)
    yield from national_ids(text, windows)
    yield from network.ipv4(text, windows)
    yield from phones.phones(text, windows)


def _of_hex(text: str) -> Iterator[Span]:
    colons, hyphens = text.count(":"), text.count("-")
    if colons >= 2:
        yield from network.ipv6(text)
    if colons >= 5 or hyphens >= 5:
        yield from network.mac_addresses(text)
