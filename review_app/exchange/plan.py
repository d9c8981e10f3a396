"""A checked line as events: what the record is asked to append."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from ...schemas.example import canonical_json
from ...schemas.review_lines import Content, DecisionLine, EditedContent, PreferenceLine
from ..store import Draft

SPACE = uuid.UUID("6d1f9a52-6f0b-5c1c-9d5e-0f3f6f7d2b11")
"""Names the idempotency keys of imports among all UUIDs of version 5."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A content that a reviewer wrote, to be kept before the events that tell of it."""

    payload: dict[str, Any]
    row_id: str
    parent_id: str
    actor: str
    at: str


@dataclass(slots=True)
class Planned:
    """The events of one line, in order: actor, time, event."""

    number: int
    events: list[tuple[str, str, Draft]] = field(default_factory=list)
    editions: list[Edition] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The idempotency key of the decision itself."""
        return self.events[-1][2].uuid

    @property
    def is_preference(self) -> bool:
        return self.events[-1][2].action == "prefer"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a line came from, as its events tell it.

    Args:
        sha256: Of the file.
        number: The line or record.
        part: Which decision of it.
        batch_id: Joins the events of the import.
    """

    sha256: str
    number: int
    part: int
    batch_id: str

    def key(self, step: str) -> str:
        """The idempotency key of one event: the same file and line give the same key."""
        return str(uuid.uuid5(SPACE, f"{self.sha256}:{self.number}:{self.part}:{step}"))


def batch_of(sha256: str) -> str:
    """The batch_id of an import, from the hash of its file."""
    return str(uuid.uuid5(SPACE, sha256))


def payload_of(content: Content) -> dict[str, Any]:
    """The content as an edition's payload; members that are None are left out."""
    members = ("messages", "tools", "rejected", "label")
    return {name: value for name in members if (value := getattr(content, name)) is not None}


def plan_decision(
    line: DecisionLine, source: Source, *, actor: str, at: str, edited: EditedContent | None, known: bool
) -> Planned:
    """The events of a decision: where it holds for an edited content, the edit stands before it.

    Args:
        line: The decision, checked.
        source: Where it came from.
        actor: Who decided, by the record's name.
        at: When.
        edited: The content it holds for, where that is not the run's.
        known: Whether the record, or a line before, has that content already.
    """
    planned = Planned(source.number)
    if edited is not None and not known:
        plan_edit(planned, source, edited, (line.row_id, line.content_id), actor=actor, at=at)
    told = line.answers.told() if line.answers is not None else {}
    decision = Draft(
        line.action,
        line.row_id,
        line.content_id if edited is None else edited.hash(),
        reason=line.reason,
        rule=line.rule,
        batch_id=source.batch_id,
        task="group" if line.task == "group" and line.item_id is not None else "import",
        item_id=line.item_id,
        shown_id=None if edited is None else line.content_id,
        note=line.note,
        value=canonical_json(told) if told else None,
        final=line.final,
        painted_at=line.painted_at,
        dwell_ms=line.dwell_ms,
        input="import",
        uuid=source.key("decision"),
    )
    planned.events.append((actor, at, decision))
    return planned


def plan_edit(
    planned: Planned,
    source: Source,
    edited: EditedContent,
    of: tuple[str, str],
    *,
    actor: str,
    at: str,
) -> None:
    """Add an edition and the event that tells of it.

    Args:
        planned: The events of the line.
        source: Where it came from.
        edited: The content.
        of: The row, and the run's content that was shown.
        actor: Who decided; the writer, where the content names none.
        at: When; the time of writing, where the content names none.
    """
    row_id, shown_id = of
    writer, written = edited.actor or actor, edited.at or at
    edition = Edition(payload_of(edited), row_id, edited.parent_id or shown_id, writer, written)
    planned.editions.append(edition)
    edit = Draft(
        "edit",
        row_id,
        edited.hash(),
        batch_id=source.batch_id,
        task="import",
        shown_id=shown_id,
        input="import",
        uuid=source.key("edit"),
    )
    planned.events.append((writer, written, edit))


PREFERENCE_VALUE = (
    "outcome",
    "source",
    "left",
    "chosen_row_id",
    "chosen_content_id",
    "rejected_row_id",
    "rejected_content_id",
)
"""Members of the JSON value of a `prefer` event."""


def plan_preference(
    line: PreferenceLine,
    source: Source,
    *,
    actor: str,
    at: str,
    edited: EditedContent | None,
    shown_id: str | None,
) -> Planned:
    """The event of a comparison; it keeps the task `pair`, by which the record finds comparisons.

    Args:
        line: The comparison, checked.
        source: Where it came from.
        actor: Who compared.
        at: When.
        edited: The chosen content, where the record does not have it yet.
        shown_id: The run's content of the chosen row.
    """
    planned = Planned(source.number)
    if edited is not None and line.chosen_row_id is not None and shown_id is not None:
        plan_edit(planned, source, edited, (line.chosen_row_id, shown_id), actor=actor, at=at)
    prefer = Draft(
        "prefer",
        line.row_id,
        line.content_id,
        task="pair",
        item_id=line.item_id,
        value=canonical_json({name: getattr(line, name) for name in PREFERENCE_VALUE}),
        batch_id=source.batch_id,
        painted_at=line.painted_at,
        dwell_ms=line.dwell_ms,
        input="import",
        uuid=source.key("preference"),
    )
    planned.events.append((actor, at, prefer))
    return planned
