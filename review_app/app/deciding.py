"""From the pane's event to the desk: the decision that it asks for, or a draft where it came too late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...schemas.errors import ReviewError
from ..content import Content
from ..desk import Desk, Outcome, Shown, Ticket
from .pane.contract import PaneRow
from .pane.events import PaneEvent
from .sides import approved_payload


def outcome_of(
    desk: Desk, ticket: Ticket, event: PaneEvent, rows: Sequence[PaneRow], contents: Sequence[Content]
) -> Outcome:
    """Record a decision.

    Args:
        desk: The person's.
        ticket: What they hold.
        event: What they decided.
        rows: The columns that were on the screen.
        contents: Their rows.

    Raises:
        LeaseLost: The item passed to someone else, or is another now.
        ReviewError: No decision of this page, or an edit that does not fit.
    """
    shown = Shown(event.painted_at, event.dwell_ms, event.input)
    if event.action == "keep":
        return desk.keep(ticket, event.keep, shown)
    payload = approved_payload(event, rows, contents)
    if event.action == "prefer" and event.outcome is not None and event.left is not None:
        return desk.prefer(ticket, event.outcome, shown, left=event.left, payload=payload, note=event.note)
    if event.action not in ("approve", "reject"):
        raise ReviewError(f"{event.action!r} is no decision here", where="the page", fix="reload the page")
    return desk.decide(
        ticket,
        event.action,
        shown,
        reason=event.reason,
        note=event.note,
        answers=event.answers.as_answers(),
        payload=payload,
    )


def keep_draft(
    desk: Desk, ticket: Ticket, event: PaneEvent, rows: Sequence[PaneRow], contents: Sequence[Content]
) -> bool:
    """Keep the edit of a decision that came too late; whether there was one."""
    payload = approved_payload(event, rows, contents) if event.edits else None
    content = next((c for c in contents if c.row_id == event.row_id), None)
    if payload is None or content is None:
        return False
    own = replace(ticket, row_ids=(content.row_id,), content_ids=(content.content_id,))
    desk.save_draft(own, payload)
    return True
