"""JSONL whose first rows have every member that any row has.

`datasets` takes the type of a column from the first 10 MB of a file, and fails at a row that has a member
more (huggingface/datasets issue 7222; seen with 4.0.0, 4.8.4 and 5.2.0). Tool calls or a flag that first
appear late in a large file would make it unreadable.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..folders import LineFile
from .layouts import JsonLines, Row, Writer, figures, json_line

EARLY_BYTES = 1_000_000
"""A row that begins before here is early enough; a tenth of what is read for the type."""


@dataclass(frozen=True)
class WidestFirst(JsonLines):
    """One JSON object a line; a later row with a new member moves to the front of its file."""

    def open(self, folder: Path) -> Writer:
        return _Writer(self, folder)


class _Writer:
    def __init__(self, layout: JsonLines, folder: Path) -> None:
        self._layout, self._folder = layout, folder
        self._files: dict[str, LineFile] = {}
        self._seen: dict[str, set[tuple[str, ...]]] = {}
        self._moved: dict[str, list[str]] = {}

    def write(self, split: str, row: Row) -> None:
        name = self._layout.file_of(split)
        if name not in self._files:
            self._files[name] = LineFile(self._folder / name).__enter__()
            self._seen[name], self._moved[name] = set(), []
        new = set(_members(row, ())) - self._seen[name]
        self._seen[name] |= new
        if new and self._files[name].bytes > EARLY_BYTES:
            self._moved[name].append(json_line(row))
        else:
            self._files[name].write(json_line(row))

    def close(self) -> dict[str, dict[str, Any]]:
        for file in self._files.values():
            file.__exit__(None, None, None)
        for name, lines in self._moved.items():
            if lines:
                self._files[name] = _with_front(self._folder / name, lines)
        return {name: figures(file) for name, file in self._files.items()}


def _members(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The paths of all members of a JSON value; the places in a list are one."""
    if isinstance(value, dict):
        for name, member in value.items():
            at = (*path, name)
            yield at
            if isinstance(member, dict | list):
                yield from _members(member, at)
    elif isinstance(value, list):
        for member in value:
            yield from _members(member, path)


def _with_front(path: Path, lines: list[str]) -> LineFile:
    """The file anew, with some lines before its own."""
    body = path.with_name(f"{path.name}.body")
    os.replace(path, body)
    with LineFile(path) as file, open(body, encoding="utf-8", newline="\n") as old:
        for line in lines:
            file.write(line)
        for line in old:
            file.write(line.removesuffix("\n"))
    body.unlink()
    return file
