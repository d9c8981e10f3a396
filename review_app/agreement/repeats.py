"""Whether a person decides the same row the same way again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from .cohen import cohen_kappa
from .figure import Figure, undefined
from .ratings import Ratings
from .resample import RESAMPLES, SEED
from .share import Share

NO_REPEAT = "nobody decided a row twice"
APART_S = 3600.0
"""Decisions nearer than an hour are a correction and no second reading."""
READING = ("review", "group")
"""Tasks in which a decision is a reading of its own; adjudicators see what others said."""


@dataclass(frozen=True)
class Repeats:
    """Agreement of people with themselves.

    Args:
        same: Repeated decisions that came out the same.
        kappa: Cohen's kappa of first and second decision.
        people: The same share for each person who repeated one.
    """

    same: Share
    kappa: Figure
    people: dict[str, Share]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def repeats(
    events: pa.Table, *, apart_s: float = APART_S, seed: int = SEED, resamples: int = RESAMPLES
) -> Repeats:
    """Compare the first two readings of one person of the same content of a row.

    A decision that was undone, or replaced within an hour, was a slip and no reading of its own; bulk
    decisions are none at all.

    Args:
        events: Events of schemas/review.py as a table: seq, at, actor, action, task, row_id, content_id,
            shown_id, rule, supersedes.
        apart_s: Seconds between two readings, at least.
        seed: Seed of the bootstrap.
        resamples: Its resamples.
    """
    names = ("seq", "at", "actor", "action", "task", "row_id", "content_id", "shown_id", "rule", "supersedes")
    lines = sorted(zip(*(events[name].to_pylist() for name in names), strict=True))
    undone = {line[-1] for line in lines if line[-1] is not None}
    found: dict[tuple[str, str, str], list[tuple[datetime, str]]] = {}
    for seq, at, actor, action, task, row, content, shown, rule, _ in lines:
        if action in ("approve", "reject") and task in READING and rule is None and seq not in undone:
            readings = found.setdefault((actor, row, shown or content), [])
            moment = datetime.fromisoformat(at)
            if readings and (moment - readings[-1][0]).total_seconds() < apart_s:
                readings.pop()
            readings.append((moment, action))
    twice = {key: [told for _, told in readings[:2]] for key, readings in found.items() if len(readings) > 1}
    people: dict[str, list[bool]] = {}
    for (actor, _, _), (first, second) in twice.items():
        people.setdefault(actor, []).append(first == second)
    same = [first == second for first, second in twice.values()]
    return Repeats(
        same=Share.count_of(sum(same), len(same)),
        kappa=_kappa(list(twice.values()), seed, resamples),
        people={name: Share.count_of(sum(of), len(of)) for name, of in sorted(people.items())},
    )


def _kappa(pairs: list[list[str]], seed: int, resamples: int) -> Figure:
    if not pairs:
        return undefined("Cohen's kappa", NO_REPEAT)
    raters, labels = ("first", "second"), ("approve", "reject")
    return cohen_kappa(
        Ratings.from_rows(pairs, labels=labels, raters=raters), *raters, seed=seed, resamples=resamples
    )
