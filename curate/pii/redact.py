"""Placeholders in place of values: the same value has the same one throughout a conversation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from .checksums import digits_of
from .parts import Found, Part

_OWN = re.compile(r"\[([A-Z][A-Z_]+)_(\d+)\]")
_SPREAD = frozenset(
    {"person", "email", "phone", "credit_card", "iban", "us_ssn", "national_id", "api_key", "password"}
)
_SPREAD |= {
    "username",
    "credentials",
    "crypto_wallet",
    "jwt",
    "passport",
    "health_id",
    "bank_account",
    "address",
    "tax_id",
}
_MIN_SPREAD_CHARS = 5


class Hit(NamedTuple):
    """A value that was found, where it stands, and what takes its place."""

    part: Part
    found: Found
    replacement: str


def key_of(kind: str, value: str) -> str:
    """What two spellings of the same value have in common."""
    if kind == "phone":
        return digits_of(value.lower().split("x")[0])[-9:]
    if kind in ("email", "person", "address", "username"):
        return " ".join(value.casefold().replace(".", " ").split()) if kind == "person" else value.casefold()
    if kind in ("api_key", "password", "private_key", "jwt", "credentials"):
        return value
    return "".join(c for c in value.upper() if c.isalnum())


def with_repeats(found: Sequence[tuple[Part, list[Found]]]) -> list[tuple[Part, list[Found]]]:
    """The findings, and every other place of the conversation where one of the values stands again.

    A name is found again by its first and its last word as well, if they are written with a capital.
    """
    values = {
        f.value: f.kind
        for _, hits in found
        for f in hits
        if f.kind in _SPREAD and len(f.value) >= _MIN_SPREAD_CHARS
    }
    for value, kind in list(values.items()):
        words = value.split()
        if kind == "person" and len(words) > 1:
            values |= {
                w: kind for w in (words[0], words[-1]) if len(w) > 2 and w[0].isupper() and w not in values
            }
    if not values:
        return list(found)
    longest = sorted(values, key=lambda v: (-len(v), v))
    pattern = re.compile(r"(?<![\w@])(?:" + "|".join(map(re.escape, longest)) + r")(?![\w@])")
    return [(part, _joined(part, hits, pattern, values)) for part, hits in found]


def _joined(part: Part, hits: list[Found], pattern: re.Pattern[str], kinds: Mapping[str, str]) -> list[Found]:
    taken = list(hits)
    for again in pattern.finditer(part.text):
        start, end = again.span()
        if all(end <= h.start or start >= h.end for h in hits):
            taken.append(Found(start, end, kinds[again[0]], again[0]))
    return sorted(taken)


def placed(found: Sequence[tuple[Part, list[Found]]]) -> list[Hit]:
    """Every value with its placeholder: kind and number, in the order of first appearance.

    Numbers go on after those of placeholders that the conversation has already.
    """
    used: dict[str, int] = {}
    for part, _ in found:
        for kind, number in _OWN.findall(part.text):
            used[kind] = max(used.get(kind, 0), int(number))
    people = _people(f.value for _, hits in found for f in hits if f.kind == "person")
    given: dict[tuple[str, str], str] = {}
    placed_hits: list[Hit] = []
    for part, hits in found:
        for hit in hits:
            key = key_of(hit.kind, hit.value)
            key = people.get(key, key) if hit.kind == "person" else key
            if (hit.kind, key) not in given:
                label = hit.kind.upper()
                used[label] = used.get(label, 0) + 1
                given[hit.kind, key] = f"[{label}_{used[label]}]"
            placed_hits.append(Hit(part, hit, given[hit.kind, key]))
    return placed_hits


def _people(values: Any) -> dict[str, str]:
    """Each name to the longest one that it is a part of, the first of equals: `ada` to `ada lovelace`."""
    keys = list(dict.fromkeys(key_of("person", v) for v in values))
    longest = sorted(keys, key=lambda k: -len(k.split()))
    return {key: next(other for other in longest if set(key.split()) <= set(other.split())) for key in keys}


def redacted(turns: Sequence[Mapping[str, Any]], hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """The turns with placeholders in place of values; arguments of calls stay the JSON that they were."""
    new = [dict(turn) for turn in turns]
    for part, group in groupby(hits, key=lambda h: h.part):
        text = part.text
        for hit in sorted(group, key=lambda h: -h.found.start):
            shown = f'"{hit.replacement}"' if hit.found.quote else hit.replacement
            text = text[: hit.found.start] + shown + text[hit.found.end :]
        turn = new[part.turn]
        if part.call is None:
            turn[part.field] = text
        else:
            calls = [{**c, "function": dict(c.get("function") or {})} for c in turn["tool_calls"]]
            calls[part.call]["function"]["arguments"] = text
            turn["tool_calls"] = calls
    return new
