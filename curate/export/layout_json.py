"""Rows as one JSON array a split, one element a line: what tools take that import a whole file at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .layouts import Row, TextFile, Writer, figures, json_line


@dataclass(frozen=True)
class JsonArrays:
    """`[`, an element a line, `]`; UTF-8 without a mark.

    Args:
        files: Split to file name.
    """

    files: Mapping[str, str] = field(
        default_factory=lambda: {"train": "train.json", "validation": "validation.json"}
    )

    def file_of(self, split: str) -> str:
        return self.files[split]

    def open(self, folder: Path) -> Writer:
        return _Arrays(self, folder)


class _Arrays:
    def __init__(self, layout: JsonArrays, folder: Path) -> None:
        self._layout, self._folder = layout, folder
        self._files: dict[str, _Array] = {}

    def write(self, split: str, row: Row) -> None:
        name = self._layout.files[split]
        if name not in self._files:
            self._files[name] = _Array(self._folder / name)
        self._files[name].add(json_line(row))

    def close(self) -> dict[str, dict[str, Any]]:
        for file in self._files.values():
            file.close()
        return {name: figures(file) for name, file in self._files.items()}


class _Array(TextFile):
    """One file."""

    def add(self, text: str) -> None:
        self.write(f"{',' if self.rows else '['}\n{text}")
        self.rows += 1

    def close(self) -> None:
        self.write("\n]\n")
        super().close()
