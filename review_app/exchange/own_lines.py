"""Our own JSONL: decisions, preferences and waiting rows as lines, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ...schemas.review import Answers, Event
from ...schemas.review_lines import LINES, DecisionLine, EditedContent, PreferenceLine, RowLine, utc
from .json_values import Value, json_values
from .plan import PREFERENCE_VALUE
from .problems import problem, read_line, shown
from .record import Row, value_of
from .told import Told


def read_lines(path: Path) -> Iterator[Told]:
    """The lines of a file.

    Raises:
        InputError: The file cannot be read, or is one array and cut off.
    """
    for value in json_values(path):
        yield _told(value)


def _told(value: Value) -> Told:
    number = value.number
    if value.wrong is not None:
        return Told(number, problems=(problem(number, "", "not_json", value.wrong),))
    if not isinstance(value.value, dict):
        return Told(number, problems=(problem(number, "", "not_object", f"found {shown(value.value)}"),))
    kind = value.value.get("kind", "decision")
    model = LINES.get(kind) if isinstance(kind, str) else None
    if model is None:
        return Told(number, problems=(problem(number, "kind", "unknown_kind", f"no kind {shown(kind)}"),))
    line, wrong = read_line(model, value.value, number)
    if wrong:
        return Told(number, problems=tuple(wrong))
    if isinstance(line, RowLine):
        decision = line.decision()
        return Told(number, left="undecided") if decision is None else Told(number, line=decision)
    assert isinstance(line, DecisionLine | PreferenceLine)
    return Told(number, line=line)


def line_text(line: BaseModel) -> str:
    """A line as JSON, without the members that are at their default; `kind` stands first."""
    told = line.model_dump(exclude_defaults=True)
    return json.dumps({"kind": "decision", **told}, ensure_ascii=False, allow_nan=False)


def decision_line(event: Event, edition: Row | None) -> DecisionLine:
    """An approve or reject event as a line.

    Args:
        event: The event; it names a row and a content.
        edition: The content it was made on, where a reviewer wrote it.
    """
    assert event.row_id is not None
    assert event.content_id is not None
    value = {name: v for name, v in value_of(event).items() if name in Answers.model_fields}
    return DecisionLine(
        row_id=event.row_id,
        content_id=event.shown_id or event.content_id,
        action="approve" if event.action == "approve" else "reject",
        reason=event.reason,
        note=event.note,
        edited=None if edition is None else edited_of(edition, event.actor, event.at),
        answers=Answers(**value) if value else None,
        actor=event.actor,
        at=event.at,
        final=event.final,
        rule=event.rule,
        task=event.task,
        item_id=event.item_id,
        dwell_ms=event.dwell_ms,
        painted_at=_moment(event.painted_at),
    )


def edited_of(edition: Row, actor: str, at: str) -> EditedContent:
    """An edition as a member of a line; who wrote it and when only where the line says otherwise."""
    payload: dict[str, Any] = json.loads(edition["payload"])
    return EditedContent(
        **{name: value for name, value in payload.items() if value is not None},
        content_id=edition["content_id"],
        parent_id=edition["parent_id"],
        actor=None if edition["actor"] == actor else edition["actor"],
        at=None if edition["at"] == at else edition["at"],
    )


def preference_line(event: Event, edition: Row | None) -> PreferenceLine:
    """A `prefer` event as a line.

    Args:
        event: The event.
        edition: The chosen content, where a reviewer wrote it.
    """
    assert event.item_id is not None
    return PreferenceLine(
        kind="preference",
        item_id=event.item_id,
        row_id=event.row_id,
        content_id=event.content_id,
        **{name: v for name, v in value_of(event).items() if name in PREFERENCE_VALUE},
        edited=None if edition is None else edited_of(edition, event.actor, event.at),
        actor=event.actor,
        at=event.at,
        dwell_ms=event.dwell_ms,
        painted_at=_moment(event.painted_at),
    )


def _moment(text: str | None) -> str | None:
    """What a browser gave as a time, when it is one."""
    try:
        return None if text is None else utc(text)
    except (ValueError, OverflowError):
        return None
