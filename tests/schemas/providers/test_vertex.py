from __future__ import annotations

from typing import Any

import pytest
from tuneset.schemas.providers.problems import problems
from tuneset.schemas.providers.vertex import RULES, ChatRow, PreferenceRow


def text(role: str, said: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"text": said}]}


USER, MODEL = text("user", "Where is bay 4?"), text("model", "North dock.")
CALL = {"role": "model", "parts": [{"functionCall": {"name": "find_bay", "args": {"bay": 4}}}]}
RESPONSE = {
    "role": "user",
    "parts": [{"functionResponse": {"name": "find_bay", "response": {"output": "north"}}}],
}
FIND = {
    "name": "find_bay",
    "description": "Where a bay is.",
    "parameters": {"type": "OBJECT", "properties": {"bay": {"type": "INTEGER", "enum": ["4"]}}},
}
TOOLS = [{"functionDeclarations": [FIND]}]
PAIR = {
    "system_instruction": {"parts": [{"text": "Be brief."}]},
    "contents": [USER],
    "completions": [{"score": 1, "completion": MODEL}, {"score": 0, "completion": text("model", "No.")}],
}

GOOD = [
    {"contents": [USER, MODEL]},
    {"systemInstruction": {"role": "system", "parts": [{"text": "Be brief."}]}, "contents": [USER, MODEL]},
    {"system_instruction": {"parts": [{"text": "Be brief."}]}, "contents": [USER, MODEL, USER, MODEL]},
    {"contents": [USER, CALL, RESPONSE, MODEL], "tools": TOOLS},
    {"contents": [USER, CALL], "tools": [{"function_declarations": [FIND]}]},
    {
        "contents": [
            {
                "role": "user",
                "parts": [{"text": "What?"}, {"fileData": {"mimeType": "a/b", "fileUri": "gs://b/o"}}],
            },
            MODEL,
        ]
    },
]


@pytest.mark.parametrize("row", GOOD)
def test_a_documented_row_has_no_problem(row: dict[str, Any]) -> None:
    assert problems(ChatRow, row) == []


def declared(**changed: Any) -> dict[str, Any]:
    return {"contents": [USER, MODEL], "tools": [{"functionDeclarations": [{**FIND, **changed}]}]}


def parameter(schema: dict[str, Any]) -> dict[str, Any]:
    return declared(parameters={"type": "OBJECT", "properties": {"p": schema}})


