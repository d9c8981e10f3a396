"""Files that grow by one JSON object a line, each on the disk before anything goes on."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ...schemas.errors import WorkspaceError
from ...schemas.files import disk_error, sync_folder

Line = dict[str, Any]


def append_line(path: Path, line: Line) -> None:
    """Append one line; it is on the disk when this returns.

    Raises:
        WorkspaceError: The disk is full, or the file cannot be written.
    """
    data = (json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not path.exists()
        with open(path, "ab") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        if fresh:
            sync_folder(path.parent)
            sync_folder(path.parent.parent)
    except OSError as error:
        raise disk_error(error, path) from error


def open_lines(path: Path, fix: str) -> list[Line]:
    """The lines of a file that is going to grow; a last line that a killed process left unfinished is cut.

    Args:
        path: The file; it need not exist.
        fix: What to do about a damaged one.

    Raises:
        WorkspaceError: A finished line is no JSON object, or the file cannot be written.
    """
    if not path.is_file():
        return []
    lines, whole = read_lines(path, fix)
    if whole < path.stat().st_size:
        try:
            with open(path, "r+b") as f:
                f.truncate(whole)
                os.fsync(f.fileno())
        except OSError as error:
            raise disk_error(error, path) from error
    return lines


def read_lines(path: Path, fix: str) -> tuple[list[Line], int]:
    """The finished lines, and how many bytes they are.

    Raises:
        WorkspaceError: A finished line is no JSON object.
    """
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    lines = data[:whole].split(b"\n")[:-1]
    return [_line(text, path, number, fix) for number, text in enumerate(lines, start=1)], whole


def _line(text: bytes, path: Path, number: int, fix: str) -> Line:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise WorkspaceError(f"a line of {path.name!r} is damaged", where=f"{path}, line {number}", fix=fix)
    return value
