"""What the record says of one row, as far as a person may know it. No Streamlit here."""

from __future__ import annotations

from ...schemas.review import Event
from ..people import Person
from ..store import Store
from .panes import WORDS


def row_history(store: Store, who: Person, row_id: str) -> list[str]:
    """The events on a row, oldest first.

    Others' decisions are told to adjudicators, and to everyone once theirs are made: who has not decided
    yet judges for themselves.
    """
    events = list(store.events(row_id))
    decided = any(e.actor == who.name and e.action in ("approve", "reject") for e in events)
    if not (who.may("adjudicator") or decided or not who.may("reviewer")):
        events = [e for e in events if e.actor == who.name or e.rule is not None]
    return [line(event, who.name) for event in events]


def line(event: Event, me: str) -> str:
    """One event for people."""
    by = "you" if event.actor == me else event.actor
    how = " finally" if event.final else " by rule" if event.rule else ""
    why = "; ".join(part for part in (event.reason, event.note) if part)
    told = f" ({why.replace('_', ' ') if event.note is None else why})" if why else ""
    return f"{event.at[:16].replace('T', ' ')}  {by} {WORDS.get(event.action, event.action)}{how}{told}"
