"""What is wrong with a file or with a line before any row model sees it."""

from __future__ import annotations

from typing import Literal

from ....schemas.providers.conversation import TOLERATED
from ....schemas.providers.problems import Rule
from ..shape import Target

Severity = Literal["error", "warning", "note"]

_JSON = "RFC 8259, the JSON standard"
_LINES = "jsonlines.org, read 2026-11"
_LIMITS = "the target's limits: tuneset export --to list"
_OURS = "a rule of ours, for every target"
_CONVERT = "run `tuneset check --fix`, which writes one object a line"

FILE_RULES: dict[str, Rule] = {
    "not_utf8": Rule(
        "the bytes are not UTF-8",
        _JSON,
        "convert the file: iconv -f latin1 -t utf-8 FILE > FILE.utf8, with the encoding it really has",
    ),
    "byte_order_mark": Rule(
        "the file starts with a byte order mark",
        "RFC 8259, section 8.1; MicrosoftDocs/azure-docs issue 110314, read 2026-11",
        "save the file as UTF-8 without a mark, or run `tuneset check --fix`",
    ),
    "blank_line": Rule(
        "the line is blank, and every line has to be a JSON object",
        "platform.openai.com/docs/guides/supervised-fine-tuning, read 2026-11",
        "remove the line, or run `tuneset check --fix`",
    ),
    "not_json": Rule("the line is not JSON", _JSON, "correct the text at that place, or remove the line"),
    "not_an_object": Rule(
        "the line is JSON, but no object", _LINES, "write one JSON object ({...}) a line, or remove the line"
    ),
    "json_array": Rule("the file is one JSON array, not one object a line", _LINES, _CONVERT),
    "json_over_lines": Rule("a JSON object runs over several lines", _LINES, _CONVERT),
    "carriage_returns": Rule("the lines end with a lone carriage return", _LINES, _CONVERT),
    "duplicate_key": Rule(
        "an object has the same member twice, and readers differ in which one they take",
        "RFC 8259, section 4",
        "keep one of the two; `tuneset check --fix` does so where both are equal",
    ),
    "nan_or_infinity": Rule(
        "a number is NaN, infinite or too large, which JSON does not have",
        "RFC 8259, section 6",
        "write null, a finite number or a text, or remove the member",
    ),
    "lone_surrogate": Rule(
        "a text holds half of a surrogate pair, which UTF-8 cannot write",
        "RFC 8259, section 8.2",
        "write the whole character, or remove the half",
    ),
    "nested_too_deep": Rule("the value is nested too deep to be read", _OURS, "flatten the value"),
    "line_too_long": Rule(
        "the line is longer than 64 MiB", _OURS, "split the row; check that the file has one object a line"
    ),
    "crlf": Rule(
        "the lines end with CR LF", _LINES, "nothing has to be done; `tuneset check --fix` writes LF"
    ),
    "line_separator": Rule(
        "the line holds a raw U+2028, U+2029 or U+0085, which some readers take for a line end",
        "ECMA-404 and Python's str.splitlines",
        "nothing has to be done for readers of JSON; `tuneset check --fix` escapes it",
    ),
    "compressed_file": Rule("the file is compressed", _OURS, "unpack it before you upload it"),
    "wrong_ending": Rule(
        "the file's name has another ending than the target's files", _OURS, "rename the file"
    ),
    "wrong_format": Rule(
        "the file has another format than the target's files",
        "the target's layout",
        "write the rows in that format, or curate the file and export it",
    ),
    "other_shape": Rule(
        "the row has the members of another target's rows",
        "the target's row model",
        "run `tuneset check --fix`, which rewrites shapes it knows, or check for the target that takes them",
    ),
    "binary_file": Rule(
        "the file is no text: it holds many zero bytes",
        _OURS,
        "name a file of JSON lines; UTF-16 needs a mark",
    ),
    "no_rows": Rule("the file holds no row", _OURS, "check the path, or write the file again"),
    "too_few_rows": Rule(
        "the file has fewer rows than the target takes",
        _LIMITS,
        "correct the rows that are refused, add rows, or choose another target",
    ),
    "too_many_rows": Rule(
        "the file has more rows than the target takes", _LIMITS, "select rows, or use several files or jobs"
    ),
    "file_too_large": Rule(
        "the file is larger than the target takes", _LIMITS, "select rows, or use several files or jobs"
    ),
    "mixed_shapes": Rule(
        "the rows of the file have more than one shape",
        "docs.together.ai/docs/fine-tuning/data-preparation, read 2026-11; the other services alike",
        "put each shape into a file of its own",
    ),
    "wrong_split_value": Rule(
        "the column that names the split has another value than the target knows",
        "the target's layout",
        "write one of the values that the sentence names",
    ),
    "duplicate_row": Rule(
        "the same row stands in the file before",
        _OURS,
        "remove it, unless it is meant to weigh double; `tuneset curate` finds near duplicates too",
    ),
    "row_in_both": Rule(
        "the row is in the training file too, so that the validation loss says nothing",
        "openai-openapi: training and validation data should be disjoint; read 2026-11",
        "remove it from one of the two files",
    ),
    "over_row_tokens": Rule(
        "the row has more tokens than the target takes", _LIMITS, "shorten the row, split it, or leave it out"
    ),
    "may_be_over_row_tokens": Rule(
        "the row may have more tokens than the target takes: it could only be estimated",
        _LIMITS,
        "name a tokenizer with --tokenizer, so that the tokens are counted",
    ),
    "target_closing": Rule(
        "the service takes no new jobs, or soon none", "the target's state", "choose another target"
    ),
}
"""By code. The codes of row models stand in `schemas.providers`, and are others."""

_NOTES = {"duplicate_row", "crlf", "line_separator"}
_WARNINGS = {"wrong_ending", "target_closing", "may_be_over_row_tokens"}
_LENIENT = {"blank_line"}
"""Local readers skip these."""
BOM_TARGETS = ("azure",)
"""Their documentation once asked for the mark and now takes files without: formats differ by page."""


def severity(code: str, target: Target) -> Severity:
    """Whether a finding makes the target refuse the row or file."""
    if code in _NOTES or (code in _LENIENT and target.state.local):
        return "note"
    if code == "byte_order_mark" and target.name.startswith(BOM_TARGETS):
        return "note"
    if code == "over_row_tokens":
        return "error" if target.limits.over_length == "refused" else "warning"
    return "warning" if code in _WARNINGS or code in TOLERATED else "error"


def rule_of(code: str, target: Target) -> Rule:
    """The rule with a code: the file's or the target's."""
    return FILE_RULES[code] if code in FILE_RULES else target.rule(code)
