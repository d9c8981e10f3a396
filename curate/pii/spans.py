"""A piece of text that tells of a person, or that opens a door, and what finds such pieces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol


class Span(NamedTuple):
    """Characters [start, end) of a text, and what kind of value they are."""

    start: int
    end: int
    kind: str


class Detector(Protocol):
    """Something that finds spans in a text: sorted, and none over another."""

    def find(self, text: str) -> Sequence[Span]: ...


FAMILIES: dict[str, tuple[str, ...]] = {
    "secret": ("api_key", "private_key", "jwt", "password", "credentials"),
    "identity_number": (
        "national_id",
        "us_ssn",
        "tax_id",
        "health_id",
        "passport",
        "driver_license",
        "license_plate",
        "vehicle_id",
        "device_id",
    ),
    "payment_data": ("credit_card", "iban", "bank_account", "crypto_wallet"),
    "contact_data": ("email", "phone", "address", "username", "ip_address", "mac_address"),
    "personal_data": ("date_of_birth", "person"),
}
"""Reason to the kinds that give it, the gravest first."""

FAMILY_OF = {kind: family for family, kinds in FAMILIES.items() for kind in kinds}
_RANK = {kind: rank for rank, kind in enumerate(FAMILY_OF)}


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """The spans in order; of those that overlap, the longest stays, then the graver kind."""
    taken: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start - s.end, _RANK[s.kind], s.start)):
        if all(span.end <= other.start or span.start >= other.end for other in taken):
            taken.append(span)
    return sorted(taken)
