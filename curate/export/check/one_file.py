"""Read one file against a target's rules, in bounded memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ....schemas.providers.problems import RowProblem
from ..shape import Target
from ..spend import Meter
from .file_checks import check_name
from .file_rules import rule_of
from .found import Tally
from .lines import Unreadable, has_separator, lines_of, parse, problem
from .result import FileReport
from .rows import RowRules
from .shapes import Shapes
from .sources import UNREAD, Kind, kind_of, other_rows
from .twins import Keys, digest, repeated, suspects


class FileCheck:
    """Checks one file.

    Args:
        path: The file.
        split: The split that it is for.
        target: The target.
        tally: Takes the findings.
        meter: Counts the tokens of the rows that the target takes.

    Attributes:
        rows: Rows so far, readable or not.
        refused: Rows that the target refuses.
        keys: What tells equal rows, of those that the target takes.
    """

    def __init__(self, path: Path, split: str, target: Target, tally: Tally, meter: Meter) -> None:
        self.path, self.split = path, split
        self._target, self._tally, self._meter = target, tally, meter
        self._problems = RowRules(target).problems
        self.rows = self.refused = 0
        self.keys = Keys()
        self.shapes = Shapes()
        self._kind: Kind = "jsonl"

    def read(self) -> None:
        """Read the file to its end."""
        self._kind = kind_of(self.path)
        check_name(self._target, self.path, self._kind, self._tally)
        if self._kind in UNREAD:
            return
        self._tally.units[self.path.name] = "line" if self._kind in ("jsonl", "carriage_returns") else "row"
        if self._kind == "jsonl":
            self._read_lines()
        else:
            self._read_others()
        if mixed := self.shapes.mixed():
            self._tally.add_file(self.path.name, "mixed_shapes", mixed)
        self._tell_long()
        self._tell_twins()

    @property
    def read_whole(self) -> bool:
        """Whether its rows could be read at all."""
        return self._kind not in UNREAD

    def _read_lines(self) -> None:
        offset = crlf = 0
        number = 0
        with open(self.path, "rb", buffering=1 << 20) as f:
            for line in lines_of(f):
                number += 1
                size = len(line)
                if number == 1 and line.startswith(codecs.BOM_UTF8):
                    self._tally.add_file(self.path.name, "byte_order_mark")
                    line = line[3:]
                self.line(line, number, offset)
                crlf += line.endswith(b"\r\n")
                offset += size
        if crlf:
            self._tally.add_file(self.path.name, "crlf", f"{crlf:,} of {number:,}")

    def line(self, line: bytes, number: int, offset: int) -> None:
        """One line of a JSON Lines file."""
        try:
            value = parse(line)
        except Unreadable as unreadable:
            if unreadable.problem.code != "blank_line":
                self.rows += 1
            self._take(number, offset, {}, [unreadable.problem])
            return
        self.rows += 1
        self.row(value, number, offset, [problem("line_separator")] if has_separator(line) else [])

    def _read_others(self) -> None:
        cut: list[str] = []
        for sighted in other_rows(self.path, self._kind, cut):
            self.rows += 1
            if sighted.problem is not None:
                self._take(sighted.number, None, {}, [sighted.problem])
            else:
                self.row(sighted.value, sighted.number, None, [])
        if cut:
            self._tally.add_file(self.path.name, "not_json", cut[0])

    def row(self, value: Any, number: int, offset: int | None, seen: list[RowProblem]) -> None:
        """One parsed row."""
        if type(value) is not dict:
            self._take(number, offset, value, [problem("not_an_object")])
            return
        self.shapes.add(value)
        found = [*seen, *self._problems(value)]
        if not found or self._take(number, offset, value, found):
            self._meter.add(self.split, value, number)
            self.keys.add(number, value)

    def _take(self, number: int, offset: int | None, value: Any, found: list[RowProblem]) -> bool:
        """The findings of a row; True where the target takes it all the same."""
        refused = self._tally.add_row(self.path.name, number, offset, value, found)
        self.refused += refused
        return not refused

    def _tell_long(self) -> None:
        """Rows with more tokens than the target takes, or perhaps more."""
        limit = self._target.limits.max_row_tokens
        codes = ("over_row_tokens", "may_be_over_row_tokens")
        for code, rows in zip(codes, self._meter.over(self.split), strict=True):
            for number, tokens in rows:
                sentence = f"{rule_of(code, self._target).sentence}: {tokens:,} of {limit:,}"
                self._take(number, None, {}, [RowProblem(code, "", sentence)])

    def _tell_twins(self) -> None:
        numbers = suspects(self.keys)
        if not numbers:
            return
        unit = self._tally.units[self.path.name]
        for number, first in repeated((n, digest(row)) for n, row in self.again(numbers)):
            told = RowProblem("duplicate_row", "", f"the same row stands in {unit} {first}")
            self._tally.add_row(self.path.name, number, None, {}, [told])

    def again(self, numbers: set[int]) -> Iterator[tuple[int, Any]]:
        """The rows with these numbers, read again."""
        if self._kind != "jsonl":
            yield from (
                (s.number, s.value) for s in other_rows(self.path, self._kind, []) if s.number in numbers
            )
            return
        with open(self.path, "rb") as f:
            for number, line in enumerate(lines_of(f), start=1):
                if number in numbers:
                    yield number, parse(line.removeprefix(codecs.BOM_UTF8) if number == 1 else line)

    def report(self) -> FileReport:
        """What was read."""
        return FileReport(
            self.path.name, self.split, str(self.path), self.path.stat().st_size, self.rows, self.refused
        )
