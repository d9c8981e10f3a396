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

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .line_file import Line, append_line, open_lines, read_lines

FIX = "restore the file from a backup, or launch under another --name"


class Journal:
    """The lines of one launch. The caller holds the lock.

    Args:
        path: The file; it need not exist yet.

    Raises:
        WorkspaceError: A finished line is no JSON object, or the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = open_lines(path, FIX)

    def write(self, event: str, /, **facts: Any) -> None:
        """Append one line; it is on the disk when this returns.

        Raises:
            WorkspaceError: The disk is full, or the file cannot be written.
        """
        line: Line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **facts}
        append_line(self.path, line)
        self.lines.append(line)

    def first(self, event: str, **facts: Any) -> Line | None:
        """The first line of an event with such facts."""
        return next((line for line in self.lines if _fits(line, event, facts)), None)

    def last(self, event: str, **facts: Any) -> Line | None:
        """The last line of an event with such facts."""
        return next((line for line in reversed(self.lines) if _fits(line, event, facts)), None)


def read_journal(path: Path) -> list[Line]:
    """The finished lines of a journal, without touching it; an unfinished last one is left out."""
    return read_lines(path, FIX)[0] if path.is_file() else []


def _fits(line: Line, event: str, facts: Mapping[str, Any]) -> bool:
    return line.get("event") == event and all(line.get(name) == value for name, value in facts.items())
