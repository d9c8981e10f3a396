"""Whether decisions change over time: the rate of approvals, the reasons, and a person against the others."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..schemas.proportions import Z_95
from .agreement.share import Share
from .progress_log import Flags, Log, iso

ALPHA = 0.05
FEWEST = 20
"""Decisions without which no change is told."""
WINDOWS = 8
TOO_FEW = "too few decisions to tell"


@dataclass(frozen=True)
class Drift:
    """Whether the rate of approvals changed.

    Args:
        words: In plain words.
        changed: None where it cannot be told.
        p: That a steady rate gives a change as large by chance; None where it cannot be told.
        before: Approvals before the most likely moment of change.
        after: Approvals from then on.
        since: That moment, UTC, ISO 8601; None where the rate is steady.
        windows: Approvals in windows of equally many decisions, in order.
        starts: When each window begins.
    """

    words: str
    changed: bool | None
    p: float | None
    before: Share
    after: Share
    since: str | None
    windows: tuple[Share, ...]
    starts: tuple[str, ...]


@dataclass(frozen=True)
class ReasonDrift:
    """Whether the mix of reasons changed from the first half of the rejections to the second.

    Args:
        words: In plain words.
        changed: None where it cannot be told.
        p: Of the chi-square test; None where it cannot be told.
        before: Reasons in the first half.
        after: Reasons in the second half.
    """

    words: str
    changed: bool | None
    p: float | None
    before: dict[str, int]
    after: dict[str, int]


def approve_drift(judged: Log) -> Drift:
    """Whether the rate of approvals is steady: the largest excursion of the cumulative sum.

    Where items come in the order of a score or a risk, the rate changes with the items; compare a person
    with the others on the same days (`leans`) before blaming one.

    Args:
        judged: Decisions on rows one by one, in order.

    Source: Page 1954; the excursion of a sum of equal draws, Kolmogorov's law: Csörgő and Horváth 1997,
    Limit Theorems in Change-Point Analysis, section 1.
    """
    approved = judged.action == "approve"
    windows, starts = _windows(approved, judged)
    n, hits = len(approved), int(approved.sum())
    whole = Share.count_of(hits, n)
    if n < FEWEST:
        nothing = Share.count_of(0, 0)
        return Drift(TOO_FEW, None, None, whole, nothing, None, windows, starts)
    p, at = change_point(approved)
    before = Share.count_of(int(approved[:at].sum()), at)
    after = Share.count_of(int(approved[at:].sum()), n - at)
    drift = Drift("", None, p, before, after, iso(float(judged.at[at])), windows, starts)
    return judge(drift, p)


def judge(drift: Drift, p: float) -> Drift:
    """The drift with its verdict by a p value, which may be corrected for many people."""
    before, after = drift.before.value, drift.after.value
    if p >= ALPHA or before is None or after is None:
        count = drift.before.count + drift.after.count
        whole = Share.count_of(count, drift.before.of + drift.after.of)
        words = "steady" if whole.value is None else f"steady at {whole.value:.0%}"
        return replace(drift, words=words, changed=False, p=p, since=None)
    day = (drift.since or "")[:10]
    return replace(drift, words=f"changed, from {before:.0%} to {after:.0%} on {day}", changed=True, p=p)


def change_point(hits: Flags) -> tuple[float, int]:
    """P value of a steady rate, and the place at which the rate most likely changed.

    Args:
        hits: Outcomes in order, at least two.
    """
    from scipy.special import kolmogorov

    n, rate = len(hits), float(hits.mean())
    sums = np.cumsum(hits - rate)[:-1]
    at = int(np.argmax(np.abs(sums)))
    spread = math.sqrt(rate * (1 - rate) * n)
    return (float(kolmogorov(abs(sums[at]) / spread)) if spread else 1.0), at + 1


def reason_drift(log: Log) -> ReasonDrift:
    """Whether the mix of reasons is the same in both halves of the rejections.

    Args:
        log: The log of everyone; rejections that stand and have a reason are taken, in order.

    Source: Pearson 1900; reasons with fewer than five expected in a half are taken together, Cochran 1954.
    """
    from scipy.special import chdtrc

    rejected = log.take((log.action == "reject") & ~log.undone & (log.task == "review"))
    reasons = [reason for reason in rejected.reason.tolist() if reason]
    half = len(reasons) // 2
    before, after = (dict(Counter(part).most_common()) for part in (reasons[:half], reasons[half:]))
    if len(reasons) < FEWEST:
        return ReasonDrift(TOO_FEW, None, None, before, after)
    names = sorted({*before, *after})
    table = np.array([[part.get(name, 0) for name in names] for part in (before, after)], float)
    rare = table.sum(axis=0) * half / len(reasons) < 5
    pooled = np.concatenate([table[:, ~rare], table[:, rare].sum(axis=1, keepdims=True)], axis=1)
    pooled = pooled[:, pooled.sum(axis=0) > 0]
    expected = np.outer(pooled.sum(axis=1), pooled.sum(axis=0)) / pooled.sum()
    statistic = float(((pooled - expected) ** 2 / expected).sum())
    freedom = pooled.shape[1] - 1
    p = float(chdtrc(freedom, statistic)) if freedom else 1.0
    if p >= ALPHA:
        return ReasonDrift("steady", False, p, before, after)
    shares = table / table.sum(axis=1, keepdims=True)
    most = int(np.argmax(np.abs(shares[1] - shares[0])))
    words = f"changed, {names[most]} from {shares[0][most]:.0%} to {shares[1][most]:.0%}"
    return ReasonDrift(words, True, p, before, after)


def holm(p_values: Sequence[float]) -> list[float]:
    """P values corrected for their number. Source: Holm 1979, Scandinavian Journal of Statistics 6:65."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected, floor = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = floor
    return corrected


def _windows(approved: Flags, judged: Log) -> tuple[tuple[Share, ...], tuple[str, ...]]:
    parts = [part for part in np.array_split(np.arange(len(approved)), WINDOWS) if len(part)]
    shares = tuple(Share.count_of(int(approved[part].sum()), len(part)) for part in parts)
    return shares, tuple(iso(float(judged.at[part[0]])) for part in parts)


def normal_p(z: float) -> float:
    """Two-sided p value of a standard normal deviate."""
    return math.erfc(abs(z) / math.sqrt(2))


def bounds(value: float, error: float) -> tuple[float, float]:
    """Interval, 95 %, of a difference of shares."""
    return max(-1.0, value - Z_95 * error), min(1.0, value + Z_95 * error)
