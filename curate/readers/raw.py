"""Rows of JSON files, one at a time, in bounded memory; what fails to parse keeps its bytes.

`raw_csv` and `raw_tables` do the same for CSV files and for tables that are typed already.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import msgspec

from ...schemas.errors import InputError
from .strict_json import STRICT, DuplicateKeyError, may_repeat_key, strict_json

MAX_ROW_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row of a file: its value, or its bytes and the problem.

    Args:
        row: Position in the file, from 1.
        line: Line in the file, from 1, where lines mean anything.
        value: The parsed value; None when `problem` is set.
        problem: Why the row could not be parsed.
        raw: The row's bytes, when it could not be parsed.
    """

    row: int
    line: int | None
    value: Any
    problem: str | None = None
    raw: bytes = b""


def read_jsonl(stream: IO[bytes], name: str) -> Iterator[RawRow]:
    """Rows of a JSON Lines file; blank lines are not rows."""
    row = 0
    decode = msgspec.json.Decoder().decode
    for line_number, line in enumerate(lines_of(stream, name), start=1):
        if not line.strip():
            continue
        row += 1
        yield _json_row(line, row, line_number, decode)


def lines_of(stream: IO[bytes], name: str) -> Iterator[bytes]:
    """Lines with their ends, without a byte order mark.

    Raises:
        InputError: A line is too long.
    """
    first = True
    while line := stream.readline(MAX_ROW_BYTES + 1):
        if len(line) > MAX_ROW_BYTES:
            raise InputError(
                f"a line is longer than {MAX_ROW_BYTES >> 20} MiB",
                where=name,
                fix="split the line, or check that the file is JSON Lines (one object per line)",
            )
        if first:
            line = line.removeprefix(codecs.BOM_UTF8)
            first = False
        yield line


def _json_row(line: bytes, row: int, line_number: int, decode: Any) -> RawRow:
    try:
        value = decode(line)
        if may_repeat_key(line, value):
            strict_json(line.decode("utf-8"))
        return RawRow(row, line_number, value)
    except DuplicateKeyError as error:
        problem = str(error)
    except (msgspec.DecodeError, ValueError) as error:
        problem = _utf8_problem(line) or f"not JSON: {error}"
    except RecursionError:
        problem = "not JSON: nested too deep"
    return RawRow(row, line_number, None, problem, line.rstrip(b"\r\n"))


def _utf8_problem(line: bytes) -> str | None:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"not UTF-8 at byte {error.start + 1} of the line"
    return None


def read_json(stream: IO[bytes], name: str) -> Iterator[RawRow]:
    """Rows of a JSON array, of an object that holds one list of rows, or of JSON Lines named .json."""
    text = _TextBuffer(stream, name)
    start = text.peek()
    if start == "[":
        yield from _array_rows(text)
    elif start == "{":
        yield from _object_rows(text)
    else:
        raise InputError(
            f"the file starts with {start!r}; JSON data starts with '[' or '{{'",
            where=name,
            fix="check the file, or give it the ending of its real format (.jsonl, .csv, .parquet)",
        )


class _TextBuffer:
    """A growing window on a UTF-8 stream, for a decoder that needs a whole value at a time."""

    def __init__(self, stream: IO[bytes], name: str, block: int = 1 << 20) -> None:
        self.name = name
        self._stream = stream
        self._block = block
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._read = 0
        self.text = ""
        self.at = 0
        self.line = 1
        self.ended = False

    def more(self) -> bool:
        """Read another block; False at the end of the file."""
        if self.ended:
            return False
        block = self._stream.read(self._block)
        self.ended = not block
        try:
            new = self._decoder.decode(block, final=self.ended)
        except UnicodeDecodeError as error:
            raise InputError(
                f"the file is not UTF-8 (near byte {self._read + error.start + 1})",
                where=self.name,
                fix="convert it, for example: iconv -f latin1 -t utf-8 FILE > FILE.utf8",
            ) from error
        self._read += len(block)
        self.line += self.text.count("\n", 0, self.at)
        self.text = self.text[self.at :] + new
        self.at = 0
        self._block = min(self._block * 2, MAX_ROW_BYTES)
        return not self.ended or bool(new)

    def peek(self) -> str:
        """The next character that is not white space; "" at the end of the file."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def current_line(self) -> int:
        return self.line + self.text.count("\n", 0, self.at)

    def value(self, row: int) -> tuple[Any, str]:
        """The JSON value that starts here and its text.

        Raises:
            InputError: The text is not JSON, or ends within the value.
        """
        while True:
            try:
                value, end = STRICT.raw_decode(self.text, self.at)
            except DuplicateKeyError:
                raise
            except (ValueError, RecursionError) as error:
                if self.more():
                    continue
                raise self._broken(row, error) from error
            if end == len(self.text) and self.more():
                continue
            text, self.at = self.text[self.at : end], end
            return value, text

    def _broken(self, row: int, error: Exception) -> InputError:
        cut = isinstance(error, json.JSONDecodeError) and error.pos >= len(self.text.rstrip()) - 1
        what = f"the file ends in the middle of row {row}" if cut else f"row {row} is not JSON ({error})"
        return InputError(
            what,
            where=f"{self.name}, from line {self.current_line()}",
            fix="fetch the file again or repair that row; or turn it into JSON Lines, where one bad row"
            " goes to quarantine and the rest is read",
        )


def _array_rows(text: _TextBuffer) -> Iterator[RawRow]:
    text.at += 1
    row = 0
    while (mark := text.peek()) != "]":
        if mark == "," and row:
            text.at += 1
            mark = text.peek()
        if not mark:
            raise text._broken(row + 1, json.JSONDecodeError("the array is not closed", text.text, text.at))
        row += 1
        line = text.current_line() if row == 1 else None
        yield _array_row(text, row, line)


def _array_row(text: _TextBuffer, row: int, line: int | None) -> RawRow:
    start = text.at
    try:
        return RawRow(row, line, text.value(row)[0])
    except DuplicateKeyError as error:
        _, end = json.JSONDecoder().raw_decode(text.text, start)
        raw = text.text[start:end].encode("utf-8", "surrogatepass")
        text.at = end
        return RawRow(row, line, None, str(error), raw)


ROW_LISTS = ("data", "rows", "train", "examples", "items", "conversations", "records")


def _object_rows(text: _TextBuffer) -> Iterator[RawRow]:
    """JSON Lines under a .json name, an object with one list of rows, or one row."""
    first, _ = text.value(1)
    if text.peek():
        yield RawRow(1, 1, first)
        row = 1
        while text.peek():
            row += 1
            line = text.current_line()
            yield RawRow(row, line, text.value(row)[0])
        return
    lists = [k for k, v in first.items() if isinstance(v, list) and v and isinstance(v[0], dict)]
    named = [k for k in lists if k in ROW_LISTS and k != "conversations"]
    if len(named) == 1 and "messages" not in first:
        for row, value in enumerate(first[named[0]], start=1):
            yield RawRow(row, None, value["row"] if set(value) >= {"row", "row_idx"} else value)
        return
    yield RawRow(1, 1, first)
