"""The decision record: table shapes of `review.db` that other floors read."""

from __future__ import annotations

from typing import Any, Literal

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

Decision = Literal["approve", "reject"]
Task = Literal["review", "group", "pair", "adjudicate", "browse", "rule", "import", "admin"]
Action = Literal[
    "approve",
    "reject",
    "undo",
    "skip",
    "flag",
    "note",
    "edit",
    "prefer",
    "policy",
    "guideline",
    "user",
    "freeze",
]
"""What an event may be; the last four concern no row."""
Role = Literal["viewer", "reviewer", "adjudicator", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "reviewer", "adjudicator", "admin")
"""From the least to the most that a person may do."""
Preference = Literal["a", "b", "tie", "both_bad"]

MEMBERS: dict[int, tuple[str, ...]] = {
    1: (
        "seq",
        "uuid",
        "at",
        "actor",
        "action",
        "row_id",
        "content_id",
        "reason",
        "rule",
        "batch_id",
        "supersedes",
    ),
    2: (
        "seq",
        "shape",
        "uuid",
        "at",
        "actor",
        "action",
        "task",
        "item_id",
        "row_id",
        "content_id",
        "shown_id",
        "reason",
        "note",
        "value",
        "rule",
        "batch_id",
        "supersedes",
        "final",
        "painted_at",
        "dwell_ms",
        "input",
        "guideline",
        "app_version",
    ),
}
"""Members that an event's hash covers, by the shape it was written in."""


class Event(BaseModel):
    """One line of the append-only record.

    `hash` is SHA-256 over `prev_hash` and the canonical JSON of the members of its shape, so a changed
    or missing line breaks the chain at that line.
    """

    model_config = ConfigDict(extra="forbid")
    seq: int = Field(ge=1)
    shape: int = Field(default=2, description="which members the hash covers")
    uuid: str = Field(description="idempotency key: the same key is stored once")
    at: str = Field(description="UTC, ISO 8601")
    actor: str
    action: Action
    task: Task = Field(default="review", description="where it was decided")
    item_id: str | None = Field(default=None, description="the group or pair; None is the row itself")
    row_id: str | None = Field(default=None, description="None for events that concern no row")
    content_id: str | None = Field(default=None, description="the content that was decided on")
    shown_id: str | None = Field(
        default=None, description="the run's content that was on the screen, where it is another"
    )
    reason: str | None = None
    note: str | None = None
    value: str | None = Field(default=None, description="JSON: answers, a preference, a policy")
    rule: str | None = Field(default=None, description="the --where rule of a bulk decision")
    batch_id: str | None = Field(default=None, description="joins the events of one bulk decision")
    supersedes: int | None = Field(default=None, description="the event that an undo takes back")
    final: bool = Field(default=False, description="settles a disagreement")
    painted_at: str | None = Field(default=None, description="when the item stood on the screen")
    dwell_ms: int | None = Field(default=None, ge=0, description="milliseconds from painted to decided")
    input: str | None = Field(default=None, description="key, mouse, rule or import")
    guideline: int | None = Field(default=None, description="version of the guidelines that held")
    app_version: str | None = None
    prev_hash: str
    hash: str


class ReviewItem(BaseModel):
    """One line of the queue: a row, a group of near-duplicates, or a pair. It holds no text."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    task: Literal["review", "group", "pair"]
    item_id: str = Field(description="row_id of a row; id of a group or pair")
    row_ids: tuple[str, ...] = Field(description="the rows it shows, in the run's order")
    content_ids: tuple[str, ...] = Field(description="their contents in this run, edits applied")
    rank: int = Field(ge=0, description="place in the queue, from 0")
    why: str = Field(description="why it is here, for the reviewer")
    need: int = Field(default=1, ge=1, description="decisions by different people that it waits for")


DECISIONS = pa.schema(
    [
        ("row_id", pa.string()),
        ("seq", pa.int64()),
        ("action", pa.string()),
        ("content_id", pa.string()),
        ("shown_id", pa.string()),
        ("actor", pa.string()),
        ("rule", pa.string()),
        ("at", pa.string()),
        ("reason", pa.string()),
        ("note", pa.string()),
        ("value", pa.string()),
        ("votes", pa.int32()),
    ]
)
"""What stands for each decided row: `Store.current`.

`action` is approve, reject or disputed. `content_id` is the content that the decision holds for, and
`shown_id` the run's content that was on the screen; they differ where the reviewer edited the row.
`votes` counts the people whose decisions stand.
"""

EDITIONS = pa.schema(
    [
        ("content_id", pa.string()),
        ("row_id", pa.string()),
        ("parent_id", pa.string()),
        ("actor", pa.string()),
        ("at", pa.string()),
        ("payload", pa.string()),
    ]
)
"""Contents that reviewers wrote: `Store.editions`.

`payload` is the canonical JSON of messages, tools, rejected and label; `content_id` is its hash, as
`schemas.example.content_id` gives it; `parent_id` the content it was made from.
"""

PREFERENCES = pa.schema(
    [
        ("item_id", pa.string()),
        ("seq", pa.int64()),
        ("actor", pa.string()),
        ("at", pa.string()),
        ("outcome", pa.string()),
        ("chosen_row_id", pa.string()),
        ("chosen_content_id", pa.string()),
        ("rejected_row_id", pa.string()),
        ("rejected_content_id", pa.string()),
        ("left", pa.string()),
        ("source", pa.string()),
    ]
)
"""Comparisons that stand, one a person and pair: `Store.preferences`.

`outcome` is a, b, tie or both_bad, where a is the item's first row; the four columns after it are null
for tie and both_bad. `left` is the side (a or b) that stood on the left. `source` is conflict (two rows
of one prompt), preference (the chosen and rejected answer of one row, whose row_id stands on both
sides) or edit.
"""


class Answers(BaseModel):
    """What a reviewer answered beside the decision: `value` of an approve or reject event."""

    model_config = ConfigDict(extra="forbid")
    labels: dict[str, list[str]] = Field(default_factory=dict, description="label set to chosen labels")
    ratings: dict[str, int] = Field(default_factory=dict, description="scale to rating")
    texts: dict[str, str] = Field(default_factory=dict, description="free-text field to text")
    fast: bool = Field(default=False, description="decided before the policy's shortest reading time")

    def told(self) -> dict[str, Any]:
        """The members that say something."""
        return self.model_dump(exclude_defaults=True)


REJECT_REASONS: dict[str, str] = {
    "wrong_answer": "the answer is wrong",
    "unsafe": "the answer does harm",
    "duplicate": "another row says the same",
    "poor_style": "the answer is right and badly written",
    "off_topic": "the row does not belong into this set",
    "personal_data": "the row holds personal data",
    "truncated": "the answer is cut off",
    "wrong_format": "the answer has another form than the prompt asks for",
    "other": "another reason; the note says it",
}
"""Why a reviewer rejects a row: code and sentence, in the order of the keys 1 to 9."""
ITEM_REASONS: dict[str, str] = {
    "not_preferred": "the other answer of the pair is better",
    "not_kept": "another row of the group was kept",
    "tie": "both answers of the preference row are equally good",
    "both_bad": "both answers are bad",
}
"""Why a row is rejected by what was decided on its pair or group."""
