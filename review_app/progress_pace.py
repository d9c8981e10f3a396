"""How fast people decide: active time, decisions an hour, reading times, by person and by hour or day."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from ..schemas.proportions import Z_95
from .agreement.share import Share
from .progress_log import Floats, Log, iso

PAUSE_S = 300.0
"""A longer gap between two events of a person is a pause and no work."""
HOUR_S, DAY_S = 3600, 86_400


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval; None where it cannot be told."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Reading:
    """Seconds from painted to decided.

    Args:
        n: Decisions with a measured time.
        median: With the interval between order statistics.
        p10: The tenth percentile.
        p25: The first quartile.
        p75: The third quartile.
        p90: The ninetieth percentile.
    """

    n: int
    median: Estimate
    p10: float | None
    p25: float | None
    p75: float | None
    p90: float | None


@dataclass(frozen=True)
class Pace:
    """The work of one person, or of everyone.

    Args:
        actor: Who; None is everyone.
        decisions: Decisions that stand; a group or a pair is one.
        active_s: Seconds at work: gaps of more than five minutes do not count.
        per_hour: Decisions an hour at work.
        reading: Seconds a decision.
        approved: Share of approvals among rows judged one by one.
        edited: Share of edited rows among those approvals.
        fast: Share of decisions that were faster than the policy's shortest reading time.
        undone: Share of decisions that were taken back.
        skipped: Items passed on.
        flagged: Rows flagged.
        reasons: Reasons of rejections, most frequent first.
        first_at: First event, UTC, ISO 8601; None without one.
        last_at: Last event.
    """

    actor: str | None
    decisions: int
    active_s: float
    per_hour: Estimate
    reading: Reading
    approved: Share
    edited: Share
    fast: Share
    undone: Share
    skipped: int
    flagged: int
    reasons: dict[str, int]
    first_at: str | None
    last_at: str | None


@dataclass(frozen=True)
class Slot:
    """The work of everyone in an hour or a day, UTC.

    Args:
        start: ISO 8601.
        decisions: Decisions that stand.
        people: People who decided.
        active_s: Seconds at work, of all people together.
        approved: Share of approvals among rows judged one by one.
    """

    start: str
    decisions: int
    people: int
    active_s: float
    approved: Share


def pace(log: Log, actor: str | None = None) -> Pace:
    """The work of one person, or of everyone.

    Args:
        log: The log of everyone.
        actor: Who; None is everyone.
    """
    mine = log if actor is None else log.of_person(actor)
    acts, judged, made = mine.acts(), mine.judged(), mine.acts(undone=True)
    approvals = judged.action == "approve"
    work = active_seconds(mine)
    rejected = mine.take((mine.action == "reject") & ~mine.undone)
    reasons = Counter(reason for reason in rejected.reason.tolist() if reason)
    return Pace(
        actor=actor,
        decisions=len(acts.seq),
        active_s=float(work.sum()),
        per_hour=_per_hour(mine, work),
        reading=reading(acts.dwell_s),
        approved=Share.count_of(int(approvals.sum()), len(approvals)),
        edited=Share.count_of(int(judged.edited.sum()), int(approvals.sum())),
        fast=Share.count_of(int(acts.fast.sum()), len(acts.seq)),
        undone=Share.count_of(int(made.undone.sum()), len(made.seq)),
        skipped=int(((mine.action == "skip") & ~mine.undone).sum()),
        flagged=int(((mine.action == "flag") & ~mine.undone).sum()),
        reasons=dict(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
        first_at=iso(float(mine.at[0])) if len(mine.at) else None,
        last_at=iso(float(mine.at[-1])) if len(mine.at) else None,
    )


def active_seconds(log: Log) -> Floats:
    """Seconds at work that led to each event, shape (n_events,).

    The time since the same person's event before, where that is at most five minutes; at the start of a
    sitting the event's own reading time, or the person's median where it was not measured.
    """
    work = np.zeros(len(log.at))
    for place in log.by_person():
        gaps = np.diff(log.at[place], prepend=-np.inf)
        read = log.dwell_s[place]
        usual = float(np.median(read[np.isfinite(read)])) if np.isfinite(read).any() else 0.0
        start = np.minimum(np.where(np.isfinite(read), read, usual), PAUSE_S)
        work[place] = np.where(gaps > PAUSE_S, start, gaps)
    return work


def reading(dwell_s: Floats) -> Reading:
    """Quantiles of reading times; nan is not measured.

    The interval of the median lies between order statistics. Source: Conover 1999, section 3.2.
    """
    known = np.sort(dwell_s[np.isfinite(dwell_s)])
    n = len(known)
    if n == 0:
        return Reading(0, Estimate(None), None, None, None, None)
    p10, p25, median, p75, p90 = (float(q) for q in np.quantile(known, [0.1, 0.25, 0.5, 0.75, 0.9]))
    half = Z_95 * math.sqrt(n) / 2
    low, high = math.ceil(n / 2 - half) - 1, math.ceil(n / 2 + half) - 1
    told = (
        Estimate(median, float(known[low]), float(known[high])) if low >= 0 and high < n else Estimate(median)
    )
    return Reading(n, told, p10, p25, p75, p90)


def slots(log: Log, width_s: int) -> tuple[Slot, ...]:
    """The work of everyone by hour (3,600) or day (86,400) of UTC; slots without an event are left out.

    Args:
        log: The log of everyone.
        width_s: Seconds a slot.
    """
    work = active_seconds(log)
    acts, judged = log.acts(), log.judged()
    at_work, of_act, of_judged = (
        np.floor(part.at / width_s).astype(np.int64) for part in (log, acts, judged)
    )
    found = []
    for number in np.unique(at_work):
        inside, ruled = of_act == number, of_judged == number
        approved = int((judged.action[ruled] == "approve").sum())
        found.append(
            Slot(
                start=iso(float(number * width_s)),
                decisions=int(inside.sum()),
                people=len(np.unique(acts.who[inside])),
                active_s=float(work[at_work == number].sum()),
                approved=Share.count_of(approved, int(ruled.sum())),
            )
        )
    return tuple(found)


def seconds_each(log: Log, work: Floats) -> Floats:
    """Seconds at work that each standing decision took, what its person did on the way to it included.

    Args:
        log: The log.
        work: Its `active_seconds`.
    """
    spent = [np.zeros(0)]
    for place in log.by_person():
        ends = np.flatnonzero(log.stands[place])
        sums = np.concatenate([[0.0], np.cumsum(work[place])])
        spent.append(np.diff(sums[np.concatenate([[0], ends + 1])]))
    return np.concatenate(spent)


def mean_seconds(each: Floats) -> Estimate:
    """Mean seconds a decision; the interval on the logarithm, for times are skewed."""
    n = len(each)
    mean = float(each.mean()) if n else 0.0
    if mean <= 0:
        return Estimate(None)
    if n < 2:
        return Estimate(mean)
    ratio = math.exp(Z_95 * float(each.std(ddof=1)) / math.sqrt(n) / mean)
    return Estimate(mean, mean / ratio, mean * ratio)


def _per_hour(log: Log, work: Floats) -> Estimate:
    mean = mean_seconds(seconds_each(log, work))
    total = float(work.sum())
    if mean.value is None or total <= 0:
        return Estimate(None)
    rate = int(log.stands.sum()) * HOUR_S / total
    if mean.low is None or mean.high is None:
        return Estimate(rate)
    return Estimate(rate, rate * mean.value / mean.high, rate * mean.value / mean.low)
