"""JSON Schema to the OpenAPI subset: each keyword is kept, respelled, left out and counted, or refused."""

from __future__ import annotations

from typing import Any

import pytest
from tuneset.curate.export.openapi_schema import SchemaProblem, openapi_schema

SAME: set[str] = set()
RESPELLED = {"schema_respelled"}


def left_out(*keywords: str) -> set[str]:
    return {f"schema_keyword_left_out:{keyword}" for keyword in keywords}


POINT = {"type": "object", "properties": {"x": {"type": "number"}}}
TOLD_POINT = {"type": "OBJECT", "properties": {"x": {"type": "NUMBER"}}}
CASES: list[tuple[Any, Any, set[str]]] = [
    (
        {"type": "object", "properties": {"a": {"type": "string", "description": "d"}}, "required": ["a"]},
        {"type": "OBJECT", "properties": {"a": {"type": "STRING", "description": "d"}}, "required": ["a"]},
        SAME,
    ),
    (
        {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 2},
        {"type": "ARRAY", "items": {"type": "INTEGER", "minimum": 1}, "minItems": 2},
        SAME,
    ),
    ({"type": "string", "enum": ["a", "b"]}, {"type": "STRING", "enum": ["a", "b"]}, SAME),
    ({"type": "integer", "enum": [1, 2]}, {"type": "INTEGER", "enum": ["1", "2"]}, RESPELLED),
    ({"enum": ["a", None]}, {"type": "STRING", "enum": ["a"], "nullable": True}, RESPELLED),
    ({"const": "a"}, {"type": "STRING", "enum": ["a"]}, RESPELLED),
    ({"type": ["string", "null"]}, {"type": "STRING", "nullable": True}, RESPELLED),
    (
        {"type": ["string", "integer"]},
        {"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}]},
        RESPELLED,
    ),
    (
        {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "d"},
        {"type": "STRING", "description": "d", "nullable": True},
        RESPELLED,
    ),
    (
        {"anyOf": [{"type": "string"}, {"type": "number"}]},
        {"anyOf": [{"type": "STRING"}, {"type": "NUMBER"}]},
        SAME,
    ),
    (
        {
            "anyOf": [{"type": "string"}, {"type": "number", "description": "n"}, {"type": "null"}],
            "description": "d",
        },
        {
            "anyOf": [
                {"type": "STRING", "description": "d", "nullable": True},
                {"type": "NUMBER", "description": "n", "nullable": True},
            ]
        },
        RESPELLED,
    ),
    (
        {**POINT, "anyOf": [{"required": ["x"]}, {"required": ["y"]}]},
        TOLD_POINT,
        {*RESPELLED, *left_out("anyOf")},
    ),
    ({"properties": {"x": {"type": "number"}}}, TOLD_POINT, RESPELLED),
    ({"items": {"minLength": 1}}, {"type": "ARRAY", "items": {"type": "STRING", "minLength": 1}}, RESPELLED),
    ({"type": "string", "enum": []}, {"type": "STRING"}, left_out("enum")),
    (
        {"oneOf": [{"type": "string"}, {"type": "number"}]},
        {"anyOf": [{"type": "STRING"}, {"type": "NUMBER"}]},
        RESPELLED,
    ),
    (
        {"type": "object", "title": "T", "additionalProperties": False, "$schema": "s", "properties": {}},
        {"type": "OBJECT", "properties": {}},
        left_out("title", "additionalProperties", "$schema"),
    ),
    (
        {"type": "string", "default": "a", "examples": ["b"]},
        {"type": "STRING"},
        left_out("default", "examples"),
    ),
    (
        {"type": "object", "properties": {"title": {"type": "string"}, "default": {"type": "number"}}},
        {"type": "OBJECT", "properties": {"title": {"type": "STRING"}, "default": {"type": "NUMBER"}}},
        SAME,
    ),
    (
        {"type": "object", "properties": {"p": {"$ref": "#/$defs/P"}}, "$defs": {"P": POINT}},
        {"type": "OBJECT", "properties": {"p": TOLD_POINT}},
        RESPELLED,
    ),
    (
        {
            "type": "object",
            "properties": {"p": {"allOf": [{"$ref": "#/definitions/P"}], "description": "d"}},
            "definitions": {"P": POINT},
        },
        {"type": "OBJECT", "properties": {"p": {**TOLD_POINT, "description": "d"}}},
        RESPELLED,
    ),
    ({"type": "object", "properties": {"a": True}}, {"type": "OBJECT", "properties": {"a": {}}}, RESPELLED),
]


@pytest.mark.parametrize(("schema", "told", "changes"), CASES)
def test_a_schema_in_the_subset(schema: Any, told: Any, changes: set[str]) -> None:
    found: set[str] = set()
    assert openapi_schema(schema, found) == told
    assert found == changes


TREE = {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}}}
REFUSED: list[tuple[Any, str, str]] = [
    ({"type": "dict"}, "schema_type_unknown", 'type "dict"'),
    ({"type": "object", "properties": {"a": {"not": {}}}}, "schema_keyword_unknown", "not"),
    ({"allOf": [POINT, POINT]}, "schema_keyword_unknown", "allOf"),
    ({"if": {}}, "schema_keyword_unknown", "if"),
    ({"type": "object", "properties": {"a": False}}, "schema_keyword_unknown", "false"),
    (TREE, "schema_reference", "$ref #"),
    (
        {"$ref": "#/$defs/N", "$defs": {"N": {"properties": {"n": {"$ref": "#/$defs/N"}}}}},
        "schema_reference",
        "$ref #/$defs/N",
    ),
    ({"$ref": "https://example.org/s.json"}, "schema_reference", "$ref https://example.org/s.json"),
    ({"$ref": "#/$defs/Gone"}, "schema_reference", "$ref #/$defs/Gone"),
]


@pytest.mark.parametrize(("schema", "code", "keyword"), REFUSED)
def test_what_has_no_counterpart_is_an_error(schema: Any, code: str, keyword: str) -> None:
    with pytest.raises(SchemaProblem) as error:
        openapi_schema(schema, set())
    assert (error.value.code, error.value.keyword) == (code, keyword)


@pytest.mark.parametrize("schema", [schema for schema, _, _ in CASES])
def test_googles_own_type_reads_the_result(schema: Any) -> None:
    types = pytest.importorskip("google.genai.types")
    types.Schema.model_validate(openapi_schema(schema, set()))
