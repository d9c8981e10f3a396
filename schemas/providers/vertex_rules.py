"""The rules of Vertex AI tuning files for Gemini, each with its source and date.

PREPARE is "Prepare supervised fine-tuning data for Gemini models", PREFERENCE "Prepare preference tuning
data for Gemini models", REFERENCE the description of Content, Part, Tool and Schema in google-genai 3.6.1
and in google/cloud/aiplatform/v1; all read in November 2026.
"""

from __future__ import annotations

from .problems import Rule

_PREPARE = "docs.cloud.google.com, Prepare supervised fine-tuning data for Gemini models, read 2026-11"
_PREFERENCE = "docs.cloud.google.com, Prepare preference tuning data for Gemini models, read 2026-11"
_FUNCTIONS = "docs.cloud.google.com, Function calling reference, read 2026-11"
_REFERENCE = "google/cloud/aiplatform/v1/tool.proto and google-genai 3.6.1, read 2026-11"
_API = "errors of the Gemini API for such conversations, read 2026-11; for tuning nothing else is stated"
_ERRORS = "errors of Vertex AI for such function declarations, read 2026-11"
_OURS = "not in the documentation; nothing is learnt from such a turn"

MAX_DECLARATIONS = 128
"""Function declarations a request may have: _FUNCTIONS."""

RULES: dict[str, Rule] = {
    "no_model_turn": Rule("no turn is the model's", _PREPARE),
    "last_turn_not_model": Rule("the last turn is not the model's, so nothing is learnt from it", _PREPARE),
    "first_turn_not_user": Rule("the conversation does not begin with the user", _API),
    "turns_not_alternating": Rule("two turns in a row have the same role", _API),
    "prompt_not_ending_with_user": Rule("the prompt of a preference does not end with the user", _PREFERENCE),
    "empty_content": Rule("a part has no text", _OURS),
    "part_not_one": Rule(
        "a part does not hold exactly one of text, fileData, inlineData, functionCall, functionResponse",
        _PREPARE,
    ),
    "scores_not_one_and_zero": Rule(
        "the two completions do not have the scores 1 and 0, one each", _PREFERENCE
    ),
    "part_not_text": Rule("a preference holds something else than text", _PREFERENCE),
    "bad_function_name": Rule(
        "a function name is not a letter or '_' and up to 63 letters, digits, '_', '.', ':' or '-'",
        _REFERENCE,
    ),
    "bad_parameter_name": Rule(
        "a parameter name is not a letter or '_' and up to 63 letters, digits or '_'", _REFERENCE
    ),
    "parameters_not_object": Rule(
        "the parameters of a function are not of type OBJECT", f"{_ERRORS}: spring-ai issue 1373"
    ),
    "schema_without_type": Rule(
        "a schema in the parameters of a function has no type", f"{_ERRORS}: QuantumNous/new-api issue 3022"
    ),
    "array_without_items": Rule(
        "an array in the parameters of a function does not say what its items are", _ERRORS
    ),
    "any_of_not_alone": Rule(
        "a schema has other members beside anyOf", f"{_ERRORS}: google/adk-python issue 3281"
    ),
    "required_not_defined": Rule(
        "a schema requires a property that it does not define", f"{_ERRORS}: genkit issue 5656"
    ),
    "function_declared_twice": Rule("two functions have the same name", _REFERENCE),
    "too_many_functions": Rule(f"more than {MAX_DECLARATIONS} functions are declared", _FUNCTIONS),
    "undeclared_function": Rule("a function is called that the row does not declare", _REFERENCE),
    "response_without_call": Rule("a function response answers no call of the turn before it", _API),
    "call_unanswered": Rule("the conversation goes on before every function call is answered", _API),
    "function_call_untunable": Rule(
        "the row calls functions, which tuning jobs of Gemini 2.5 have refused",
        "googleapis/python-aiplatform issue 6127, open, read 2026-11; Tune function calling named "
        "gemini-2.0-flash-001 alone",
    ),
    "number_too_large": Rule(
        "an integer in the arguments of a call is larger than a protobuf number holds exactly (2^53)",
        "protobuf, google.protobuf.Struct, read 2026-11",
    ),
    "schema_keyword_unknown": Rule(
        "the parameters of a tool have a keyword that changes their meaning and has no counterpart",
        _REFERENCE,
    ),
    "schema_reference": Rule(
        "the parameters of a tool refer to themselves or to something outside them", "the format"
    ),
    "schema_type_unknown": Rule("the parameters of a tool have a type that JSON Schema lacks", _REFERENCE),
}


def is_name(text: str, also: str = "") -> bool:
    """Whether a text is a name for a function or parameter: letter or '_', then letters, digits, '_'."""
    body = text.replace("_", "a")
    for mark in also:
        body = body.replace(mark, "a")
    return bool(body) and body.isascii() and body.isalnum() and len(text) <= 64 and _starts(text)


def _starts(text: str) -> bool:
    return text[0] == "_" or text[0].isalpha()
