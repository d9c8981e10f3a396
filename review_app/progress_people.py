"""Each person against the others in the same period: who approves more, and who moved away."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .progress_drift import (
    ALPHA,
    FEWEST,
    TOO_FEW,
    WINDOWS,
    Drift,
    approve_drift,
    bounds,
    holm,
    judge,
    normal_p,
)
from .progress_log import Log
from .progress_pace import Estimate

Counts = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Lean:
    """How a person's rate of approvals compares with the others' in the same period.

    Args:
        actor: Who.
        difference: Share of approvals less the others'; 0.1 is ten points more.
        early: The same in the first half of the period.
        late: The same in the second half.
        differs: Whether it differs from the others'; None where it cannot be told.
        moved: Whether the difference changed from the first half to the second.
        p_differs: Corrected for the number of people.
        p_moved: Corrected for the number of people.
        own: Drift of the person's own rate, corrected for the number of people.
        words: In plain words.
    """

    actor: str
    difference: Estimate
    early: Estimate
    late: Estimate
    differs: bool | None
    moved: bool | None
    p_differs: float | None
    p_moved: float | None
    own: Drift
    words: str


@dataclass(frozen=True)
class _Raw:
    """Differences before the correction: over all windows, the first half, and the second half."""

    whole: tuple[float, float] | None
    early: tuple[float, float] | None
    late: tuple[float, float] | None

    @property
    def p_differs(self) -> float | None:
        return None if self.whole is None else normal_p(self.whole[0] / self.whole[1])

    @property
    def p_moved(self) -> float | None:
        if self.early is None or self.late is None:
            return None
        return normal_p((self.late[0] - self.early[0]) / math.hypot(self.early[1], self.late[1]))


def leans(judged: Log) -> tuple[Lean, ...]:
    """Every person against the others, window by window, so that all saw items of the same period.

    Args:
        judged: Decisions on rows one by one, in order.
    """
    window = np.zeros(len(judged.seq), np.int64)
    for number, part in enumerate(np.array_split(np.arange(len(window)), WINDOWS)):
        window[part] = number
    approved = judged.action == "approve"
    total, hits = _by_window(window, np.ones(len(window))), _by_window(window, approved)
    raw, drifts = [], []
    for number in range(len(judged.names)):
        mine = judged.who == number
        n1, a1 = _by_window(window[mine], np.ones(int(mine.sum()))), _by_window(window[mine], approved[mine])
        raw.append(_raw(n1, a1, total - n1, hits - a1))
        drifts.append(approve_drift(judged.take(mine)))
    differs, moved = _corrected([r.p_differs for r in raw]), _corrected([r.p_moved for r in raw])
    own = _corrected([d.p for d in drifts])
    return tuple(
        _lean(name, raw[i], differs[i], moved[i], drifts[i] if (p := own[i]) is None else judge(drifts[i], p))
        for i, name in enumerate(judged.names)
    )


def risk_difference(n1: Counts, a1: Counts, n0: Counts, a0: Counts) -> tuple[float, float] | None:
    """Common difference of two rates over strata, and its standard error; None where no stratum has both.

    Args:
        n1: Decisions of the one, by stratum.
        a1: Approvals among them.
        n0: Decisions of the other.
        a0: Approvals among them.

    Source: Mantel and Haenszel 1959; variance: Sato, Greenland and Robins 1989, Biometrics 45:1323.
    """
    both = (n1 > 0) & (n0 > 0)
    n1, a1, n0, a0 = n1[both], a1[both], n0[both], a0[both]
    n = n1 + n0
    weight = float((n1 * n0 / n).sum())
    if not weight:
        return None
    difference = float(((a1 * n0 - a0 * n1) / n).sum()) / weight
    p = ((n1**2 * a0 - n0**2 * a1 + n1 * n0 * (n0 - n1) / 2) / n**2).sum()
    q = ((a1 * (n0 - a0) + a0 * (n1 - a1)) / (2 * n)).sum()
    variance = (difference * p + q) / weight**2
    return difference, math.sqrt(max(float(variance), 1e-12))


def _raw(n1: Counts, a1: Counts, n0: Counts, a0: Counts) -> _Raw:
    half = WINDOWS // 2

    def part(which: slice) -> tuple[float, float] | None:
        enough = min(n1[which].sum(), n0[which].sum()) >= FEWEST
        return risk_difference(n1[which], a1[which], n0[which], a0[which]) if enough else None

    return _Raw(part(slice(None)), part(slice(half)), part(slice(half, None)))


def _lean(name: str, raw: _Raw, p_differs: float | None, p_moved: float | None, own: Drift) -> Lean:
    differs = None if p_differs is None else p_differs < ALPHA
    moved = None if p_moved is None else p_moved < ALPHA
    return Lean(
        actor=name,
        difference=_estimate(raw.whole),
        early=_estimate(raw.early),
        late=_estimate(raw.late),
        differs=differs,
        moved=moved,
        p_differs=p_differs,
        p_moved=p_moved,
        own=own,
        words=_words(raw, bool(differs), bool(moved)),
    )


def _words(raw: _Raw, differs: bool, moved: bool) -> str:
    if raw.whole is None:
        return TOO_FEW
    if moved and raw.early is not None and raw.late is not None:
        return f"moved: from {_points(raw.early[0])} to {_points(raw.late[0])} points beside the others"
    if not differs:
        return "like the others"
    more = "more" if raw.whole[0] > 0 else "less"
    return f"approves {abs(raw.whole[0]) * 100:.0f} points {more} than the others"


def _points(difference: float) -> str:
    return f"{difference * 100:+.0f}"


def _estimate(told: tuple[float, float] | None) -> Estimate:
    return Estimate(None) if told is None else Estimate(told[0], *bounds(*told))


def _corrected(p_values: list[float | None]) -> list[float | None]:
    known = iter(holm([p for p in p_values if p is not None]))
    return [None if p is None else next(known) for p in p_values]


def _by_window(window: npt.NDArray[np.int64], weights: npt.NDArray[Any]) -> Counts:
    return np.bincount(window, weights=weights, minlength=WINDOWS).astype(float)
