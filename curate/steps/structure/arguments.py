"""The arguments of a tool call: read strictly, else in the ways in which they are often written instead."""

from __future__ import annotations

import ast
import json
import warnings
from typing import Any, NamedTuple, NoReturn

LONGEST_LITERAL = 20_000
"""Characters of a Python literal that are still parsed."""


class Arguments(NamedTuple):
    """What a call's arguments hold.

    Args:
        value: The object; None where there is none.
        told: How they were written, where that was not a JSON object as text; else what is wrong.
    """

    value: dict[str, Any] | None
    told: str | None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


_STRICT = json.JSONDecoder(parse_constant=_refuse)


def read_arguments(text: str) -> Arguments:
    """The object that a call's arguments are.

    Read besides a JSON object are: nothing at all and `null`, a JSON object within a JSON text, and a Python
    dictionary of JSON values. Each of them means one object and no other.
    """
    try:
        parsed = _STRICT.decode(text)
    except (ValueError, RecursionError) as error:
        return _read_otherwise(text, str(error) or "too deeply nested")
    if isinstance(parsed, dict):
        return Arguments(parsed, None)
    if parsed is None:
        return Arguments({}, "null")
    if isinstance(parsed, str) and parsed.strip() and parsed != text:
        inner = read_arguments(parsed)
        if inner.value is not None:
            return Arguments(inner.value, "a JSON text within a JSON text")
    return Arguments(None, f"a {type(parsed).__name__}")


def _read_otherwise(text: str, error: str) -> Arguments:
    if not text.strip():
        return Arguments({}, "nothing")
    if not text.lstrip().startswith("{") or len(text) > LONGEST_LITERAL:
        return Arguments(None, error)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a backslash that escapes nothing
            literal = ast.literal_eval(text.strip())
        if not isinstance(literal, dict) or not all(isinstance(key, str) for key in literal):
            return Arguments(None, error)
        value = _STRICT.decode(json.dumps(literal, allow_nan=False))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return Arguments(None, error)
    return Arguments(value, "a Python dictionary")


def arguments_text(value: dict[str, Any]) -> str:
    """An object as the text that a call holds; members keep their order."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isascii() or _encodable(text) else json.dumps(value)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
