"""Rows as one JSON array a split, one element a line: what tools take that import a whole file at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from .layouts import Row, Writer, json_line


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
        return {name: file.close() for name, file in self._files.items()}


class _Array:
    """One file, hashed and counted on the way."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = open(path, "wb")  # noqa: SIM115  it stays open from row to row
        self._digest = hashlib.sha256()
        self._bytes = self._rows = 0

    def add(self, text: str) -> None:
        self._put(f"{',' if self._rows else '['}\n{text}")
        self._rows += 1

    def _put(self, text: str) -> None:
        data = text.encode("utf-8")
        self._file.write(data)
        self._digest.update(data)
        self._bytes += len(data)

    def close(self) -> dict[str, Any]:
        self._put("\n]\n")
        self._file.close()
        return {"rows": self._rows, "bytes": self._bytes, "sha256": self._digest.hexdigest()}
