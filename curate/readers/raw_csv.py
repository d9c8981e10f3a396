"""Rows of CSV and TSV files; a row that fails to parse keeps its bytes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import IO

from ...schemas.errors import InputError
from .raw import MAX_ROW_BYTES, RawRow, lines_of


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
        self._lines = lines_of(stream, name)
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
