"""The journal of a launch: `models/NAME/launch.jsonl`, append-only and on disk before anything goes on.

One JSON object a line, each with `at` (UTC) and `event`:

    plan     what is to be sent, where, with what settings; its idempotence key
    intent   a creating call is about to be made: `call` is upload or start, `split` names the file
    refused  the provider refused that call, so it made nothing
    result   what it made: `id`; `found` where an earlier call turned out to have made it
    state    the job's status changed
    end      the job ended: `status`, and the tuned model

A launch whose job was refused may be planned anew; what stands before the last plan is history then.

A line that a killed process left unfinished is cut off when the journal is opened again; what it would have
said is found out from the provider.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .line_file import Line, append_line, open_lines, read_lines

JOURNAL = "launch.jsonl"
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

    @property
    def current(self) -> list[Line]:
        """The lines from the last plan on."""
        starts = [i for i, line in enumerate(self.lines) if line.get("event") == "plan"]
        return self.lines[starts[-1] :] if starts else []

    def first(self, event: str, **facts: Any) -> Line | None:
        """The first line of an event with such facts, since the last plan."""
        return next((line for line in self.current if _fits(line, event, facts)), None)

    def last(self, event: str, **facts: Any) -> Line | None:
        """The last line of an event with such facts, since the last plan."""
        return next((line for line in reversed(self.current) if _fits(line, event, facts)), None)

    def is_open(self, **call: Any) -> bool:
        """Whether a creating call was intended and it is not known what became of it."""
        told = [line for line in self.current if all(line.get(k) == v for k, v in call.items())]
        return bool(told) and told[-1]["event"] == "intent"

    @property
    def may_have_started(self) -> bool:
        """Whether there may be a job: its start was tried, and not refused."""
        return self.is_open(call="start") or self.first("result", call="start") is not None


def read_journal(path: Path) -> list[Line]:
    """The finished lines of a journal, without touching it; an unfinished last one is left out."""
    return read_lines(path, FIX)[0] if path.is_file() else []


def _fits(line: Line, event: str, facts: Mapping[str, Any]) -> bool:
    return line.get("event") == event and all(line.get(name) == value for name, value in facts.items())
