"""A waiting row as a line of our own JSONL, ready to be filled in."""

from __future__ import annotations

import json

from ...schemas.review_lines import RowLine
from .waiting import Waiting


def row_text(row: Waiting) -> str:
    """A row as JSON, with the members to fill in: action, reason, note, edited_answer and actor."""
    members = ("row_id", "content_id", "messages", "tools", "rejected", "label")
    line = RowLine(kind="row", why=row.why, **{name: row.row[name] for name in members})
    told = line.model_dump(exclude={"at"})
    empty = {"tools", "rejected", "label", "why"}
    return json.dumps({k: v for k, v in told.items() if v is not None or k not in empty}, ensure_ascii=False)
