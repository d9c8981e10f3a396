"""Parse a file into row values, one at a time, in bounded memory; what fails to parse keeps its bytes."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from ...schemas.errors import InputError

MAX_ROW_BYTES = 64 << 20
BATCH_ROWS = 1024


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


class DuplicateKeyError(ValueError):
    """A JSON object that holds the same key twice."""


def read_jsonl(stream: IO[bytes], name: str) -> Iterator[RawRow]:
    """Rows of a JSON Lines file; blank lines are not rows."""
    row = 0
    decode = msgspec.json.Decoder().decode
    for line_number, line in enumerate(_lines(stream, name), start=1):
        if not line.strip():
            continue
        row += 1
        yield _json_row(line, row, line_number, decode)


def _lines(stream: IO[bytes], name: str) -> Iterator[bytes]:
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
        if _may_repeat_key(line, value):
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


def _may_repeat_key(line: bytes, value: Any) -> bool:
    """Whether the text holds more `":` than the value has keys; a cheap test before an exact one."""
    return line.count(b'":') + line.count(b'" :') > _count_keys(value)


def _count_keys(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(_count_keys(v) for v in value.values() if isinstance(v, (dict, list)))
    if isinstance(value, list):
        return sum(_count_keys(v) for v in value if isinstance(v, (dict, list)))
    return 0


def _no_repeated_key(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise DuplicateKeyError(f"the key {key!r} is there twice")
            seen.add(key)
    return value


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


_STRICT = json.JSONDecoder(object_pairs_hook=_no_repeated_key, parse_constant=_no_constant)


def strict_json(text: str) -> Any:
    """Parse JSON, refusing repeated keys, NaN and infinities.

    Raises:
        DuplicateKeyError: An object holds a key twice.
        ValueError: The text is not JSON.
    """
    return _STRICT.decode(text)


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
                value, end = _STRICT.raw_decode(self.text, self.at)
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


def read_csv(stream: IO[bytes], name: str, *, delimiter: str = ",") -> Iterator[RawRow]:
    """Rows of a CSV or TSV file with a header line.

    Raises:
        InputError: No header, a column named twice, or bytes that are not UTF-8.
    """
    csv.field_size_limit(MAX_ROW_BYTES)
    decoded = _CsvLines(stream, name)
    rows = csv.reader(decoded, delimiter=delimiter, strict=True)
    header = next(rows, None)
    if not header:
        raise InputError(f"{name!r} has no header line", where=name, fix="add a line with the column names")
    if delimiter == "," and len(header) == 1 and ";" in header[0]:
        rows = csv.reader(decoded, delimiter=";", strict=True)
        header = header[0].split(";")
    repeated = sorted({c for c in header if header.count(c) > 1})
    if repeated:
        raise InputError(
            f"the column {repeated[0]!r} is there twice",
            where=f"{name}, line 1",
            fix="rename one of the columns",
        )
    row = 0
    while True:
        decoded.start_row()
        line = decoded.line + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield RawRow(row + 1, line, None, f"not CSV: {error}", decoded.taken())
            return
        if not cells:
            continue
        row += 1
        if len(cells) != len(header):
            problem = f"{len(cells)} cells where the header has {len(header)}"
            yield RawRow(row, line, None, problem, decoded.taken())
        else:
            yield RawRow(row, line, dict(zip(header, cells, strict=True)))


class _CsvLines:
    """Decoded lines for the csv module, remembering the bytes of the row at hand."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._lines = _lines(stream, name)
        self._name = name
        self._row: list[bytes] = []
        self.line = 0

    def __iter__(self) -> _CsvLines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.line += 1
        self._row.append(line)
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(
                f"the file is not UTF-8 (byte {error.start + 1} of line {self.line})",
                where=self._name,
                fix="convert it, for example: iconv -f latin1 -t utf-8 FILE > FILE.utf8",
            ) from error

    def start_row(self) -> None:
        self._row = []

    def taken(self) -> bytes:
        return b"".join(self._row).rstrip(b"\r\n")


def read_parquet(path: Path, name: str) -> Iterator[RawRow]:
    """Rows of a parquet file.

    Raises:
        InputError: The file is not parquet, or is damaged.
    """
    try:
        with pq.ParquetFile(path) as file:
            row = 0
            columns = _json_columns(file.schema_arrow)
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                for value in batch.to_pylist():
                    row += 1
                    yield _decoded(value, columns, row) if columns else RawRow(row, None, value)
    except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
        reason = re.sub(r"\s+", " ", str(error))[:200]
        raise InputError(
            f"{name!r} is not a whole parquet file ({reason})",
            where=name,
            fix="fetch the file again, or check its ending",
        ) from error


def _json_columns(schema: pa.Schema) -> list[str]:
    """Columns of JSON texts and of lists of them, as `datasets` stores its `Json` feature."""

    def is_json(kind: pa.DataType) -> bool:
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            kind = kind.value_type
        return getattr(kind, "extension_name", None) == "arrow.json"

    return [field.name for field in schema if is_json(field.type)]


def _decoded(value: dict[str, Any], columns: list[str], row: int) -> RawRow:
    """A row with the JSON texts of some columns parsed."""
    for name in columns:
        cell = value[name]
        try:
            if isinstance(cell, list):
                value[name] = [None if text is None else strict_json(text) for text in cell]
            elif cell is not None:
                value[name] = strict_json(cell)
        except (ValueError, RecursionError) as error:
            raw = json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")
            return RawRow(row, None, None, f"{name!r} is not JSON: {error}", raw)
    return RawRow(row, None, value)


def read_dataset_table(table: Any) -> Iterator[RawRow]:
    """Rows of a `datasets` dataset, saved, cached or streamed."""
    for row, value in enumerate(cast(Any, table), start=1):
        yield RawRow(row, None, value)
