"""Names of types in tool schemas: those of JSON Schema, and of Python, Java and OpenAPI."""

from __future__ import annotations

from typing import Any

_NAMES: dict[str, tuple[str, ...]] = {
    "object": ("object", "dict", "dictionary", "hashmap", "map", "mapping"),
    "array": ("array", "list", "tuple", "arraylist", "sequence"),
    "string": ("string", "str", "char"),
    "integer": ("integer", "int", "long", "short", "int32", "int64"),
    "number": ("number", "float", "double", "decimal"),
    "boolean": ("boolean", "bool"),
    "null": ("null", "none", "nonetype"),
}
_KIND = {name: kind for kind, names in _NAMES.items() for name in names}


def kinds_of(value: Any) -> frozenset[str] | None:
    """The JSON Schema types that a `type` member names; None where it says nothing that we know.

    Args:
        value: The member: a name, a list of names, or anything.
    """
    names = value if isinstance(value, list) else [value]
    kinds = [_KIND.get(name.strip().lower()) if isinstance(name, str) else None for name in names]
    return frozenset(k for k in kinds if k) if kinds and all(kinds) else None


def is_of(value: Any, kinds: frozenset[str]) -> bool:
    """Whether a JSON value is of one of some types, as in JSON Schema: 5.0 is an integer, true is none."""
    if isinstance(value, bool):
        return "boolean" in kinds
    if isinstance(value, int):
        return "integer" in kinds or "number" in kinds
    if isinstance(value, float):
        return "number" in kinds or ("integer" in kinds and value.is_integer())
    return _KIND_OF.get(type(value), "null") in kinds


_KIND_OF: dict[type, str] = {str: "string", dict: "object", list: "array"}
