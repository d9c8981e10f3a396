"""The columns of an item, and the content that an event approves. No Streamlit here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ...schemas.errors import ReviewError
from ...schemas.review import Event
from ..content import Content
from ..pairs import left_side
from ..queue import Ticket
from .pane.contract import PaneRow
from .pane.edited import edited_payload
from .pane.events import PaneEvent
from .panes import exchanged, halves, pane_row

WARNING = ("warn", "bad")
TOGETHER = ("conflicting answer", "same meaning")


def columns(
    ticket: Ticket, contents: Sequence[Content], mine: Sequence[Sequence[Event]], me: str, seed: int
) -> tuple[PaneRow, ...]:
    """What stands on the screen, from left to right; the sides of a pair are drawn for each person.

    Args:
        ticket: The item.
        contents: Its rows.
        mine: My own events on each.
        me: My name.
        seed: Of the draw of sides.
    """
    if ticket.task == "review":
        return tuple(pane_row(c, own) for c, own in zip(contents, mine, strict=True))
    if ticket.task == "group":
        return tuple(_warned(pane_row(c, own)) for c, own in zip(contents, mine, strict=True))
    if len(contents) == 1:
        a, b = map(_warned, halves(contents[0]))
    else:
        a, b = (
            _warned(replace(pane_row(c, own, side=side), rejected=None))
            for c, own, side in zip(contents, mine, ("a", "b"), strict=True)
        )
    return (a, b) if left_side(ticket.item_id, me, seed) == "a" else (b, a)


def _warned(row: PaneRow) -> PaneRow:
    """Beside others: only what warns, and not what brought the rows together."""
    return replace(row, chips=tuple(c for c in row.chips if c.kind in WARNING and c.text not in TOGETHER))


def approved_payload(
    event: PaneEvent, rows: Sequence[PaneRow], contents: Sequence[Content]
) -> dict[str, Any] | None:
    """The content that an event approves, where it is another than the run's; None where it is the run's.

    Args:
        event: A decision.
        rows: The columns it was made on.
        contents: Their rows.

    Raises:
        ReviewError: An edit that does not fit, or one of an answer that is not the chosen one.
    """
    halved = event.action == "prefer" and len(contents) == 1
    if not event.edits:
        return exchanged(contents[0]) if halved and event.outcome == "b" else None
    row = next((r for r in rows if (r.row_id, r.content_id) == (event.row_id, event.content_id)), None)
    if row is None or (event.action == "prefer" and row.side != event.outcome):
        raise ReviewError(
            f"the edit is not of the answer that was chosen ({event.outcome or event.action})",
            where="the comparison",
            fix="edit the better answer, and choose it",
        )
    payload = edited_payload(row, event.edits)
    if isinstance(payload, str):
        raise ReviewError(payload, where="the edit", fix="change it, or leave the edit with Esc")
    if event.action == "prefer":
        content = next(c for c in contents if c.row_id == row.row_id)
        losing = content.messages[-1:] if halved and row.side == "b" else content.rejected
        payload["rejected"] = losing
    return payload
