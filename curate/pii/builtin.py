"""The detector that ships with the package: patterns, check digits and words around, behind a quick look."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from ..literals import Literals
from . import addresses, contacts, labelled, names, network, payment, phones, secrets
from .national import national_ids
from .spans import Span, without_overlaps
from .windows import LETTERED, RUN, windows_of

_TRIGGERS = Literals(
    {
        **secrets.LITERALS,
        secrets.ASSIGNED: secrets.ASSIGNED_LITERALS,
        "password": secrets.PASSWORD_LITERALS,
        "address": addresses.LITERALS,
        "birth": labelled.BIRTH_LITERALS,
        "labelled": tuple({literal for one in labelled.LABELLED for literal in one.literals}),
        "email": ("@", "[at]", "(at)", "{at}", " dot "),
        "login": ("://",),
        "username": (
            *(
                "linkedin.com/in/",
                "facebook.com/",
                "twitter.com/",
                "x.com/",
                "instagram.com/",
                "tiktok.com/@",
                "t.me/",
            ),
            *(
                "username",
                "user name",
                "handle",
                "skype",
                "discord",
                "telegram",
                "instagram",
                "snapchat",
                "gamertag",
                "screen name",
                "userid",
            ),
        ),
        "wallet": ("bitcoin", "btc", "wallet", "0x", "crypto", "bc1", "usdt", "monero", "litecoin", "donat"),
    }
)


class BuiltinDetector:
    """Finds the kinds of `spans.FAMILIES`.

    Args:
        names: Whether names of people are looked for as well.
    """

    def __init__(self, *, names: bool = False) -> None:
        self.names = names

    def find(self, text: str) -> list[Span]:
        """The spans of a text, sorted, none over another."""
        if not self.names and not may_hold(text.lower(), text):
            return []
        spans = itertools.chain(
            _of_literals(text, _TRIGGERS.found(text.lower())),
            _of_numbers(text),
            _of_hex(text) if network.may_hold_hex(text) else (),
            names.names(text) if self.names else (),
        )
        return without_overlaps(spans)


_WITH_DIGITS = frozenset({"address", "birth", "labelled"})
_ADDRESS = frozenset({"address"})
_DIGIT = re.compile(r"[0-9]")


def may_hold(lowered: str, text: str) -> bool:
    """Whether anything but a name can be in a text: the quick look that most rows end with."""
    hits = _TRIGGERS.found(lowered)
    if not hits <= _WITH_DIGITS:
        return True
    if _DIGIT.search(text) is None:
        return False
    if RUN.search(text) or LETTERED.search(text) or network.may_hold_hex(text):
        return True
    return addresses.may_hold_number(text) if hits == _ADDRESS else bool(hits)


def _of_literals(text: str, hits: frozenset[str]) -> Iterator[Span]:
    if "email" in hits:
        yield from contacts.emails(text)
        yield from contacts.spelled_emails(text)
    if "login" in hits and "@" in text:
        yield from contacts.logins(text)
    if "username" in hits:
        yield from contacts.usernames(text)
    yield from secrets.known_secrets(text, hits)
    if secrets.ASSIGNED in hits:
        yield from secrets.assigned_secrets(text)
    if "password" in hits:
        yield from secrets.passwords(text)
    if "wallet" in hits:
        yield from payment.wallets(text)
    if hits & _WITH_DIGITS and _DIGIT.search(text):
        yield from _of_labels(text, hits)


def _of_labels(text: str, hits: frozenset[str]) -> Iterator[Span]:
    if "birth" in hits:
        yield from labelled.births(text)
    if "labelled" in hits:
        yield from labelled.labelled(text, text.lower())
    if "address" in hits:
        yield from addresses.addresses(text)


def _of_numbers(text: str) -> Iterator[Span]:
    windows = windows_of(text)
    if not windows:
        return
    yield from payment.cards(text, windows)
    yield from payment.ibans(text, windows)
    yield from national_ids(text, windows)
    yield from network.ipv4(text, windows)
    yield from phones.phones(text, windows)


def _of_hex(text: str) -> Iterator[Span]:
    yield from network.ipv6(text)
    yield from network.mac_addresses(text)
