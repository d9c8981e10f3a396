"""Arguments of tool calls: how they are read, and whether they fit a tool's schema."""

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.curate.steps.structure.arguments import read_arguments
from tuneset.curate.steps.structure.schema_check import misfits


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ("", {}),
        ("null", {}),
        ('"{\\"a\\": 1}"', {"a": 1}),
        ("{'a': True, 'b': [1, 'x']}", {"a": True, "b": [1, "x"]}),
        ('{"a": 1', None),
        ("[1]", None),
        ("7", None),
        ('"text"', None),
        ('{"a": NaN}', None),
        ("{1: 2}", None),
        ("{'a': {1, 2}}", None),
        ("{'a': open('x')}", None),
        ("{'a': 1e999}", None),
        ("[" * 100_000, None),
        ("{'a':" * 5_000, None),
        ("{'a': '\\d'}", {"a": "\\d"}),
    ],
)
def test_arguments(text, value):
    assert read_arguments(text).value == value


def schema_of(**properties):
    return {"type": "object", "properties": properties}


FITTING = [
    ({"x": 5.0}, schema_of(x={"type": "integer"})),
    ({"x": 5}, schema_of(x={"type": "float"})),
    ({"x": 5}, schema_of(x={"type": "NUMBER"})),
    ({"x": {"y": 1}}, schema_of(x={"type": "dict", "properties": {"y": {"type": "int"}}})),
    ({"x": [1, 2]}, schema_of(x={"type": "tuple", "items": {"type": "integer"}})),
    ({"x": "a"}, schema_of(x={"type": "any"})),
    ({"x": "a"}, schema_of(x={"type": "list[str] of names"})),
    ({"x": None}, schema_of(x={"type": "string"})),
    ({"x": None}, schema_of(x={"type": "string", "nullable": True}) | {"required": ["x"]}),
    ({"x": None}, schema_of(x={"type": ["string", "null"]}) | {"required": ["x"]}),
    ({"x": ["a", "b"]}, schema_of(x={"type": "array", "enum": ["a", "b", "c"]})),
    ({"x": 1}, schema_of(x={"anyOf": [{"type": "string"}, {"type": "integer"}]})),
    ({"x": {"y": 1}}, schema_of(x={"$ref": "#/$defs/p"}) | {"$defs": {"p": {"type": "object"}}}),
    ({"x": 1}, schema_of(x={"$ref": "#/$defs/missing"})),
    ({"x": 1}, schema_of(x={"$ref": "https://example.org/x.json"})),
    ({"x": 1}, {"x": {"type": "string"}}),
    ({"x": 1}, {"type": "object", "properties": {}}),
    ({"x": 1, "z": 2}, schema_of(x={}) | {"additionalProperties": True}),
    ({"x": {"z": 2}}, schema_of(x={"type": "object", "properties": {"y": {}}})),
    ({"x": 1}, {"type": 7, "properties": [1], "required": True, "enum": "x", "items": 3}),
    ({"x": 1}, schema_of(x={"type": "integer", "required": True})),
    ({"x": 1}, schema_of(x="an integer")),
]
UNFITTING = [
    ({}, schema_of(x={}) | {"required": ["x"]}, "missing_argument", "x is missing"),
    ({"x": "5"}, schema_of(x={"type": "integer"}), "wrong_argument", "x is a text ('5'), not integer"),
    ({"x": 5.5}, schema_of(x={"type": "int"}), "wrong_argument", "x is a number (5.5), not integer"),
    ({"x": True}, schema_of(x={"type": "float"}), "wrong_argument", "x is a truth value (True), not number"),
    ({"x": None}, schema_of(x={"type": "string"}) | {"required": ["x"]}, "wrong_argument", "x is null"),
    ({"x": {}}, schema_of(x={"type": "string"}), "wrong_argument", "x is an object ({}), not string"),
    ({"x": "K"}, schema_of(x={"enum": ["C", "F"]}), "wrong_argument", "x is 'K', none of 'C', 'F'"),
    ({"x": True}, schema_of(x={"enum": [1]}), "wrong_argument", "x is True, none of 1"),
    ({"x": [1, "a"]}, schema_of(x={"type": "list", "items": {"type": "int"}}), "wrong_argument", "x[1] is a text"),
    ({"x": {}}, schema_of(x={"type": "object", "required": ["y"]}), "missing_argument", "x.y is missing"),
    ({"z": 1}, schema_of(x={}), "undeclared_argument", "z is not a parameter"),
    ({"z": 1}, {"additionalProperties": False}, "undeclared_argument", "z is not a parameter"),
    ({"z": 1}, {"additionalProperties": {"type": "str"}}, "wrong_argument", "z is a whole number (1)"),
    ({"x": []}, schema_of(x={"anyOf": [{"type": "string"}, {"type": "integer"}]}), "wrong_argument", "x is a list"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "schema"), FITTING, ids=range(len(FITTING)))
def test_arguments_that_fit(arguments, schema):
    assert misfits(arguments, schema) == []


@pytest.mark.parametrize(("arguments", "schema", "reason", "detail"), UNFITTING, ids=range(len(UNFITTING)))
def test_arguments_that_do_not_fit(arguments, schema, reason, detail):
    (finding,) = misfits(arguments, schema)
    assert finding.reason == reason
    assert finding.detail.startswith(detail)


def test_a_schema_that_refers_to_itself_ends():
    schema = schema_of(x={"$ref": "#/properties/x"})
    assert misfits({"x": 1}, schema) == []


NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.one_of(
    st.booleans(), st.integers(-3, 3), st.sampled_from([0.5, 2.0]), st.sampled_from(["x", "y"])
)
VALUES = st.recursive(
    SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(NAMES, v, max_size=3), max_leaves=6
)
TYPES = ("object", "array", "string", "integer", "number", "boolean")


def _objects(schemas):
    return st.fixed_dictionaries(
        {
            "type": st.just("object"),
            "properties": st.dictionaries(NAMES, schemas, max_size=3),
            "required": st.lists(NAMES, max_size=2, unique=True),
            "additionalProperties": st.booleans() | schemas,
        }
    )


SCHEMAS = st.recursive(
    st.one_of(
        st.just({}),
        st.builds(lambda t: {"type": t}, st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, unique=True)),
        st.builds(lambda c: {"const": c}, SCALARS),
        st.builds(lambda c: {"enum": [*c, ["x"]]}, st.lists(SCALARS, min_size=1, max_size=3)),
    ),
    lambda s: st.one_of(
        _objects(s),
        st.builds(lambda i: {"type": "array", "items": i}, s),
        st.builds(lambda k, b: {k: b}, st.sampled_from(["anyOf", "allOf"]), st.lists(s, min_size=1, max_size=2)),
    ),
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(schema=_objects(SCHEMAS), arguments=st.dictionaries(NAMES, VALUES, max_size=3))
def test_the_checker_agrees_with_jsonschema(schema, arguments):
    expected = jsonschema.Draft202012Validator(schema).is_valid(arguments)
    assert (misfits(arguments, schema) == []) == expected
