"""Internet and hardware addresses that can lead to somebody: not versions, private or loopback ones."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence

from .spans import Span
from .windows import Window

_V4 = re.compile(r"(?<![\w.])(?<!\d[-,])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\w|-[a-z]|/\d)")
_VERSION = re.compile(
    r"(?:\bversions?|\bv|\bver\.?|upgrad\w*|updat\w*|downgrad\w*|releas\w*|\bbuild|firmware|\bdriver|"
    r"\bsection|"
    r"chapter|clause|§|==|>=|~=|\bdll|\bsdk|\brev\.?)[\s:='\"]*(?:version\s*|to\s*|from\s*)?$",
    re.IGNORECASE,
)
_IP_WORDS = re.compile(
    r"\bip\b|\bipv4|address|server|\bhost|\bping|\bssh|login|logged|@|://|connect|client|traceroute|remote",
    re.IGNORECASE,
)
_FAMOUS = frozenset(
    "8.8.8.8 8.8.4.4 1.1.1.1 1.0.0.1 9.9.9.9 208.67.222.222 208.67.220.220 4.2.2.2 1.2.3.4 4.3.2.1 5.6.7.8 "
    "12.34.56.78 11.22.33.44 123.123.123.123 123.45.67.89 111.111.111.111 123.456.789.0".split()
)
_COLONS = re.compile(r":(?::[23]?[0-9A-Fa-f]|[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{0,4}:)")
_HYPHENS = re.compile(r"-[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}-")
_V6 = re.compile(
    r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){7}|(?:[0-9A-Fa-f]{1,4}:){1,7}:"
    r"(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?)(?![\w:]|\.\d)"
)
_MAC = re.compile(
    r"(?<![\w:.-])(?:[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5})(?![\w:-])"
)
_MAC_DUMMIES = frozenset(
    "001122334455 aabbccddeeff 000000000000 ffffffffffff 123456789abc 0123456789ab 010203040506".split()
)


def ipv4(text: str, windows: Sequence[Window]) -> Iterator[Span]:
    """Public IPv4 addresses, those of documentation too; private and special ones say nothing of a person."""
    for low, high in windows:
        for found in _V4.finditer(text, low, high):
            start, end = found.span()
            octets = found[0].split(".")
            if any((len(o) > 1 and o[0] == "0") or int(o) > 255 for o in octets) or found[0] in _FAMOUS:
                continue
            if _is_public(found[0]) and not _is_version(text, start, octets):
                yield Span(start, end, "ip_address")


def _is_public(address: str) -> bool:
    ip = ipaddress.IPv4Address(address)
    special = (
        ip.is_loopback or ip.is_multicast or ip.is_link_local or ip.is_unspecified or int(ip) >> 28 == 15
    )
    first, second = (int(o) for o in address.split(".")[:2])
    private = first in (0, 10) or (first == 172 and 16 <= second < 32) or (first == 192 and second == 168)
    return not (special or private)


def _is_version(text: str, start: int, octets: Sequence[str]) -> bool:
    before = text[max(0, start - 32) : start]
    if _VERSION.search(before):
        return _IP_WORDS.search(before) is None
    small = sum(int(o) < 32 for o in octets) >= 3
    return small and _IP_WORDS.search(text, max(0, start - 48), start) is None


def may_hold_hex(text: str) -> bool:
    """Whether there are hexadecimal groups between colons or hyphens."""
    if ("::" in text or text.count(":") >= 5) and _COLONS.search(text):
        return True
    return text.count("-") >= 5 and _HYPHENS.search(text) is not None


def ipv6(text: str) -> Iterator[Span]:
    """IPv6 addresses in full or with a gap, without loopback, link-local and local ones."""
    for found in _V6.finditer(text):
        try:
            ip = ipaddress.IPv6Address(found[0])
        except ValueError:
            continue
        gap = "::" in found[0]
        routed = int(ip) >> 125 == 1  # 2000::/3, the addresses that are given out
        if (routed if gap else not (ip.is_link_local or ip.is_multicast)) and len(set(found[0])) > 4:
            yield Span(*found.span(), "ip_address")


def mac_addresses(text: str) -> Iterator[Span]:
    """Hardware addresses, without those that everybody makes up."""
    for found in _MAC.finditer(text):
        plain = found[0].replace(":", "").replace("-", "").lower()
        if plain not in _MAC_DUMMIES and len(set(plain)) > 4:
            yield Span(*found.span(), "mac_address")
