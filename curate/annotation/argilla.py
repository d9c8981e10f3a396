"""Rows for Argilla 2: records as `dataset.records.from_json` reads them, and the dataset's settings.

Sources: argilla 2.8 (`Record.from_dict`, `Settings.from_json`) and the limits of argilla-server 2.8: turns
of 1 to 20,000 characters, at most 500 of them.
"""

from __future__ import annotations

from typing import Any

from ...schemas.providers.argilla import MAX_TURN, MAX_TURNS
from ...schemas.review import REJECT_REASONS
from .form import DECISION, DECISIONS, EDIT, HINTS, NOTE, REASON
from .turns import Shown, rejected_text, shown_turns, tools_text

TOO_LONG = f"a turn has more than {MAX_TURN:,} characters, which Argilla refuses"
TOO_MANY = f"more than {MAX_TURNS} turns, which Argilla refuses"
AGENT = "present answer"


def argilla_record(row: Shown) -> dict[str, Any]:
    """A row as a record; the present answer is the suggestion of the edit."""
    fields = {
        "chat": [{"role": role, "content": text} for role, text in shown_turns(row.row["messages"])],
        "rejected": rejected_text(row.row),
        "tools": tools_text(row.row),
        "why": row.why,
    }
    suggestions = {} if row.answer is None else {EDIT: {"value": row.answer, "score": None, "agent": AGENT}}
    return {
        "id": row.row_id,
        "fields": {name: value for name, value in fields.items() if value is not None},
        "metadata": {"row_id": row.row_id, "content_id": row.content_id},
        "suggestions": suggestions,
        "responses": {},
        "vectors": {},
        "status": "pending",
        "_server_id": None,
    }


def argilla_refuses(row: Shown) -> str | None:
    """Why the server would not take a row's record, or None."""
    turns = shown_turns(row.row["messages"])
    if len(turns) > MAX_TURNS:
        return TOO_MANY
    return TOO_LONG if any(len(text) > MAX_TURN for _, text in turns) else None


def argilla_settings(guidelines: str | None = None) -> dict[str, Any]:
    """The settings of the dataset, as `Settings.from_json` reads them.

    Args:
        guidelines: What annotators are told; None is a sentence on the form.
    """
    labels = [{"value": v, "text": t} for v, t in DECISIONS.items()]
    reasons = [{"value": v, "text": _title(t)} for v, t in REJECT_REASONS.items()]
    return {
        "guidelines": guidelines or HINTS[DECISION],
        "fields": [
            _named("chat", "Conversation", {"type": "chat", "use_markdown": False}, required=True),
            _named("rejected", "Losing answer", {"type": "text", "use_markdown": False}),
            _named("tools", "Tools", {"type": "text", "use_markdown": False}),
            _named("why", "Why it is here", {"type": "text", "use_markdown": False}),
        ],
        "questions": [
            _named(
                DECISION,
                "Decision",
                {"type": "label_selection", "options": labels, "visible_options": None},
                required=True,
            ),
            _named(
                REASON,
                "Reason of a rejection",
                {
                    "type": "multi_label_selection",
                    "options": reasons,
                    "visible_options": len(reasons),
                    "options_order": "natural",
                },
            ),
            _named(EDIT, "Answer, edited", {"type": "text", "use_markdown": False}),
            _named(NOTE, "Note", {"type": "text", "use_markdown": False}),
        ],
        "vectors": [],
        "metadata": [],
        "allow_extra_metadata": True,
        "distribution": {"strategy": "overlap", "min_submitted": 1},
        "mapping": None,
    }


def _named(name: str, title: str, settings: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "description": HINTS.get(name),
        "required": required,
        "settings": settings,
        "type": settings["type"],
    }


def _title(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
