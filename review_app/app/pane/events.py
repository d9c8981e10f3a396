"""What the pane sends back, read strictly: a `PaneEvent`, or a `Refusal` that the page shows.

Nothing here raises for what a browser sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ....schemas.review import Answers, Preference, Task

MAX_NOTE = 10_000
MAX_TEXT = 4_000_000
Id = Field(min_length=1, max_length=500)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Edit(_Strict):
    """One field of one turn with its new text, as exact characters."""

    part: Literal["messages", "rejected"] = "messages"
    turn: int = Field(ge=0)
    field: Literal["content", "reasoning_content", "arguments"] = "content"
    call: int | None = Field(default=None, ge=0, description="which tool call, for arguments")
    text: str = Field(max_length=MAX_TEXT)


class Target(_Strict):
    """An item to go back to."""

    task: Task
    item_id: str = Id


class Given(_Strict):
    """Answers to the label sets, scales and fields; suggestions nobody touched are not among them."""

    labels: dict[str, list[str]] = Field(default_factory=dict)
    ratings: dict[str, int] = Field(default_factory=dict)
    texts: dict[str, str] = Field(default_factory=dict)

    def as_answers(self) -> Answers:
        """The shape that the record stores."""
        return Answers(labels=self.labels, ratings=self.ratings, texts=self.texts)


class PaneEvent(_Strict):
    """One thing that a person did.

    `decide` carries an action: approve or reject (review, adjudicate), keep (group), prefer (pair),
    choose (adjudicate: the vote of `row_id` and `content_id`). Edits make the approved or chosen content
    another one: `edited.edited_payload` applies them.
    """

    kind: Literal["decide", "skip", "undo", "flag", "note", "open", "renew"]
    nonce: str = Field(min_length=8, max_length=64, description="names this event; a retry has the same")
    ticket: str | None = Field(default=None, max_length=200)
    item_id: str | None = Field(default=None, max_length=500)
    content_ids: tuple[str, ...] = Field(default=(), max_length=9)
    action: Literal["approve", "reject", "keep", "prefer", "choose"] | None = None
    row_id: str | None = Field(default=None, max_length=500)
    content_id: str | None = Field(default=None, max_length=200)
    choice: int | None = Field(default=None, ge=0, le=8, description="column of the chosen vote, from 0")
    reason: str | None = Field(default=None, max_length=100)
    note: str | None = Field(default=None, max_length=MAX_NOTE)
    keep: tuple[str, ...] = Field(default=(), max_length=9, description="row_ids to keep")
    outcome: Preference | None = None
    left: Literal["a", "b"] | None = None
    edits: tuple[Edit, ...] = ()
    answers: Given = Given()
    on: bool | None = Field(default=None, description="flag on or off")
    target: Target | None = None
    painted_at: str | None = Field(default=None, max_length=40, description="UTC, ISO 8601, browser's clock")
    dwell_ms: int = Field(default=0, ge=0, le=10**9, description="seen for, hidden tab left out")
    input: Literal["key", "mouse"] = "key"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why what came back was not taken. A `stale` one concerns an item that is no longer shown: ignore it."""

    text: str
    fix: str
    stale: bool = False
    nonce: str | None = None
