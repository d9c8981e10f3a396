"""Lines of a JSON Lines file as values, and the exact reason where a line is none.

The quick way is one strict parse by msgspec, which refuses bytes that are not UTF-8, NaN, raw control
characters and half surrogate pairs. Repeated members are seen by counting: the text holds at least as many
`":` as the value has members, so equal counts prove that no member was there twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import IO, Any

import msgspec

from ....schemas.providers.problems import RowProblem
from ...readers.raw import MAX_ROW_BYTES
from ...readers.strict_json import DuplicateKeyError, may_repeat_key, strict_json
from ...terminal_text import visible
from .file_rules import FILE_RULES

_decode = msgspec.json.Decoder().decode
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SEPARATORS = (b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xc2\x85")
CONTEXT = 24


def lines_of(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines with their ends; of a line that is too long comes the beginning, and the rest is passed over."""
    for line in iter(partial(stream.readline, MAX_ROW_BYTES + 1), b""):
        yield line
        if len(line) > MAX_ROW_BYTES and not line.endswith(b"\n"):
            while (rest := stream.readline(1 << 20)) and not rest.endswith(b"\n"):
                pass


def parse(line: bytes) -> Any:
    """The value of a line.

    Raises:
        Unreadable: The line is blank, is no strict JSON, or holds a member twice.
    """
    try:
        value = _decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Unreadable(_reason(line)) from None
    if may_repeat_key(line, value):
        try:
            strict_json(line.decode("utf-8"))
        except DuplicateKeyError as error:
            raise Unreadable(problem("duplicate_key", str(error))) from None
        except (ValueError, RecursionError):
            return value  # numbers of more digits than Python turns into text; msgspec has read them
    return value


class Unreadable(Exception):
    """A line that is no row.

    Args:
        problem: Why.
    """

    def __init__(self, problem: RowProblem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


def problem(code: str, detail: str = "") -> RowProblem:
    """A broken rule of the file, with what was seen."""
    sentence = FILE_RULES[code].sentence
    return RowProblem(code, "", f"{sentence}: {detail}" if detail else sentence)


def has_separator(line: bytes) -> bool:
    """Whether some readers would see a line end inside the line."""
    if line.isascii():
        return False
    return (b"\xe2\x80" in line and any(s in line for s in _SEPARATORS[:2])) or _SEPARATORS[2] in line


def _reason(line: bytes) -> RowProblem:
    """Why a line is not strict JSON; the slow way, for lines that are refused."""
    if not line.strip():
        return problem("blank_line")
    if len(line) > MAX_ROW_BYTES:
        return problem("line_too_long")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        return problem("not_utf8", f"byte {error.start + 1} of the line is 0x{line[error.start]:02x}")
    return _json_reason(text)


def _json_reason(text: str) -> RowProblem:
    constants: list[str] = []
    try:
        value = json.JSONDecoder(parse_constant=constants.append).decode(text)
    except json.JSONDecodeError as error:
        return problem("not_json", _place(text, error))
    except RecursionError:
        return problem("nested_too_deep")
    except ValueError as error:
        return problem("nan_or_infinity", str(error).split(";", 1)[0])
    if constants:
        return problem("nan_or_infinity", constants[0])
    half = _LONE_SURROGATE.search(_text_of(value))
    if half:
        return problem("lone_surrogate", f"\\u{ord(half[0]):04x}")
    return problem("nan_or_infinity", "a number is out of range")


def _text_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _place(text: str, error: json.JSONDecodeError) -> str:
    """Where the text stops being JSON, what stands there, and what it looks like."""
    ended = error.pos >= len(text.rstrip())
    near = visible(text[max(0, error.pos - CONTEXT) : error.pos + CONTEXT].strip()).replace("\n", " ")
    told = error.msg[0].lower() + error.msg[1:].removesuffix(" at")
    place = "at the end of the line" if ended else f"at character {error.pos + 1}, near {near!r}"
    return f"{told} {place}{_guess(text, error, ended)}"


def _guess(text: str, error: json.JSONDecodeError, ended: bool) -> str:
    bare = text.strip()
    after = text[error.pos :].strip()
    if bare.startswith("{'"):
        return "; it looks like a Python dict: write it with json.dumps"
    if after.startswith(("True", "False", "None")):
        return "; JSON writes true, false and null"
    if error.msg == "Extra data":
        if after == ",":
            return "; a comma after the row, as in a JSON array"
        return "; one line holds more than one value" if after.startswith(("{", "[")) else ""
    if error.msg.startswith(("Illegal trailing comma", "Expecting property name")) and after[:1] in "}]":
        return "; there is a comma too many before it"
    return "; the row is cut off" if ended or error.msg.startswith("Unterminated") else ""
