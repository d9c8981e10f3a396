"""Records as rows of annotation tools: what an annotator is shown, and the row itself beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...schemas.example import canonical_json
from ..annotation.turns import answer_of
from .shape import Record, State

OPEN = State("open", "a tool that you run, or a service with the same form", local=True)
CONTENT = ("messages", "tools", "rejected", "label")


@dataclass(frozen=True)
class _Row:
    """A record as `annotation` shows it."""

    row: dict[str, Any]
    why: str | None = None

    @property
    def row_id(self) -> str:
        return self.row["row_id"]

    @property
    def content_id(self) -> str:
        return self.row["content_id"]

    @property
    def answer(self) -> str | None:
        return answer_of(self.row)


def shown(record: Record) -> _Row:
    """A record as `annotation` takes it."""
    return _Row({"tools": None, "rejected": None, **record})


def content_text(record: Record) -> str:
    """The row itself as JSON text: what the shown turns cannot say is not lost."""
    return canonical_json({name: record[name] for name in CONTENT if record.get(name) is not None})
