"""Pure functions on text: normalised forms for comparison, and stable hashes; they never change data."""

from __future__ import annotations

import hashlib
import unicodedata


def normalise(text: str) -> str:
    """Text for comparing: NFKC, case folded, runs of white space as one space, none at the ends."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())


def digest(*parts: str) -> bytes:
    """BLAKE2b of some texts, 16 bytes; where one ends and the next begins counts.

    Source: RFC 7693. At 128 bits, two different texts of 10^9 share a digest with probability below 2e-21.
    """
    found = [part.encode("utf-8", "surrogatepass") for part in parts]
    told = b"".join([len(data).to_bytes(8, "little") + data for data in found])
    return hashlib.blake2b(told, digest_size=16).digest()


def unit_interval(key: bytes, salt: str) -> float:
    """A number in [0, 1) that depends on key and salt alone, the same on every machine."""
    hasher = hashlib.blake2b(key, digest_size=8, salt=salt.encode()[:16].ljust(16, b"\0"))
    return int.from_bytes(hasher.digest(), "little") / 2.0**64
