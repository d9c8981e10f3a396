"""Whether the model's quality score and people's decisions agree, and whether the score sways people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..schemas.proportions import Z_95
from .agreement.share import Share
from .progress_log import Flags, Floats, Log
from .progress_pace import Estimate

MIDDLE = 0.5
"""A score from here on speaks for approval."""


@dataclass(frozen=True)
class ScoreAgreement:
    """Scores beside first decisions, which are made before the score is shown.

    Args:
        auc: Probability that an approved row scores above a rejected one; ties count half.
        approved: Approvals with a score.
        rejected: Rejections with a score.
        same_side: Decisions on the side of 0.5 on which the score stands.
        flipped: First decisions that their own person exchanged for the opposite, the score in sight.
        to_score: Flips that went to the score's side.
        undefined: Why there is no AUC; None where there is one.
    """

    auc: Estimate
    approved: int
    rejected: int
    same_side: Share
    flipped: Share
    to_score: Share
    undefined: str | None


def score_agreement(log: Log, scores: Mapping[str, float]) -> ScoreAgreement:
    """Compare the scores of rows with the first decision of each person on them.

    Args:
        log: The log of everyone.
        scores: Quality score in [0, 1] by row_id; rows without one are left out.
    """
    single = log.take(np.isin(log.action, ("approve", "reject")) & (log.task == "review"))
    moves: dict[tuple[int, str, str], list[tuple[bool, bool]]] = {}
    columns = (single.who, single.row_id, single.shown, single.action == "approve", single.undone)
    for who, row, shown, approve, undone in zip(*(c.tolist() for c in columns), strict=True):
        if row in scores:
            moves.setdefault((who, row, shown), []).append((approve, undone))
    first = np.array([found[0][0] for found in moves.values()], bool)
    score = np.array([scores[row] for _, row, _ in moves], float)
    flipped = np.array([_flipped(found) for found in moves.values()], bool)
    up = score >= MIDDLE
    n_good, n_bad = int(first.sum()), int((~first).sum())
    return ScoreAgreement(
        auc=auc(first, score),
        approved=n_good,
        rejected=n_bad,
        same_side=Share.count_of(int((up == first).sum()), len(first)),
        flipped=Share.count_of(int(flipped.sum()), len(first)),
        to_score=Share.count_of(int((flipped & (up != first)).sum()), int(flipped.sum())),
        undefined=_why(n_good, n_bad),
    )


def _flipped(moves: list[tuple[bool, bool]]) -> bool:
    """Whether what stands in the end is the opposite of the first decision; moves are approve, undone."""
    stand = [approve for approve, undone in moves if not undone]
    return bool(stand) and stand[-1] != moves[0][0]


def _why(n_good: int, n_bad: int) -> str | None:
    if not n_good and not n_bad:
        return "no decided row has a score"
    return None if n_good and n_bad else "every decided row was " + ("approved" if n_good else "rejected")


def auc(good: Flags, scores: Floats) -> Estimate:
    """Area under the ROC curve with its interval; no value where one kind is missing.

    Args:
        good: Which rows were approved.
        scores: Their scores.

    Source: Mann and Whitney 1947; interval: Newcombe 2006, Statistics in Medicine 25:559, method 5.
    """
    n_good, n_bad = int(good.sum()), int((~good).sum())
    if not n_good or not n_bad:
        return Estimate(None)
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    value = float(ranks[good].sum() - n_good * (n_good + 1) / 2) / (n_good * n_bad)
    low = _bound(value, 0.0, n_good, n_bad)
    return Estimate(value, low, _bound(value, 1.0, n_good, n_bad))


def _bound(value: float, end: float, n_good: int, n_bad: int) -> float:
    """The area between the value and an end at which the value is just 1.96 standard errors away."""
    near, far = value, end
    for _ in range(60):
        middle = (near + far) / 2
        if abs(value - middle) < Z_95 * _error(middle, n_good, n_bad):
            near = middle
        else:
            far = middle
    return (near + far) / 2


def _error(area: float, n_good: int, n_bad: int) -> float:
    """Standard error of an area under exponential scores. Source: Hanley and McNeil 1982, in Newcombe."""
    half = (n_good + n_bad) / 2 - 1
    spread = 1 + half * (1 - area) / (2 - area) + half * area / (1 + area)
    return math.sqrt(area * (1 - area) * spread / (n_good * n_bad))
