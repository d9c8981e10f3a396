"""Functions in lines of Vertex AI tuning files: declarations with the OpenAPI 3.0 subset, and calls."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)
from pydantic.alias_generators import to_camel

from .problems import broken
from .vertex_rules import RULES, is_name


def _function_name(name: str) -> str:
    if not is_name(name, ".:-"):
        raise broken(RULES, "bad_function_name")
    return name


FunctionName = Annotated[StrictStr, AfterValidator(_function_name)]
TypeName = Literal[
    "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL",
    "string", "number", "integer", "boolean", "array", "object", "null",
]  # fmt: skip
"""Types of a Schema; the service reads either case."""


class Strict(BaseModel):
    """A message of the API; members in camelCase or snake_case, and no others."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)


class FunctionCall(Strict):
    """A call by the model; arguments are an object."""

    name: FunctionName
    args: dict[str, Any] | None = None
    id: StrictStr | None = None


class FunctionResponse(Strict):
    """What a function gave back; the response is an object."""

    name: FunctionName
    response: dict[str, Any]
    id: StrictStr | None = None


class Schema(Strict):
    """The OpenAPI 3.0 subset that describes parameters."""

    type: TypeName | None = None
    title: StrictStr | None = None
    description: StrictStr | None = None
    format: StrictStr | None = None
    nullable: StrictBool | None = None
    enum: list[StrictStr] | None = None
    default: Any = None
    example: Any = None
    pattern: StrictStr | None = None
    items: Schema | None = None
    any_of: list[Schema] | None = None
    properties: dict[str, Schema] | None = None
    property_ordering: list[StrictStr] | None = None
    required: list[StrictStr] | None = None
    min_items: StrictInt | None = None
    max_items: StrictInt | None = None
    min_length: StrictInt | None = None
    max_length: StrictInt | None = None
    min_properties: StrictInt | None = None
    max_properties: StrictInt | None = None
    minimum: StrictInt | StrictFloat | None = None
    maximum: StrictInt | StrictFloat | None = None
    additional_properties: Any = None
    ref: StrictStr | None = None
    defs: dict[str, Schema] | None = None


class FunctionDeclaration(Strict):
    """A function that the model may call."""

    name: FunctionName
    description: StrictStr | None = None
    parameters: Schema | None = None
    response: Schema | None = None

    @model_validator(mode="after")
    def _parameters_fit(self) -> FunctionDeclaration:
        schema = self.parameters
        if schema is None:
            return self
        if (schema.type or "").upper() != "OBJECT":
            raise broken(RULES, "parameters_not_object", "parameters")
        for name in schema.properties or ():
            if not is_name(name):
                raise broken(RULES, "bad_parameter_name", f"parameters.properties.{name}")
        _check_schema(schema, "parameters")
        return self


def _check_schema(schema: Schema, at: str) -> None:
    if schema.any_of is not None:
        if any(getattr(schema, name) is not None for name in schema.model_fields_set - {"any_of"}):
            raise broken(RULES, "any_of_not_alone", at)
        for i, branch in enumerate(schema.any_of):
            _check_schema(branch, f"{at}.anyOf.{i}")
        return
    if schema.type is None and schema.ref is None:
        raise broken(RULES, "schema_without_type", at)
    if (schema.type or "").upper() == "ARRAY" and schema.items is None:
        raise broken(RULES, "array_without_items", at)
    if not set(schema.required or ()) <= set(schema.properties or ()):
        raise broken(RULES, "required_not_defined", f"{at}.required")
    for name, one in (schema.properties or {}).items():
        _check_schema(one, f"{at}.properties.{name}")
    if schema.items is not None:
        _check_schema(schema.items, f"{at}.items")


class Tool(Strict):
    """A group of functions."""

    function_declarations: Annotated[list[FunctionDeclaration], Field(min_length=1)]
