"""JSON texts without repeated members, NaN or infinities, and a quick proof that no member is repeated."""

from __future__ import annotations

import json
import re
from typing import Any

_SPACED = re.compile(rb'" +:')


class DuplicateKeyError(ValueError):
    """A JSON object that holds the same key twice."""


def _no_repeated_key(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise DuplicateKeyError(f"the key {key!r} is there twice")
            seen.add(key)
    return value


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


STRICT = json.JSONDecoder(object_pairs_hook=_no_repeated_key, parse_constant=_no_constant)


def strict_json(text: str) -> Any:
    """Parse JSON, refusing repeated keys, NaN and infinities.

    Raises:
        DuplicateKeyError: An object holds a key twice.
        ValueError: The text is not JSON.
    """
    return STRICT.decode(text)


def may_repeat_key(line: bytes, value: Any) -> bool:
    """Whether the line may hold a member twice; False is a proof that it does not.

    Every member has a colon of its own, so as many colons as members prove it. Texts hold colons too: then
    quotes right before a colon are counted, where no member has a space in between. A quote after a backslash
    ends no text, unless the backslash is itself written with one.
    """
    count = members(value)
    if line.count(b":") == count:
        return False
    seen = line.count(b'":')
    if seen != count:
        seen -= line.count(b'\\":')
        if seen != count or b'\\\\":' in line:
            return True
    return b"\t" in line or b"\r" in line[:-2] or (b" :" in line and _SPACED.search(line) is not None)


def members(value: Any) -> int:
    """How many members the objects in a value have."""
    count = 0
    waiting = [value] if type(value) in (dict, list) else []
    for inner in waiting:
        if type(inner) is dict:
            count += len(inner)
            inner = inner.values()
        for v in inner:
            kind = type(v)
            if kind is dict or kind is list:
                waiting.append(v)
    return count
