"""Our check of draft 7 beside jsonschema's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.schemas.providers.json_schema import schema_problem

GOOD: list[Any] = [
    {},
    True,
    {"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": True}, "required": ["a"]},
    {"items": [{"type": "string"}, False], "additionalItems": {"type": "number"}},
    {"anyOf": [{"type": "string", "pattern": "^a+$"}, {"const": 3}], "default": None, "x-own": 1},
    {"dependencies": {"a": ["b"], "c": {"minLength": 2.0}}, "patternProperties": {"^x": {}}},
    {"enum": [1, "a", None], "examples": [1], "multipleOf": 0.5, "if": {}, "then": {}, "else": False},
]
BAD: list[tuple[Any, str]] = [
    ("string", "."),
    ({"type": "dict"}, "type"),
    ({"type": []}, "type"),
    ({"type": ["string", "string"]}, "type"),
    ({"type": "object", "properties": {"a": {"type": "float"}}}, "properties.a.type"),
    ({"properties": []}, "properties"),
    ({"required": True}, "required"),
    ({"required": ["a", "a"]}, "required"),
    ({"anyOf": []}, "anyOf"),
    ({"anyOf": [{"items": 3}]}, "anyOf.0.items"),
    ({"minLength": -1}, "minLength"),
    ({"minLength": "1"}, "minLength"),
    ({"maximum": True}, "maximum"),
    ({"multipleOf": 0}, "multipleOf"),
    ({"pattern": "("}, "pattern"),
    ({"patternProperties": {"(": {}}}, "patternProperties"),
    ({"enum": "a"}, "enum"),
    ({"description": 3}, "description"),
    ({"dependencies": {"a": ["b", "b"]}}, "dependencies.a"),
    ({"dependencies": {"a": {"anyOf": [["b"]]}}}, "dependencies.a.anyOf.0"),
]


@pytest.mark.parametrize("schema", GOOD)
def test_a_schema_has_no_problem(schema: Any) -> None:
    assert schema_problem(schema) is None


@pytest.mark.parametrize(("schema", "place"), BAD)
def test_the_first_wrong_value_is_named(schema: Any, place: str) -> None:
    assert schema_problem(schema) == place


def _agrees(schema: Any) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    try:
        jsonschema.Draft7Validator.check_schema(schema)
        fits = True
    except jsonschema.exceptions.SchemaError:
        fits = False
    assert (schema_problem(schema) is None) is fits


@pytest.mark.parametrize("schema", [*GOOD, *(schema for schema, _ in BAD)])
def test_jsonschema_says_the_same(schema: Any) -> None:
    _agrees(schema)


_VALUES = st.one_of(
    st.sampled_from(["string", "object", "dict", "(", ["a"], ["a", "a"], [], {}, True, 0, -1, 1.5, None]),
)
_KEYWORDS = st.sampled_from(
    ["type", "properties", "required", "items", "anyOf", "enum", "minimum", "maxItems", "pattern", "not",
     "title", "additionalProperties", "dependencies", "multipleOf", "uniqueItems", "own"]
)  # fmt: skip
_SCHEMAS = st.recursive(
    st.dictionaries(_KEYWORDS, _VALUES, max_size=3),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2)}),
        st.fixed_dictionaries({"items": inner}),
        st.fixed_dictionaries({"anyOf": st.lists(inner, max_size=2)}),
        st.fixed_dictionaries({"dependencies": st.dictionaries(st.sampled_from("ab"), inner, max_size=2)}),
    ),
    max_leaves=4,
)


@given(_SCHEMAS)
def test_jsonschema_says_the_same_of_any_schema(schema: Any) -> None:
    _agrees(schema)
