"""Agreement and progress of a record: the tables that the pure figures are computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

import pyarrow as pa

from ..curate.ledger import Ledger
from .agreement import (
    Agreement,
    EditAgreement,
    PreferenceAgreement,
    Repeats,
    agreement,
    decision_ratings,
    edit_agreement,
    gwet_ac,
    krippendorff_alpha,
    label_ratings,
    observed_agreement,
    preference_agreement,
    repeats,
    scale_ratings,
)
from .progress import Progress, progress
from .progress_log import EVENTS
from .store import Store

CHUNK = 20_000
QUALITY = "quality"
EVENTS_SQL = f"SELECT {', '.join(EVENTS.names)} FROM event ORDER BY seq"  # noqa: S608  names of our own
STANDS = pa.schema([("action", pa.string()), ("rule", pa.string()), ("reason", pa.string())])
STANDS_SQL = """
    SELECT s.action, s.rule, s.reason FROM standing s JOIN queue_item q
    ON q.task = 'review' AND q.item_id = s.row_id AND q.content_id IN (s.shown_id, s.content_id)
    ORDER BY s.row_id
"""
WAITING_SQL = """
    SELECT coalesce(sum(CASE WHEN state = 'disputed' THEN 1 WHEN state = 'open' AND need > done
    THEN need - done ELSE 0 END), 0) AS waiting, coalesce(sum(CASE WHEN task = 'review' THEN 1 ELSE 0 END), 0)
    AS total FROM queue_item
"""


@dataclass(frozen=True)
class ReviewAgreement:
    """How far people agree, on everything that they were asked.

    Args:
        decisions: Approve or reject.
        labels: By label set; by label where several could be chosen.
        ratings: By scale.
        edits: Texts that two people made of one row.
        preferences: Comparisons.
        repeats: People with themselves.
    """

    decisions: Agreement
    labels: dict[str, Agreement] = field(default_factory=dict)
    ratings: dict[str, Agreement] = field(default_factory=dict)
    edits: EditAgreement | None = None
    preferences: PreferenceAgreement | None = None
    repeats: Repeats | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def read_progress(store: Store, *, scores: Mapping[str, float] | None = None) -> Progress:
    """Progress of the queue that the record holds.

    Args:
        store: The record.
        scores: The model's quality score by row_id.
    """
    with store.db.speaking():
        queue = store.db.rows(WAITING_SQL)[0]
    total, waiting = int(queue["total"]), int(queue["waiting"])
    current = read_table(store, STANDS_SQL, STANDS) if total else store.current()
    return progress(
        events(store), current=current, total=total or None, waiting=waiting if total else None, scores=scores
    )


def read_agreement(
    store: Store,
    *,
    label_sets: Mapping[str, Sequence[str]] | None = None,
    scales: Mapping[str, Sequence[int]] | None = None,
) -> ReviewAgreement:
    """Agreement on everything that people were asked.

    Args:
        store: The record.
        label_sets: Labels of each label set, as the recipe declares them.
        scales: Steps of each rating scale, as the recipe declares them.
    """
    votes = store.votes()
    labels = {}
    for name, declared in (label_sets or {}).items():
        tables = label_ratings(votes, name, declared)
        labels |= {
            name if one == name else f"{name}: {one}": agreement(table) for one, table in tables.items()
        }
    return ReviewAgreement(
        decisions=agreement(decision_ratings(votes)),
        labels=labels,
        ratings={
            name: agreement(scale_ratings(votes, name, steps)) for name, steps in (scales or {}).items()
        },
        edits=edit_agreement(store.editions(), votes=votes),
        preferences=preference_agreement(store.preferences()),
        repeats=repeats(events(store)),
    )


def agreement_line(votes: pa.Table) -> tuple[str, dict[str, Any]] | None:
    """Agreement on decisions in one line and as figures; None where no row has the votes of two people.

    It draws fewer resamples than the page and tells no pairs.

    Args:
        votes: `Store.votes`.
    """
    ratings = decision_ratings(votes)
    if not ratings.shared:
        return None
    figures = [f(ratings, resamples=500) for f in (observed_agreement, krippendorff_alpha, gwet_ac)]
    told = "; ".join(f"{figure.name} {figure.text()}" for figure in figures)
    rows = f"{ratings.shared:,} row{'' if ratings.shared == 1 else 's'}"
    names = ("observed", "alpha", "gwet")
    found = {name: figure.as_dict() for name, figure in zip(names, figures, strict=True)}
    return f"{told} on {rows} of {ratings.voters} people", found


def quality_scores(ledger: Ledger) -> dict[str, float] | None:
    """The quality score of each row that has one; None where the run has no step `quality`."""
    if QUALITY not in [step.step for step in ledger.card.steps]:
        return None
    told = ledger.step_verdicts(QUALITY, ["row_id", "score"])
    pairs = zip(told["row_id"].to_pylist(), told["score"].to_pylist(), strict=True)
    return {row: score for row, score in pairs if score is not None}


def events(store: Store) -> pa.Table:
    """Every event, as `EVENTS`."""
    return read_table(store, EVENTS_SQL, EVENTS)


def read_table(store: Store, sql: str, schema: pa.Schema) -> pa.Table:
    """The answer to a question to the record, as a table."""
    tables = [schema.empty_table()]
    with store.db.speaking():
        rows = store.db.stream(sql)
        while chunk := [tuple(row[name] for name in schema.names) for row in islice(rows, CHUNK)]:
            columns = zip(*chunk, strict=True)
            arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
            tables.append(pa.Table.from_arrays(arrays, schema=schema))
    return pa.concat_tables(tables)
