"""How far the review has come, how fast it goes, whether it is steady, and what is left.

Pure: tables of the record go in, frozen figures with intervals come out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from .progress_drift import Drift, ReasonDrift, approve_drift, reason_drift
from .progress_log import Log
from .progress_pace import (
    DAY_S,
    HOUR_S,
    Estimate,
    Pace,
    Slot,
    active_seconds,
    mean_seconds,
    pace,
    seconds_each,
    slots,
)
from .progress_people import Lean, leans
from .progress_score import ScoreAgreement, score_agreement

RECENT_DAYS = 7


@dataclass(frozen=True)
class Standing:
    """What stands for the rows of the run; approved + rejected + disputed + open = total.

    Args:
        total: Rows that a person may decide on; None where it is not known.
        approved: Rows that stand approved.
        rejected: Rows that stand rejected.
        disputed: Rows on which people disagree.
        open: Rows without a decision; None like the total.
        by_people: Approved and rejected rows that people decided.
        by_rule: Those that a rule decided.
        reasons: Reasons of the rejected rows, most frequent first; "none" where no reason was given.
    """

    total: int | None
    approved: int
    rejected: int
    disputed: int
    open: int | None
    by_people: int
    by_rule: int
    reasons: dict[str, int]


@dataclass(frozen=True)
class TimeLeft:
    """What the open decisions will take.

    Args:
        decisions: Decisions still to make.
        seconds_each: Seconds at work that a decision takes.
        hours: Hours at work, of one person.
        per_day: Decisions a day on the last seven days with decisions.
        days: Days at that pace; None without a pace.
        words: In plain words.
    """

    decisions: int
    seconds_each: Estimate
    hours: Estimate
    per_day: float | None
    days: float | None
    words: str


@dataclass(frozen=True)
class Progress:
    """Everything that the page of progress shows, agreement apart.

    Args:
        standing: What stands.
        everyone: The work of everyone together.
        people: The work of each person, by name.
        days: By day, UTC.
        hours: By hour, UTC.
        approvals: Whether the rate of approvals is steady.
        reasons: Whether the mix of reasons is steady.
        leans: Each person against the others in the same period.
        left: What the open decisions will take; None where they are not known.
        score: The model's quality score beside the decisions; None without scores.
    """

    standing: Standing
    everyone: Pace
    people: tuple[Pace, ...]
    days: tuple[Slot, ...]
    hours: tuple[Slot, ...]
    approvals: Drift
    reasons: ReasonDrift
    leans: tuple[Lean, ...]
    left: TimeLeft | None
    score: ScoreAgreement | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def progress(
    events: pa.Table,
    *,
    current: pa.Table,
    total: int | None = None,
    waiting: int | None = None,
    scores: Mapping[str, float] | None = None,
) -> Progress:
    """Every figure of progress.

    Args:
        events: The record, as a table of `progress_log.EVENTS`.
        current: What stands, as `DECISIONS` of schemas/review.py.
        total: Rows that a person may decide on.
        waiting: Decisions still to make, overlap included; None takes the open and disputed rows.
        scores: Quality score by row_id.
    """
    log = Log.of(events)
    judged = log.judged()
    stands = standing(current, total)
    if waiting is None and stands.open is not None:
        waiting = stands.open + stands.disputed
    return Progress(
        standing=stands,
        everyone=pace(log),
        people=tuple(pace(log, name) for name in log.names),
        days=slots(log, DAY_S),
        hours=slots(log, HOUR_S),
        approvals=approve_drift(judged),
        reasons=reason_drift(log),
        leans=leans(judged),
        left=None if waiting is None else time_left(log, waiting),
        score=None if scores is None else score_agreement(log, scores),
    )


def standing(current: pa.Table, total: int | None = None) -> Standing:
    """Count what stands.

    Args:
        current: As `DECISIONS` of schemas/review.py, of the rows counted in `total`.
        total: Rows that a person may decide on.
    """
    lines = list(zip(*(current[name].to_pylist() for name in ("action", "rule", "reason")), strict=True))
    actions = Counter(action for action, _, _ in lines)
    ruled = sum(rule is not None for action, rule, _ in lines if action != "disputed")
    reasons = Counter(reason or "none" for action, _, reason in lines if action == "reject")
    return Standing(
        total=total,
        approved=actions["approve"],
        rejected=actions["reject"],
        disputed=actions["disputed"],
        open=None if total is None else max(0, total - len(lines)),
        by_people=actions["approve"] + actions["reject"] - ruled,
        by_rule=ruled,
        reasons=dict(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def time_left(log: Log, waiting: int) -> TimeLeft:
    """What the open decisions will take at the speed so far.

    Args:
        log: The log of everyone.
        waiting: Decisions still to make.
    """
    acts = log.acts()
    each = mean_seconds(seconds_each(log, active_seconds(log)))
    hours = Estimate(
        *(None if s is None else s * waiting / HOUR_S for s in (each.value, each.low, each.high))
    )
    worked = np.unique(np.floor(acts.at / DAY_S), return_counts=True)[1][-RECENT_DAYS:]
    per_day = float(worked.mean()) if len(worked) else None
    days = None if per_day is None else waiting / per_day
    return TimeLeft(waiting, each, hours, per_day, days, _words(waiting, hours, days))


def _words(waiting: int, hours: Estimate, days: float | None) -> str:
    if not waiting:
        return "nothing is left"
    if hours.value is None or days is None:
        return f"{waiting:,} decisions left; nobody has decided by reading yet"
    told = f"{waiting:,} decisions left: about {_hours(hours.value)} of work"
    if hours.low is not None and hours.high is not None:
        told += f" ({_hours(hours.low)} to {_hours(hours.high)})"
    return (
        f"{told}, {days:.0f} days at the present pace"
        if days >= 1.5
        else f"{told}, a day at the present pace"
    )


def _hours(hours: float) -> str:
    return f"{hours:.0f} h" if hours >= 10 else f"{hours:.1f} h" if hours >= 1 else f"{hours * 60:.0f} min"
