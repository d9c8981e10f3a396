"""Rows of a file as it is: JSON Lines by default, arrays, spread objects, CSV and parquet as they come."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from ....schemas.errors import InputError
from ....schemas.providers.problems import RowProblem
from ...readers.raw import MAX_ROW_BYTES, RawRow, read_json
from ...readers.raw_csv import read_csv
from ...readers.raw_tables import read_parquet
from .lines import Unreadable, parse, problem

Kind = Literal[
    "jsonl",
    "json_array",
    "json_over_lines",
    "carriage_returns",
    "utf-16",
    "compressed",
    "binary",
    "csv",
    "parquet",
]
HEAD_BYTES = 1 << 16
UNREAD: tuple[Kind, ...] = ("compressed", "utf-16", "binary")
"""What a check reads no rows of."""
_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"BZh", b"\xfd7zXZ")


@dataclass(frozen=True, slots=True)
class Sighted:
    """A row of a file that is not JSON Lines: its value, or why it has none."""

    number: int
    value: Any
    problem: RowProblem | None


def kind_of(path: Path) -> Kind:
    """What a file is, by its ending where that says it, and by its first bytes."""
    if path.suffix.lower() in (".csv", ".parquet"):
        return "csv" if path.suffix.lower() == ".csv" else "parquet"
    with open(path, "rb") as f:
        head = f.read(HEAD_BYTES)
        if head.startswith(_PACKED):
            return "compressed"
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if head.count(0) * 100 > len(head):
            return "binary"
        start = head.removeprefix(codecs.BOM_UTF8).lstrip()
        if start.startswith(b"[") and _is_array(start):
            return "json_array"
        if start.startswith(b"{") and _runs_on(f, head):
            return "json_over_lines"
        return "carriage_returns" if _lone_returns(start) else "jsonl"


def _is_array(start: bytes) -> bool:
    """Whether the first line is the beginning of an array of objects, and no array of its own."""
    first = start.split(b"\n", 1)[0]
    return start[1:].lstrip().startswith(b"{") or not _parses(first)


def _runs_on(f: IO[bytes], head: bytes) -> bool:
    """Whether the first line opens an object that a later line closes."""
    line = head.removeprefix(codecs.BOM_UTF8).lstrip().split(b"\n", 1)[0].strip()
    if b"\n" not in head.strip() or (line not in (b"{", b'{"') and not line.endswith((b",", b"{", b"["))):
        return False
    f.seek(0)
    try:
        first = next(read_json(f, "file"), None)
    except InputError:
        return False
    return first is not None and first.problem is None


def _lone_returns(start: bytes) -> bool:
    first, _, rest = start.partition(b"\r")
    return bool(rest) and not rest.startswith(b"\n") and b"\n" not in first and _parses(first)


def _parses(line: bytes) -> bool:
    try:
        parse(line)
    except Unreadable:
        return False
    return True


def other_rows(path: Path, kind: Kind, cut: list[str]) -> Iterator[Sighted]:
    """Rows of a file that is not JSON Lines, in bounded memory.

    Args:
        path: The file.
        kind: What `kind_of` says of it.
        cut: Receives the reason where the file cannot be read to its end.
    """
    try:
        with open(path, "rb") as f:
            for raw in _raw_rows(path, kind, f):
                lost = None if raw.problem is None else _lost(raw)
                yield Sighted(raw.row, raw.value, lost)
    except InputError as error:
        cut.append(f"{error.what}, {error.where}")


def _raw_rows(path: Path, kind: Kind, f: IO[bytes]) -> Iterator[RawRow]:
    if kind == "parquet":
        return read_parquet(path, path.name)
    if kind == "csv":
        return read_csv(f, path.name)
    if kind == "carriage_returns":
        return _split_at_returns(f.read(MAX_ROW_BYTES))
    return read_json(f, path.name)


def _split_at_returns(data: bytes) -> Iterator[RawRow]:
    for number, line in enumerate(data.removeprefix(codecs.BOM_UTF8).split(b"\r"), start=1):
        if not line.strip():
            continue
        try:
            yield RawRow(number, number, parse(line))
        except Unreadable as unreadable:
            yield RawRow(number, number, None, unreadable.problem.sentence, line)


def _lost(raw: RawRow) -> RowProblem:
    if raw.raw:
        try:
            parse(raw.raw)
        except Unreadable as unreadable:
            return unreadable.problem
    return problem("not_json", raw.problem or "")
