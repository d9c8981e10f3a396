"""The journal of a launch: `models/NAME/launch.jsonl`, append-only and on disk before anything goes on.

One JSON object a line, each with `at` (UTC) and `event`:

    plan     what is to be sent, where, with what settings; its idempotence key
    intent   a creating call is about to be made: `call` is upload or start, `split` names the file
    result   what it made: `id`; `found` where an earlier call turned out to have made it
    state    the job's status changed
    end      the job ended: `status`, and the tuned model

A line that a killed process left unfinished is cut off when the journal is opened again; what it would have
said is found out from the provider.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...schemas.errors import WorkspaceError
from ...schemas.files import disk_error, sync_folder

Line = dict[str, Any]


class Journal:
    """The lines of one launch. The caller holds the lock.

    Args:
        path: The file; it need not exist yet.

    Raises:
        WorkspaceError: A finished line is no JSON object, or the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = _read(path)

    def write(self, event: str, /, **facts: Any) -> None:
        """Append one line; it is on the disk when this returns.

        Raises:
            WorkspaceError: The disk is full, or the file cannot be written.
        """
        line: Line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **facts}
        data = (json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh = not self.path.exists()
            with open(self.path, "ab") as f:
                f.write(data)
                f.flush()
                os.fsync(f.fileno())
            if fresh:
                sync_folder(self.path.parent)
                sync_folder(self.path.parent.parent)
        except OSError as error:
            raise disk_error(error, self.path) from error
        self.lines.append(line)

    def first(self, event: str, **facts: Any) -> Line | None:
        """The first line of an event with such facts."""
        return next((line for line in self.lines if _fits(line, event, facts)), None)

    def last(self, event: str, **facts: Any) -> Line | None:
        """The last line of an event with such facts."""
        return next((line for line in reversed(self.lines) if _fits(line, event, facts)), None)


def read_journal(path: Path) -> list[Line]:
    """The finished lines of a journal, without touching it; an unfinished last one is left out."""
    return _finished(path.read_bytes(), path)[0] if path.is_file() else []


def _fits(line: Line, event: str, facts: Mapping[str, Any]) -> bool:
    return line["event"] == event and all(line.get(name) == value for name, value in facts.items())


def _read(path: Path) -> list[Line]:
    if not path.is_file():
        return []
    data = path.read_bytes()
    lines, whole = _finished(data, path)
    if whole < len(data):
        try:
            with open(path, "r+b") as f:
                f.truncate(whole)
                os.fsync(f.fileno())
        except OSError as error:
            raise disk_error(error, path) from error
    return lines


def _finished(data: bytes, path: Path) -> tuple[list[Line], int]:
    """The lines that end, and how many bytes they are."""
    whole = data.rfind(b"\n") + 1
    return [_line(text, path, n) for n, text in enumerate(data[:whole].split(b"\n")[:-1], start=1)], whole


def _line(text: bytes, path: Path, number: int) -> Line:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict) or not isinstance(value.get("event"), str):
        raise WorkspaceError(
            "a line of the launch journal is damaged",
            where=f"{path}, line {number}",
            fix="restore the file from a backup, or launch under another --name",
        )
    return value
