"""Whether a value is a JSON Schema of draft 7: keywords have the kinds of values that the draft asks for.

Source: json-schema.org/draft-07/schema, read 2026-11. Formats are not looked at, except that patterns are
regular expressions; unknown keywords are anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

TYPES = frozenset(("array", "boolean", "integer", "null", "number", "object", "string"))
MAX_DEPTH = 64
"""Levels of a schema; deeper ones are refused."""


def schema_problem(schema: Any, at: str = "", depth: int = 0) -> str | None:
    """The place of the first keyword with a wrong value, such as `properties.bay.type`; None where all fit.

    Args:
        schema: A JSON value.
        at: The place of the schema, which begins every answer.
        depth: Levels above it.
    """
    if isinstance(schema, bool):
        return None
    if not isinstance(schema, Mapping) or depth > MAX_DEPTH:
        return at or "."
    for keyword, value in schema.items():
        found = _keyword(keyword, value, f"{at}.{keyword}" if at else keyword, depth + 1)
        if found is not None:
            return found
    return None


def _keyword(keyword: str, value: Any, place: str, depth: int) -> str | None:
    check = _VALUES.get(keyword)
    if check is not None:
        return None if check(value) else place
    if keyword in _SCHEMAS and not (keyword == "items" and isinstance(value, list)):
        return schema_problem(value, place, depth)
    if keyword in _LISTS:
        return _each(enumerate(value), place, depth) if isinstance(value, list) and value else place
    if keyword in _MAPS:
        if not isinstance(value, Mapping) or (keyword == "patternProperties" and not all(map(_regex, value))):
            return place
        return _each(value.items(), place, depth, lists=keyword == "dependencies")
    return None


def _each(schemas: Iterable[tuple[Any, Any]], place: str, depth: int, *, lists: bool = False) -> str | None:
    """The first problem of several schemas; with `lists`, a list of names may stand in a schema's place."""
    for name, schema in schemas:
        if lists and isinstance(schema, list):
            found = None if _texts(schema) else f"{place}.{name}"
        else:
            found = schema_problem(schema, f"{place}.{name}", depth)
        if found is not None:
            return found
    return None


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _positive(value: Any) -> bool:
    return _number(value) and value > 0


def _count(value: Any) -> bool:
    return _number(value) and value >= 0 and int(value) == value


def _texts(value: Any) -> bool:
    """A list of different texts."""
    return isinstance(value, list) and all(map(_text, value)) and len(set(value)) == len(value)


def _type(value: Any) -> bool:
    names = value if isinstance(value, list) else [value]
    return bool(names) and _texts(names) and TYPES.issuperset(names)


def _regex(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


_VALUES: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(
        ("$id", "$schema", "$ref", "$comment", "title", "description", "format", "contentMediaType",
         "contentEncoding"),
        _text,
    ),
    **dict.fromkeys(("readOnly", "writeOnly", "uniqueItems"), _flag),
    **dict.fromkeys(("examples", "enum"), _list),
    **dict.fromkeys(("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"), _number),
    **dict.fromkeys(
        ("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"), _count
    ),
    "multipleOf": _positive,
    "pattern": _regex,
    "required": _texts,
    "type": _type,
}  # fmt: skip
_SCHEMAS = frozenset(
    ("items", "additionalItems", "contains", "additionalProperties", "propertyNames", "if", "then", "else",
     "not")
)  # fmt: skip
_LISTS = frozenset(("items", "allOf", "anyOf", "oneOf"))
_MAPS = frozenset(("definitions", "properties", "patternProperties", "dependencies"))
