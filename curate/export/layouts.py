"""The files that exported rows go to: JSONL by default, one file a split.

To add a layout, write a class with the members of `Layout`; a target names it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..folders import LineFile

Row = dict[str, Any]


class Counted(Protocol):
    """A file, hashed and counted on the way."""

    rows: int
    bytes: int

    @property
    def sha256(self) -> str: ...


def figures(file: Counted) -> dict[str, Any]:
    """What a report says of a file."""
    return {"rows": file.rows, "bytes": file.bytes, "sha256": file.sha256}


class TextFile:
    """A file of texts that follow one another, hashed and counted on the way.

    Attributes:
        rows: Rows so far; who writes them counts them.
        bytes: Bytes so far.
    """

    def __init__(self, path: Path) -> None:
        self._file = open(path, "wb")  # noqa: SIM115  it stays open from row to row
        self._digest = hashlib.sha256()
        self.rows = self.bytes = 0

    def write(self, text: str) -> None:
        """Add a text as it is."""
        data = text.encode("utf-8")
        self._file.write(data)
        self._digest.update(data)
        self.bytes += len(data)

    def close(self) -> None:
        """End the file."""
        self._file.close()

    @property
    def sha256(self) -> str:
        """SHA-256 of what was written so far, as hex digits."""
        return self._digest.hexdigest()


class Writer(Protocol):
    """Takes rows one by one; `close` says what was written: file name to rows, bytes and sha256."""

    def write(self, split: str, row: Row) -> None: ...
    def close(self) -> dict[str, dict[str, Any]]: ...


class Layout(Protocol):
    """How rows become files."""

    def file_of(self, split: str) -> str:
        """The file, inside the folder, that a split's rows go to."""
        ...

    def open(self, folder: Path) -> Writer:
        """A writer into a folder that is there."""
        ...


def json_line(row: Row) -> str:
    """One row as JSON text without needless spaces or escapes.

    Raises:
        ValueError: NaN or an infinity, which JSON does not have.
    """
    return _ENCODE(row)


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True)
class JsonLines:
    """One JSON object a line; UTF-8 without a mark, LF, no blank line.

    Args:
        files: Split to file name. Two splits with one file name stand in one file, train first.
        column: A member that names each row's split; None writes none.
        values: Split to what stands in that member.
    """

    files: Mapping[str, str] = field(
        default_factory=lambda: {"train": "train.jsonl", "validation": "validation.jsonl"}
    )
    column: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)

    def file_of(self, split: str) -> str:
        return self.files[split]

    def open(self, folder: Path) -> Writer:
        return _Lines(self, folder)


class _Lines:
    def __init__(self, layout: JsonLines, folder: Path) -> None:
        self._layout, self._folder = layout, folder
        self._files: dict[str, LineFile] = {}

    def write(self, split: str, row: Row) -> None:
        layout = self._layout
        name = layout.files[split]
        if name not in self._files:
            self._files[name] = LineFile(self._folder / name).__enter__()
        said = {**row, layout.column: layout.values.get(split, split)} if layout.column else row
        self._files[name].write(json_line(said))

    def close(self) -> dict[str, dict[str, Any]]:
        for file in self._files.values():
            file.__exit__(None, None, None)
        return {name: figures(file) for name, file in self._files.items()}


JSONL = JsonLines()
