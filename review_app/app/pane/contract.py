"""What Python gives the pane: one `PaneView`, as JSON values.

The pane shows an item, its action bar and its keys. It keeps no truth of its own: each run of the page
gives it a whole view, and it draws what changed. What it sends back is in `events.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

Mode = Literal["review", "group", "pair", "adjudicate"]
Kind = Literal["ok", "info", "warn", "bad"]
Allowed = Literal[
    "approve", "reject", "skip", "edit", "flag", "note", "undo", "keep", "prefer", "choose", "open", "renew"
]
Turns = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A short fact with a sign: a check or a score. `detail` is told on hover and to screen readers."""

    text: str
    kind: Kind = "info"
    detail: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A reason to reject; its key is its place in `PaneView.reasons`, 1 to 9."""

    code: str
    text: str
    wants_note: bool = False
    """Ask for a sentence before it is sent."""


@dataclass(frozen=True, kw_only=True)
class LabelSet:
    """Labels of which one or many hold. Digits choose in the first set that stands open."""

    name: str
    title: str
    labels: tuple[str, ...]
    many: bool = False
    required: bool = False
    suggested: tuple[str, ...] = ()
    suggested_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rating:
    """A scale of whole numbers from `low` to `high`, both included."""

    name: str
    title: str
    low: int = 1
    high: int = 5
    low_text: str | None = None
    high_text: str | None = None
    required: bool = False
    suggested: int | None = None
    suggested_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class FreeText:
    """A field for a sentence or more."""

    name: str
    title: str
    required: bool = False
    suggested: str | None = None
    suggested_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Vote:
    """What one person decided about the row of its column; `who` is a blind name such as "Reviewer 1"."""

    who: str
    action: Literal["approve", "reject"]
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class PaneRow:
    """One content to show. In mode review there is one, else two to nine, in the order of the columns.

    `messages` and `rejected` are turns of the canonical shape (`schemas.example.Message`) as mappings.
    """

    row_id: str
    content_id: str
    source: str
    """Where it came from, for people: "faq.jsonl 120"."""
    messages: Turns
    tools: Sequence[Mapping[str, Any]] | None = None
    rejected: Turns | None = None
    label: bool | None = None
    before: Turns | None = None
    """The turns before curation or an earlier edit changed them; D shows the difference."""
    tokens: str | None = None
    """The count as a text, "312 tokens", or None where no tokenizer is known."""
    chips: tuple[Chip, ...] = ()
    history: tuple[str, ...] = ()
    note: str | None = None
    """My note on it, where I wrote one."""
    flagged: bool = False
    vote: Vote | None = None
    """Mode adjudicate: the vote that this content comes from; None is the row as the run holds it."""
    side: Literal["a", "b"] | None = None
    """Mode pair: which of the item's two this is. Python shuffles the order; a is the item's first row."""


@dataclass(frozen=True, kw_only=True)
class Recent:
    """One of my last decisions, newest first, for the way back."""

    task: str
    item_id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Last:
    """My last saved decision: "Approved faq.jsonl 119". Scores hidden until then are its chips."""

    text: str
    chips: tuple[Chip, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One sentence about what just happened, and what to do."""

    text: str
    kind: Kind = "info"
    fix: str | None = None


@dataclass(frozen=True, kw_only=True)
class Answered:
    """The last event that Python dealt with: the pane unlocks when it sees its own nonce here.

    `ok` False keeps the pane on this item and keeps an unsaved edit; say why in `PaneView.notice`.
    """

    nonce: str
    ok: bool = True


@dataclass(frozen=True, kw_only=True)
class PaneView:
    """All that the pane shows at one time. A view without a ticket shows `empty` and decides nothing."""

    mode: Mode = "review"
    ticket: str | None = None
    """The ticket's uuid: the idempotency key of the decision on this item."""
    item_id: str | None = None
    rows: tuple[PaneRow, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    """What this person may do here. A key or button of anything else does nothing."""
    title: str = "Review"
    why: str | None = None
    """Why this item is here."""
    progress: str | None = None
    """One line: "214 of 1,200 done · 41 an hour"."""
    reasons: tuple[Reason, ...] = ()
    label_sets: tuple[LabelSet, ...] = ()
    ratings: tuple[Rating, ...] = ()
    texts: tuple[FreeText, ...] = ()
    last: Last | None = None
    recent: tuple[Recent, ...] = ()
    lease_left_s: float | None = None
    """Seconds until another person may get this item; the browser's clock is not trusted."""
    notice: Notice | None = None
    answered: Answered | None = None
    scores_hidden: bool = False
    """Tell that model scores exist and are shown after the decision."""
    empty: str = "Nothing is left for you here."

    @property
    def content_ids(self) -> tuple[str, ...]:
        """The contents on the screen, in the order of the columns."""
        return tuple(row.content_id for row in self.rows)

    def row(self, row_id: str | None, content_id: str | None) -> PaneRow | None:
        """The row of that name and content, or None."""
        return next((r for r in self.rows if (r.row_id, r.content_id) == (row_id, content_id)), None)

    def as_data(self) -> dict[str, Any]:
        """The view as JSON values, as the pane's script reads it."""
        return _plain(self)


def _plain(value: Any) -> Any:
    """Dataclasses as mappings; turns and other JSON values as they are, tools as exact JSON texts."""
    if isinstance(value, PaneRow):
        members = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        members["tools"] = None if value.tools is None else [exact_json(tool) for tool in value.tools]
        return members
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def exact_json(value: Any) -> str:
    """Indented JSON text: the browser shows it as it is, so no number is rounded by its reader."""
    return json.dumps(value, ensure_ascii=False, indent=2)
