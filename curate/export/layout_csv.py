"""Rows as CSV files: RFC 4180, UTF-8 without a mark, one header line."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .layouts import Row, TextFile, Writer, figures

LINE_END = "\r\n"
"""Source: RFC 4180, section 2."""


@dataclass(frozen=True)
class CsvFiles:
    """One CSV file a split; every file has the same columns.

    Texts stand as they are, also one that a spreadsheet program would take for a formula.

    Args:
        columns: Names, in order. A row's other members are None.
        optional: Columns that are left out where no row fills them.
        files: Split to file name.
    """

    columns: Sequence[str]
    optional: frozenset[str] = frozenset()
    files: Mapping[str, str] = field(
        default_factory=lambda: {"train": "train.csv", "validation": "validation.csv"}
    )

    def file_of(self, split: str) -> str:
        return self.files[split]

    def open(self, folder: Path) -> Writer:
        return _Csv(self, folder)


class _Csv:
    """Writes every column, and at the end once more without those that nobody filled."""

    def __init__(self, layout: CsvFiles, folder: Path) -> None:
        self._layout, self._folder = layout, folder
        self._files: dict[str, _File] = {}
        self._filled: set[str] = set(layout.columns) - layout.optional

    def write(self, split: str, row: Row) -> None:
        columns = self._layout.columns
        name = self._layout.files[split]
        if name not in self._files:
            self._files[name] = _File(self._folder / name, columns)
        self._filled.update(row)
        self._files[name].add([row.get(column) or "" for column in columns])

    def close(self) -> dict[str, dict[str, Any]]:
        kept = [i for i, column in enumerate(self._layout.columns) if column in self._filled]
        written: dict[str, dict[str, Any]] = {}
        for name, file in self._files.items():
            file.close()
            if len(kept) < len(self._layout.columns):
                file = self._narrowed(self._folder / name, kept)
            written[name] = figures(file)
        return written

    def _narrowed(self, path: Path, kept: Sequence[int]) -> _File:
        whole = path.rename(path.with_name(f"{path.name}.part"))
        csv.field_size_limit(2**31 - 1)
        with open(whole, encoding="utf-8", newline="") as lines:
            narrow = _File(path, [self._layout.columns[i] for i in kept])
            cells = csv.reader(lines, strict=True)
            next(cells)
            for row in cells:
                narrow.add([row[i] for i in kept])
        narrow.close()
        whole.unlink()
        return narrow


class _File(TextFile):
    """One file; `csv.writer` writes into it, a line at a time."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        super().__init__(path)
        self._lines = csv.writer(self, lineterminator=LINE_END)
        self._lines.writerow(header)

    def add(self, cells: Sequence[str]) -> None:
        self._lines.writerow(cells)
        self.rows += 1
