"""JSON Schema of tool parameters as the OpenAPI 3.0 subset that Gemini reads.

What has an exact counterpart is told in the other words (`const`, a list of types, a null type, a local
reference); what only narrows or decorates is left out, each keyword counted; what would change the meaning
has no counterpart and is an error.

Source: the Schema message of google/cloud/aiplatform/v1/openapi.proto and google-genai 3.6.1; that the API
refused `title`, `default`, `examples` and `$defs`: astra-assistants-api issue 73; that `anyOf` must stand
alone: google/adk-python issue 3281; all read in November 2026.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

SAME = (
    "description", "format", "pattern", "nullable", "required", "propertyOrdering", "minItems", "maxItems",
    "minLength", "maxLength", "minProperties", "maxProperties", "minimum", "maximum",
)  # fmt: skip
MEANING = ("not", "if", "then", "else", "prefixItems", "$dynamicRef", "$recursiveRef")
DEFINITIONS = ("$defs", "definitions")
TYPES = ("string", "number", "integer", "boolean", "array", "object")
INFERRED = {
    "properties": "OBJECT", "required": "OBJECT", "items": "ARRAY", "minItems": "ARRAY", "maxItems": "ARRAY",
    "pattern": "STRING", "minLength": "STRING", "maxLength": "STRING", "minimum": "NUMBER",
    "maximum": "NUMBER",
}  # fmt: skip
"""Keyword to the type that it speaks of."""
LEFT_OUT = "schema_keyword_left_out"
RESPELLED = "schema_respelled"
MAX_DEPTH = 32
"""Levels of a schema; deeper ones are taken for endless."""

Schema = dict[str, Any]


class SchemaProblem(ValueError):
    """A schema that the subset cannot tell: a code of `schemas.providers.vertex` and the keyword."""

    def __init__(self, code: str, keyword: str) -> None:
        super().__init__(keyword)
        self.code, self.keyword = code, keyword


def openapi_schema(schema: Mapping[str, Any], changes: set[str]) -> Schema:
    """A JSON Schema in the subset, types in capitals.

    Args:
        schema: The parameters of a tool.
        changes: Takes the codes of what is told in another way.

    Raises:
        SchemaProblem: A keyword, a type or a reference that has no counterpart.
    """
    return _Converter(schema, changes).convert(schema, ())


class _Converter:
    def __init__(self, root: Mapping[str, Any], changes: set[str]) -> None:
        self._root, self._changes = root, changes

    def convert(self, schema: Any, refs: tuple[str, ...], depth: int = 0) -> Schema:
        if schema is True:
            self._changes.add(RESPELLED)
            return {}
        if not isinstance(schema, Mapping) or depth > MAX_DEPTH:
            raise SchemaProblem("schema_keyword_unknown", "false" if schema is False else "a schema")
        schema, refs = self._resolved(schema, refs)
        schema = self._merged(schema)
        told: Schema = {}
        nullable = self._type(schema, told)
        for keyword, value in schema.items():
            self._keyword(keyword, value, told, refs, depth)
        nullable |= self._without_null(told)
        if nullable:
            told["nullable"] = True
            self._changes.add(RESPELLED)
        self._infer_type(told)
        return self._alone(told)

    def _infer_type(self, told: Schema) -> None:
        """A type is asked for where JSON Schema may leave it out."""
        kind = next((name for keyword, name in INFERRED.items() if keyword in told), None)
        if kind is not None and "type" not in told and "anyOf" not in told:
            told["type"] = kind
            self._changes.add(RESPELLED)

    def _alone(self, told: Schema) -> Schema:
        """`anyOf` may have nothing beside it: what each branch can say goes there, else it only narrows."""
        branches = told.get("anyOf")
        beside = {k: v for k, v in told.items() if k != "anyOf"}
        if not branches or not beside:
            return told
        if set(beside) <= {"type", "description", "nullable"}:
            self._changes.add(RESPELLED)
            return {"anyOf": [{**beside, **branch} for branch in branches]}
        self._changes.add(f"{LEFT_OUT}:anyOf")
        return beside

    def _resolved(
        self, schema: Mapping[str, Any], refs: tuple[str, ...]
    ) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """The schema with its local reference followed; the members beside it win."""
        while "$ref" in schema:
            ref = schema["$ref"]
            if ref in refs:
                raise SchemaProblem("schema_reference", f"$ref {ref}")
            refs = (*refs, ref)
            found = self._pointed(ref)
            schema = {**found, **{k: v for k, v in schema.items() if k != "$ref"}}
            self._changes.add(RESPELLED)
        return schema, refs

    def _pointed(self, ref: Any) -> Mapping[str, Any]:
        value: Any = self._root
        if not isinstance(ref, str) or not ref.startswith("#/"):
            raise SchemaProblem("schema_reference", f"$ref {ref}")
        for part in ref[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(value, Mapping) or key not in value:
                raise SchemaProblem("schema_reference", f"$ref {ref}")
            value = value[key]
        if not isinstance(value, Mapping):
            raise SchemaProblem("schema_reference", f"$ref {ref}")
        return value

    def _merged(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """`allOf` of one schema, as code generators write it, is that schema."""
        branches = schema.get("allOf")
        if branches is None:
            return schema
        if not isinstance(branches, list) or len(branches) != 1 or not isinstance(branches[0], Mapping):
            raise SchemaProblem("schema_keyword_unknown", "allOf")
        only, _ = self._resolved(branches[0], ())
        if "allOf" in only or "$ref" in only:
            raise SchemaProblem("schema_keyword_unknown", "allOf")
        self._changes.add(RESPELLED)
        return {**only, **{k: v for k, v in schema.items() if k != "allOf"}}

    def _type(self, schema: Mapping[str, Any], told: Schema) -> bool:
        """Tell the type; whether null is among the types."""
        given = schema.get("type")
        names = given if isinstance(given, list) else [] if given is None else [given]
        for name in names:
            if not isinstance(name, str) or name.lower() not in (*TYPES, "null"):
                raise SchemaProblem("schema_type_unknown", f"type {json.dumps(name)}")
        types = [name.upper() for name in names if name.lower() != "null"]
        if len(types) == 1:
            told["type"] = types[0]
        elif types:
            told["anyOf"] = [{"type": name} for name in types]
            self._changes.add(RESPELLED)
        return len(types) < len(names)

    def _keyword(self, keyword: str, value: Any, told: Schema, refs: tuple[str, ...], depth: int) -> None:
        if keyword == "type" or keyword in DEFINITIONS:
            return
        if keyword in SAME:
            told[keyword] = value
        elif keyword == "properties" and isinstance(value, Mapping):
            told[keyword] = {name: self.convert(v, refs, depth + 1) for name, v in value.items()}
        elif keyword == "items":
            told[keyword] = self.convert(value, refs, depth + 1)
        elif keyword in ("anyOf", "oneOf") and isinstance(value, list) and "anyOf" not in told:
            told["anyOf"] = [_null(v) or self.convert(v, refs, depth + 1) for v in value]
            self._changes.update({RESPELLED} if keyword == "oneOf" else ())
        elif keyword in ("enum", "const"):
            self._enum([value] if keyword == "const" else value, told, respelled=keyword == "const")
        elif keyword in MEANING or keyword in ("anyOf", "oneOf", "properties"):
            raise SchemaProblem("schema_keyword_unknown", keyword)
        else:
            self._changes.add(f"{LEFT_OUT}:{keyword}")

    def _enum(self, values: Any, told: Schema, *, respelled: bool) -> None:
        """Values are texts there, whatever the type is; null makes the schema nullable."""
        if not isinstance(values, list):
            raise SchemaProblem("schema_keyword_unknown", "enum")
        kept = [v for v in values if v is not None]
        if respelled or len(kept) < len(values) or not all(isinstance(v, str) for v in kept):
            self._changes.add(RESPELLED)
        if len(kept) < len(values):
            told["nullable"] = True
        if not kept:
            self._changes.add(f"{LEFT_OUT}:enum")
        else:
            told["enum"] = [v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in kept]
        if "type" not in told and kept and all(isinstance(v, str) for v in kept):
            told["type"] = "STRING"

    def _without_null(self, told: Schema) -> bool:
        """Take null out of `anyOf`; whether it was there. One branch left is the schema itself."""
        branches = told.get("anyOf")
        if not branches or _NULL not in branches:
            return False
        rest = [b for b in branches if b != _NULL]
        if len(rest) == 1 and not set(rest[0]) & (set(told) - {"anyOf", "description"}):
            del told["anyOf"]
            told.update({**rest[0], **{k: v for k, v in told.items() if k == "description"}})
        elif rest:
            told["anyOf"] = rest
        else:
            del told["anyOf"]
        return True


_NULL: Schema = {"type": "NULL"}


def _null(schema: Any) -> Schema | None:
    return _NULL if isinstance(schema, Mapping) and schema.get("type") == "null" else None
