"""The standing decisions of a record as lines, in batches, in the order in which they were made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...schemas.review import Event
from ...schemas.review_lines import DecisionLine, PreferenceLine
from ..store import Store
from .own_lines import decision_line, preference_line
from .record import Row, editions_on, standing_events, value_of
from .results import Tally
from .run_rows import RunRows

OTHER_RUN = "decided on content that this run does not have"
DROPPED = "the run drops the row"


def decision_lines(store: Store, run: RunRows, tally: Tally) -> Iterator[DecisionLine | PreferenceLine]:
    """Every decision that stands and holds for this run.

    Args:
        store: The record.
        run: The run's rows.
        tally: Takes what is left out: decisions on dropped rows and on other contents.
    """
    for batch in standing_events(store):
        rows = [e.row_id for e in batch if e.row_id is not None and e.shown_id is not None]
        pairs = [value_of(e).get("chosen_row_id") for e in batch if e.action == "prefer"]
        editions = editions_on(store, [*rows, *(r for r in pairs if r is not None)])
        for event in batch:
            line = (
                _preference(event, run, editions) if event.action == "prefer" else _decision(event, editions)
            )
            why = _left_out(line, run)
            if why is not None:
                tally.add(why, event.row_id or event.item_id or "")
            else:
                yield line


def _decision(event: Event, editions: Mapping[tuple[str, str], Row]) -> DecisionLine:
    edited = event.shown_id not in (None, event.content_id)
    return decision_line(
        event, editions.get((event.row_id or "", event.content_id or "")) if edited else None
    )


def _preference(event: Event, run: RunRows, editions: Mapping[tuple[str, str], Row]) -> PreferenceLine:
    value = value_of(event)
    key = (value.get("chosen_row_id") or "", value.get("chosen_content_id") or "")
    return preference_line(event, None if run.kept.get(key[0]) == key[1] else editions.get(key))


def _left_out(line: DecisionLine | PreferenceLine, run: RunRows) -> str | None:
    if isinstance(line, DecisionLine):
        sides = [(line.row_id, line.content_id)]
    else:
        chosen = None if line.edited is not None else line.chosen_content_id
        sides = [
            (line.row_id, line.content_id),
            (line.chosen_row_id, chosen),
            (line.rejected_row_id, line.rejected_content_id),
        ]
    for row_id, content in sides:
        if row_id is None:
            continue
        if row_id not in run.kept:
            return DROPPED if row_id in run.dropped else OTHER_RUN
        if content is not None and run.kept[row_id] != content:
            return OTHER_RUN
    return None
