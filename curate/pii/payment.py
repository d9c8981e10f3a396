"""Cards, bank accounts and wallets: check digits first, so that order numbers stay."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

from .checksums import digits_of, luhn, mod97
from .spans import Span
from .windows import Window, names_a_thing

_CARD = re.compile(r"(?<![A-Za-z0-9_.,+/=-])\d(?:[ -]?\d){11,18}(?![A-Za-z0-9_/=]|-\w|[.,]\d)")
_CARD_WORDS = re.compile(
    r"\bcards?\b|credit|debit|\bcc\b|visa|master|amex|american express|maestro|karte|carte|tarjeta|"
    r"carta\b|cartão",
    re.IGNORECASE,
)
_GROUPED = re.compile(
    r"(?<![A-Za-z0-9_.,+/=-])(?:\d{12,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{2,4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}"
    r"\2\d{4,5})"
    r"(?![A-Za-z0-9_/=]|-\w|[.,]\d)"
)
PUBLISHED_CARDS = frozenset(
    """4111111111111111 4242424242424242 4012888888881881 4222222222222 4000056655665556 5555555555554444
    5105105105105100 5200828282828210 2223003122003222 378282246310005 371449635398431 378734493671000
    6011111111111117 6011000990139424 30569309025904 38520000023237 3056930009020004 3566002020360505
    3530111333300000 4000000000000002 4917610000000000 5425233430109903""".split()
)
"""Numbers that payment services print in their manuals; nobody's."""

_ISSUERS: tuple[tuple[int, int, frozenset[int]], ...] = (
    (4, 4, frozenset({16})),
    (51, 55, frozenset({16})),
    (2221, 2720, frozenset({16})),
    (34, 34, frozenset({15})),
    (37, 37, frozenset({15})),
    (6011, 6011, frozenset({16, 19})),
    (644, 659, frozenset({16, 19})),
    (3528, 3589, frozenset({16, 19})),
)
"""First and last prefix and lengths of cards that count without a word before them: Visa, Mastercard,
American Express, Discover, JCB. Longer and older Visa numbers, Diners, UnionPay, Mir and Maestro need a word
such as `card`, since too many other numbers begin alike. Source: ISO/IEC 7812, the issuers' own ranges."""


def cards(text: str, windows: Sequence[Window]) -> Iterator[Span]:
    """Card numbers of a known issuer whose Luhn digit holds; after a word such as `card`, of any issuer."""
    for low, high in windows:
        if high - low < 12:
            continue
        for found in _GROUPED.finditer(text, low, high):
            if _is_card(found[0]) and not names_a_thing(text, found.start()) and _issued(digits_of(found[0])):
                yield Span(*found.span(), "credit_card")
        for pattern in (_GROUPED, _CARD):
            for found in pattern.finditer(text, low, high):
                if _is_card(found[0]) and _CARD_WORDS.search(text, max(0, found.start() - 60), found.start()):
                    yield Span(*found.span(), "credit_card")


def _is_card(written: str) -> bool:
    digits = digits_of(written)
    return luhn(digits) and digits not in PUBLISHED_CARDS and len(set(digits)) > 3 and digits[0] in "0123456"


def _issued(digits: str) -> bool:
    return any(
        first <= int(digits[: len(str(first))]) <= last and len(digits) in lengths
        for first, last, lengths in _ISSUERS
    )


IBAN_LENGTHS = {
    country: int(length)
    for country, length in re.findall(
        r"([A-Z]{2})(\d\d)",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 "
        "DO28 EE20 "
        "EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 "
        "JO30 KW30 "
        "KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 "
        "OM23 PK24 "
        "PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 "
        "TR26 UA29 "
        "VA22 VG24 XK20 YE30",
    )
}
"""Source: SWIFT IBAN registry, release 99."""

_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2})\d{2}[ -]?(?:[A-Za-z0-9][ -]?){10,30}")
PUBLISHED_IBANS = frozenset({"GB82WEST12345698765432", "DE89370400440532013000", "GB29NWBK60161331926819"})


def ibans(text: str, windows: Sequence[Window]) -> Iterator[Span]:
    """Account numbers of the country's length whose check digits hold."""
    for low, high in windows:
        for found in _IBAN.finditer(text, low, len(text)):
            if found.start() > high:
                break
            length = IBAN_LENGTHS.get(found[1].upper())
            end = _end_of(text, found.start(), length) if length else None
            if end is None or (end < len(text) and text[end].isalnum()):
                continue
            number = "".join(c for c in text[found.start() : end] if c.isalnum()).upper()
            if number not in PUBLISHED_IBANS and mod97(number[4:] + number[:4]) == 1:
                yield Span(found.start(), end, "iban")


def _end_of(text: str, start: int, length: int) -> int | None:
    """Where so many letters and digits end; None where the text holds fewer before anything else."""
    for at in range(start, len(text)):
        if text[at].isascii() and text[at].isalnum():
            length -= 1
            if not length:
                return at + 1
        elif text[at] not in " -":
            return None
    return None


_B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_WALLET = re.compile(
    r"(?<![\w/+=])(?:(?P<b58>[13LMDX][1-9A-HJ-NP-Za-km-z]{25,34})|(?P<bech>(?:bc1|ltc1|tb1)"
    r"[02-9ac-hj-np-z]{25,62})"
    r"|(?P<eth>0x[0-9a-fA-F]{40})|(?P<tron>T[1-9A-HJ-NP-Za-km-z]{33})|"
    r"(?P<xmr>4[0-9AB][1-9A-HJ-NP-Za-km-z]{93}))"
    r"(?![\w+/=])"
)
_WALLET_WORDS = re.compile(
    r"wallet|bitcoin|\bbtc\b|ethereum|\beth\b|crypto|donat|send|\bpay|transfer|deposit|usdt|litecoin|"
    r"monero|tron|coin",
    re.IGNORECASE,
)


def wallets(text: str) -> Iterator[Span]:
    """Wallet addresses: base 58 by its check sum, the others by their form and a word before them."""
    for found in _WALLET.finditer(text):
        start, end = found.span()
        if found["b58"] or found["tron"]:
            right = _base58_holds(found[0])
        elif found["eth"]:
            right = len(set(found[0][2:].lower())) > 8 and _near(text, start)
        else:
            right = any(c.isdigit() for c in found[0][3:])
        if right:
            yield Span(start, end, "crypto_wallet")


def _near(text: str, start: int) -> bool:
    return _WALLET_WORDS.search(text, max(0, start - 60), start) is not None


def _base58_holds(address: str) -> bool:
    """The last four bytes are the head of a doubled SHA-256 of the others."""
    number = 0
    for c in address:
        number = number * 58 + _B58.index(c)
    try:
        data = number.to_bytes(25, "big")
    except OverflowError:
        return False
    return hashlib.sha256(hashlib.sha256(data[:21]).digest()).digest()[:4] == data[21:]