PARAMETER = "tools.0.functionDeclarations.0.parameters.properties.p"
BAD = [
    ({"contents": []}, "wrong_type", "contents"),
    ({"contents": [USER]}, "no_model_turn", "contents"),
    ({"contents": [USER, MODEL, USER]}, "last_turn_not_model", "contents.2"),
    ({"contents": [MODEL, USER, MODEL]}, "first_turn_not_user", "contents.0"),
    ({"contents": [USER, MODEL, MODEL]}, "turns_not_alternating", "contents.2"),
    ({"contents": [USER, text("model", " \n")]}, "empty_content", "contents.1.parts.0.text"),
    ({"contents": [USER, {"role": "model", "parts": [{}]}]}, "part_not_one", "contents.1.parts.0"),
    (
        {"contents": [USER, {"role": "model", "parts": [{"text": "a", **CALL["parts"][0]}]}]},
        "part_not_one",
        "contents.1.parts.0",
    ),
    (
        {"contents": [USER, {"role": "model", "parts": [{"text": None}]}]},
        "part_not_one",
        "contents.1.parts.0",
    ),
    ({"contents": [USER, {"role": "model", "parts": []}]}, "wrong_type", "contents.1.parts"),
    ({"contents": [USER, text("assistant", "a")]}, "unknown_role", "contents.1"),
    ({"contents": [USER, {"parts": [{"text": "a"}]}]}, "missing_member", "contents.1"),
    ({"contents": [USER, {**MODEL, "weight": 1}]}, "unknown_member", "contents.1.weight"),
    ({"contents": [USER, MODEL], "id": 3}, "unknown_member", "id"),
    ({"messages": []}, "missing_member", "contents"),
    ({"contents": [USER, RESPONSE]}, "turns_not_alternating", "contents.1"),
    ({"contents": [RESPONSE, MODEL]}, "response_without_call", "contents.0"),
    ({"contents": [USER, CALL, USER, MODEL]}, "call_unanswered", "contents.2"),
    (
        {"contents": [USER, CALL, {**RESPONSE, "parts": RESPONSE["parts"] * 2}, MODEL]},
        "response_without_call",
        "contents.2",
    ),
    (
        {"contents": [USER, CALL, RESPONSE, MODEL], "tools": declared(name="other")["tools"]},
        "undeclared_function",
        "contents.1",
    ),
    (declared(name="4bays"), "bad_function_name", "tools.0.functionDeclarations.0.name"),
    (declared(name="x" * 65), "bad_function_name", "tools.0.functionDeclarations.0.name"),
    (
        declared(parameters={"type": "OBJECT", "properties": {"bay-no": {"type": "STRING"}}}),
        "bad_parameter_name",
        "tools.0.functionDeclarations.0.parameters.properties.bay-no",
    ),
    (
        declared(parameters={"type": "ARRAY", "items": {"type": "STRING"}}),
        "parameters_not_object",
        "tools.0.functionDeclarations.0.parameters",
    ),
    (parameter({"description": "d"}), "schema_without_type", PARAMETER),
    (parameter({"type": "array"}), "array_without_items", PARAMETER),
    (parameter({"type": "ARRAY", "items": {}}), "schema_without_type", f"{PARAMETER}.items"),
    (parameter({"anyOf": [{"type": "STRING"}], "nullable": True}), "any_of_not_alone", PARAMETER),
    (parameter({"anyOf": [{"type": "STRING"}, {}]}), "schema_without_type", f"{PARAMETER}.anyOf.1"),
    (parameter({"type": "OBJECT", "required": ["x"]}), "required_not_defined", f"{PARAMETER}.required"),
    (
        declared(parameters={"type": "dict"}),
        "wrong_type",
        "tools.0.functionDeclarations.0.parameters.type",
    ),
    (
        declared(parameters={"type": "OBJECT", "$defs": {}}),
        "unknown_member",
        "tools.0.functionDeclarations.0.parameters.$defs",
    ),
    (
        {"contents": [USER, MODEL], "tools": [{"functionDeclarations": [FIND, FIND]}]},
        "function_declared_twice",
        "tools.0.functionDeclarations.1",
    ),
    (
        {
            "contents": [USER, MODEL],
            "tools": [{"functionDeclarations": [{"name": f"f{n}"} for n in range(129)]}],
        },
        "too_many_functions",
        "tools",
    ),
]


@pytest.mark.parametrize(("row", "code", "where"), BAD)
def test_a_broken_row_says_what_and_where(row: Any, code: str, where: str) -> None:
    found = problems(ChatRow, row)
    assert (found[0].code, found[0].where) == (code, where)


BAD_PAIRS = [
    ({"contents": [USER, MODEL]}, "prompt_not_ending_with_user", "contents.1"),
    ({"completions": PAIR["completions"][:1]}, "wrong_type", "completions"),
    ({"completions": [PAIR["completions"][0]] * 2}, "scores_not_one_and_zero", "completions"),
    (
        {"completions": [PAIR["completions"][0], {"score": 0.5, "completion": MODEL}]},
        "scores_not_one_and_zero",
        "completions",
    ),
    (
        {"completions": [{"score": True, "completion": MODEL}, PAIR["completions"][1]]},
        "wrong_type",
        "completions.0.score",
    ),
    (
        {"completions": [{"score": 1, "completion": CALL}, PAIR["completions"][1]]},
        "part_not_text",
        "completions.0.completion.parts.0",
    ),
    (
        {"completions": [{"score": 1, "completion": text("model", "")}, PAIR["completions"][1]]},
        "empty_content",
        "completions.0.completion.parts.0.text",
    ),
    ({"tools": TOOLS}, "unknown_member", "tools"),
]


def test_a_preference_is_a_prompt_and_two_scored_answers() -> None:
    assert problems(PreferenceRow, PAIR) == []
    worse_first = {**PAIR, "completions": [*reversed(PAIR["completions"])]}
    assert problems(PreferenceRow, worse_first) == []


@pytest.mark.parametrize(("changed", "code", "where"), BAD_PAIRS)
def test_a_broken_preference_says_what_and_where(changed: Any, code: str, where: str) -> None:
    found = problems(PreferenceRow, {**PAIR, **changed})
    assert (found[0].code, found[0].where) == (code, where)


def test_every_rule_of_the_model_is_broken_above() -> None:
    conversion = {
        "function_call_untunable",
        "number_too_large",
        "schema_keyword_unknown",
        "schema_reference",
        "schema_type_unknown",
    }
    assert set(RULES) == {code for _, code, _ in [*BAD, *BAD_PAIRS] if code in RULES} | conversion
