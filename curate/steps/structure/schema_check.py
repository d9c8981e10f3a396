"""Whether arguments fit a tool's JSON schema, by the keywords that tool schemas use.

Read are type, nullable, enum, const, properties, required, additionalProperties, items, prefixItems, anyOf,
oneOf, allOf and $ref within the schema. What is malformed, unknown or contradicts itself allows everything,
so that a careless schema condemns no row.

Source: JSON Schema 2020-12. On top of it, as function calls are: an argument that the tool does not have is
told where the tool has properties and says nothing of others, and null stands for an optional argument that
is not given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .reasons import Finding
from .schema_types import is_of, kinds_of

DEEPEST = 24
"""Levels of nesting, references among them, that are followed."""

_COMBINED = ("anyOf", "oneOf", "allOf", "$ref", "patternProperties", "if")
_SHOWN = 60
_ARTICLES = {
    str: "text",
    bool: "truth value",
    int: "whole number",
    float: "number",
    list: "list",
    dict: "object",
}


def misfits(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Finding]:
    """What does not fit, in the order of the schema; [] where all does.

    Args:
        arguments: The parsed arguments of a call.
        schema: The tool's `parameters`; a flat map from names to schemas, which some sets have, allows all.
    """
    found = list(_check(arguments, schema, schema, "", 0))
    properties = schema.get("properties")
    closed = "additionalProperties" in schema or any(key in schema for key in _COMBINED)
    if not closed and isinstance(properties, Mapping) and properties:
        found += [_undeclared(name, "") for name in arguments if name not in properties]
    return found


def _check(value: Any, schema: Any, root: Mapping[str, Any], where: str, depth: int) -> Iterator[Finding]:
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return
    reference = schema.get("$ref")
    if isinstance(reference, str):
        yield from _check(value, _resolved(reference, root), root, where, depth + 1)
    yield from _check_combined(value, schema, root, where, depth)
    choices = _choices(schema)
    if choices is not None:
        if not any(_same(value, choice) for choice in choices) and not _several(value, choices, schema):
            told = ", ".join(map(_short, choices[:8])) + (", ..." if len(choices) > 8 else "")
            yield Finding("wrong_argument", f"{where or 'the whole'} is {_short(value)}, none of {told}")
        return
    kinds = kinds_of(schema.get("type"))
    if (
        kinds is not None
        and not is_of(value, kinds)
        and not (value is None and schema.get("nullable") is True)
    ):
        told = f"{_kind(value)} ({_short(value)}), not {' or '.join(sorted(kinds))}"
        yield Finding("wrong_argument", f"{where or 'the whole'} is {told}")
    elif isinstance(value, dict):
        yield from _check_members(value, schema, root, where, depth)
    elif isinstance(value, list):
        yield from _check_items(value, schema, root, where, depth)


def _check_combined(
    value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], where: str, depth: int
) -> Iterator[Finding]:
    for keyword in ("anyOf", "oneOf"):
        branches = schema.get(keyword)
        if isinstance(branches, list) and branches:
            tried = [list(_check(value, branch, root, where, depth + 1)) for branch in branches]
            if all(tried):
                yield from min(tried, key=len)
    every = schema.get("allOf")
    for branch in every if isinstance(every, list) else ():
        yield from _check(value, branch, root, where, depth + 1)


def _check_members(
    value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], where: str, depth: int
) -> Iterator[Finding]:
    given = schema.get("properties")
    properties: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    names = schema.get("required")
    required = [n for n in names if isinstance(n, str)] if isinstance(names, list) else []
    for name in required:
        if name not in value:
            yield Finding("missing_argument", f"{_at(where, name)} is missing")
    others = schema.get("additionalProperties")
    patterned = "patternProperties" in schema
    for name, member in value.items():
        if name in properties:
            if member is not None or name in required:
                yield from _check(member, properties[name], root, _at(where, name), depth + 1)
        elif others is False and not patterned:
            yield _undeclared(name, where)
        elif isinstance(others, Mapping) and not patterned:
            yield from _check(member, others, root, _at(where, name), depth + 1)


def _check_items(
    value: list[Any], schema: Mapping[str, Any], root: Mapping[str, Any], where: str, depth: int
) -> Iterator[Finding]:
    items, first = schema.get("items"), schema.get("prefixItems")
    if isinstance(items, list):  # draft 7 and before
        items, first = schema.get("additionalItems"), items
    ahead = first if isinstance(first, list) else []
    for i, member in enumerate(value):
        rule = ahead[i] if i < len(ahead) else items
        yield from _check(member, rule, root, f"{where}[{i}]", depth + 1)


def _choices(schema: Mapping[str, Any]) -> list[Any] | None:
    """The values that are allowed; None where all are."""
    if "const" in schema:
        return [schema["const"]]
    choices = schema.get("enum")
    return choices if isinstance(choices, list) and choices else None


def _several(value: Any, choices: list[Any], schema: Mapping[str, Any]) -> bool:
    """Whether a list holds choices alone, where `enum` stands beside the type array and means its members."""
    if not isinstance(value, list) or any(isinstance(choice, list) for choice in choices):
        return False
    members = "array" in (kinds_of(schema.get("type")) or ())
    return members and all(any(_same(member, choice) for choice in choices) for member in value)


def _same(a: Any, b: Any) -> bool:
    """Equality of JSON values: 1 and 1.0 are the same, 1 and true are not."""
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def _resolved(reference: str, root: Mapping[str, Any]) -> Any:
    """The schema that a reference within the root names; None, which allows all, where there is none."""
    if not reference.startswith("#"):
        return None
    found: Any = root
    for part in reference.removeprefix("#").split("/")[1:]:
        found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
    return found


def _undeclared(name: str, where: str) -> Finding:
    return Finding("undeclared_argument", f"{_at(where, name)} is not a parameter")


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _kind(value: Any) -> str:
    return "null" if value is None else f"a {_ARTICLES[type(value)]}".replace("a o", "an o")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
