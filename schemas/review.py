"""The decision record: table shapes of `review.db` that other floors read."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Decision = Literal["approve", "reject", "undo"]


class Event(BaseModel):
    """One line of the append-only record.

    `hash` is SHA-256 over `prev_hash` and the canonical JSON of the other members, so a changed or
    missing line breaks the chain at that line.
    """

    model_config = ConfigDict(extra="forbid")
    seq: int = Field(ge=1)
    uuid: str = Field(description="idempotency key: the same key is stored once")
    at: str = Field(description="UTC, ISO 8601")
    actor: str
    action: Decision
    row_id: str
    content_id: str = Field(description="the content that was decided on, edits applied")
    reason: str | None = None
    rule: str | None = Field(default=None, description="the --where rule of a bulk decision")
    batch_id: str | None = Field(default=None, description="joins the events of one bulk decision")
    supersedes: int | None = Field(default=None, description="the event that an undo takes back")
    prev_hash: str
    hash: str
