"""From what the browser sent to an event that fits what was shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from .contract import PaneView
from .edited import edited_payload
from .events import PaneEvent, Refusal

ON_THE_ITEM = ("decide", "skip", "flag", "note")
ACTIONS: dict[str, tuple[str, ...]] = {
    "review": ("approve", "reject"),
    "group": ("keep",),
    "pair": ("prefer",),
    "adjudicate": ("approve", "reject", "choose"),
}


def read_event(raw: Any, view: PaneView) -> PaneEvent | Refusal:
    """The event, or why it is not taken. Never raises for what the browser sent.

    Args:
        raw: The trigger's value.
        view: What the pane was last given. An event that it answers already is refused as stale, so a
            message that was sent twice acts once.
    """
    try:
        event = PaneEvent.model_validate_json(json.dumps(raw))
    except (ValidationError, ValueError, TypeError, RecursionError) as error:
        return Refusal(text=f"What the browser sent cannot be read: {_first(error)}.", fix="Reload the page.")
    again = view.answered is not None and view.answered.nonce == event.nonce
    if again or (event.kind in ON_THE_ITEM and not _about_this(event, view)):
        return Refusal(
            text="That was answered already, or its item is no longer here.",
            fix="Nothing was done twice.",
            stale=True,
            nonce=event.nonce,
        )
    for check in CHECKS:
        problem = check(event, view)
        if problem:
            return Refusal(text=problem, fix="Nothing was saved. Try again.", nonce=event.nonce)
    return event


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        told = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in told['loc']) or 'event'}: {told['msg']}"
    return type(error).__name__


def _about_this(event: PaneEvent, view: PaneView) -> bool:
    if event.kind in ("flag", "note"):
        return view.row(event.row_id, event.content_id) is not None
    return (
        view.ticket is not None
        and (event.ticket, event.item_id) == (view.ticket, view.item_id)
        and event.content_ids == view.content_ids
    )


def _may(event: PaneEvent, view: PaneView) -> str | None:
    if event.kind == "decide":
        if event.action not in ACTIONS[view.mode]:
            return f"This page does not take the decision {event.action}."
        wanted = event.action
    else:
        wanted = event.kind
    if wanted not in view.allowed:
        return f"You may not {wanted} here."
    if event.edits and "edit" not in view.allowed:
        return "You may not edit here."
    return None


def _painted(event: PaneEvent, _view: PaneView) -> str | None:
    if event.kind in ("decide", "skip") and event.painted_at is None:
        return "The item was not on the screen yet."
    return None


def _reason(event: PaneEvent, view: PaneView) -> str | None:
    if event.kind != "decide" or event.action != "reject":
        return "Only a rejection has a reason." if event.reason else None
    known = {reason.code: reason for reason in view.reasons}
    if event.reason is None:
        return "A rejection needs a reason." if known else None
    if event.reason not in known:
        return f"The reason {event.reason} is not one of this queue's."
    if known[event.reason].wants_note and not (event.note or "").strip():
        return "This reason needs a sentence."
    return None


def _members(event: PaneEvent, view: PaneView) -> str | None:
    shown = {row.row_id for row in view.rows}
    if event.action == "keep" and (not set(event.keep) <= shown or len(set(event.keep)) != len(event.keep)):
        return "A row to keep is not in this group."
    if event.action == "choose" and view.row(event.row_id, event.content_id) is None:
        return "The chosen vote is not shown here."
    if event.action == "prefer":
        if event.outcome is None or event.left is None:
            return "A comparison needs an outcome and the side that stood left."
        if not view.rows or view.rows[0].side != event.left:
            return "The sides are not those that were shown."
    if event.kind == "open" and event.target is None:
        return "No item to open was named."
    return None


def _answers(event: PaneEvent, view: PaneView) -> str | None:
    if event.kind != "decide":
        return None
    return (
        _labels(event, view)
        or _ratings(event, view)
        or next(
            (
                f"The field {name} is not one of this queue's, or its text is too long."
                for name, text in event.answers.texts.items()
                if name not in {field.name for field in view.texts} or len(text) > 10_000
            ),
            None,
        )
        or _unanswered(event, view)
    )


def _labels(event: PaneEvent, view: PaneView) -> str | None:
    sets = {labels.name: labels for labels in view.label_sets}
    for name, chosen in event.answers.labels.items():
        if name not in sets or not set(chosen) <= set(sets[name].labels):
            return f"A label of {name} is not one of this queue's."
        if len(chosen) != len(set(chosen)) or (len(chosen) > 1 and not sets[name].many):
            return f"{sets[name].title} takes one label."
    return None


def _ratings(event: PaneEvent, view: PaneView) -> str | None:
    scales = {scale.name: scale for scale in view.ratings}
    for name, value in event.answers.ratings.items():
        if name not in scales or not scales[name].low <= value <= scales[name].high:
            return f"The rating {value} of {name} is outside its scale."
    return None


def _unanswered(event: PaneEvent, view: PaneView) -> str | None:
    if event.action != "approve":
        return None
    given = event.answers
    asked = [
        *((s.title, bool(given.labels.get(s.name))) for s in view.label_sets if s.required),
        *((s.title, s.name in given.ratings) for s in view.ratings if s.required),
        *((s.title, bool(given.texts.get(s.name, "").strip())) for s in view.texts if s.required),
    ]
    return next((f"{title} is not answered yet." for title, done in asked if not done), None)


def _edits(event: PaneEvent, view: PaneView) -> str | None:
    if not event.edits:
        return None
    if event.kind != "decide" or event.action in ("reject", "keep"):
        return "Only an approval or a preference takes an edit."
    row = view.row(event.row_id, event.content_id)
    if row is None:
        return "The edited content is not shown here."
    told = edited_payload(row, event.edits)
    return told if isinstance(told, str) else None


CHECKS: tuple[Callable[[PaneEvent, PaneView], str | None], ...] = (
    _may,
    _painted,
    _reason,
    _members,
    _answers,
    _edits,
)
