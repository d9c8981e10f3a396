"""Krippendorff's alpha: observed over expected disagreement, with any number of votes a unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .figure import ONE_LABEL, Figure, too_few, undefined
from .ratings import Floats, Level, Ratings
from .resample import RESAMPLES, SEED, bootstrap, bound_of_perfect, t_interval
from .weights import OF_LEVEL, values, weight_matrix

NAME = "Krippendorff's alpha"


def krippendorff_alpha(
    ratings: Ratings, *, level: Level | None = None, seed: int = SEED, resamples: int = RESAMPLES
) -> Figure:
    """Alpha of labels of a level; units with one vote do not count.

    Args:
        ratings: The votes.
        level: nominal, ordinal or interval; None takes the votes' own.
        seed: Seed of the bootstrap.
        resamples: Its resamples.

    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability; analytic interval (nominal and
    interval): Gwet 2014, Handbook of Inter-Rater Reliability.
    """
    level = level or ratings.level
    if why := too_few(ratings):
        return undefined(NAME, why)
    counts, frequencies = ratings.patterns
    shared = counts.sum(axis=1) >= 2
    counts, frequencies = counts[shared], frequencies[shared]
    n, raters = ratings.shared, ratings.voters
    if (counts.sum(axis=0) > 0).sum() < 2:
        return undefined(NAME, ONE_LABEL, units=n, raters=raters)
    sums = _Sums(counts, _scale(level, ratings), level)
    value = float(sums.alpha(frequencies[None, :])[0])
    error = None if level == "ordinal" or n < 2 else _standard_error(counts, frequencies, ratings, level)
    analytic = None if error is None else t_interval(value, error, n - 1)
    if value == 1:
        chance = float(((frequencies @ counts) ** 2).sum() / (frequencies @ counts).sum() ** 2)
        interval, method = bound_of_perfect(n, chance), "Wilson bound; no two people disagreed"
        analytic = None
    else:
        interval = bootstrap(frequencies, sums.alpha, seed=seed, resamples=resamples)
        method = f"bootstrap over rows, {resamples} resamples"
    low, high = interval or (None, None)
    method = method if interval else "no interval: too few rows"
    return Figure(NAME, value, low, high, method, analytic, error, n, raters)


def _scale(level: Level, ratings: Ratings) -> Floats:
    return values(ratings.labels) if level == "interval" else np.arange(len(ratings.labels), dtype=float)


@dataclass(frozen=True)
class _Sums:
    """What is summed over units with two or more votes, one line a pattern.

    Disagreement of two votes is 1 or 0 where labels are nominal, else the squared difference of their
    numbers: of the labels' values, or of the middle ranks of the labels among all votes, which is
    Krippendorff's ordinal difference.
    """

    counts: npt.NDArray[np.int64]
    scale: Floats
    level: Level

    def alpha(self, drawn: npt.NDArray[np.int64]) -> Floats:
        """Alpha of resamples, shape (n, n_patterns) to (n,); nan where one label alone was drawn."""
        totals = (drawn @ self.counts).astype(float)
        n = totals.sum(axis=1)
        if self.level == "nominal":
            observed = drawn @ self._disagreeing(np.eye(len(self.scale)))
            expected = n**2 - (totals**2).sum(axis=1)
        else:
            x = self._numbers(totals)
            within = self._spread(x)
            observed = (drawn * within).sum(axis=1) if within.ndim == 2 else drawn @ within
            expected = 2 * (n * (totals * x**2).sum(axis=1) - (totals * x).sum(axis=1) ** 2)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(expected > 1e-9, 1 - (n - 1) * observed / expected, np.nan)

    def _numbers(self, totals: Floats) -> Floats:
        if self.level == "interval":
            return self.scale
        return totals.cumsum(axis=1) - totals / 2

    def _disagreeing(self, same: Floats) -> Floats:
        """Votes of each pattern in disagreeing pairs, over one less than its votes."""
        votes = self.counts.sum(axis=1)
        agreeing = (self.counts * (self.counts @ same)).sum(axis=1)
        return (votes**2 - agreeing) / (votes - 1)

    def _spread(self, x: Floats) -> Floats:
        """Squared differences of all ordered pairs of a pattern's votes, over one less than its votes."""
        votes = self.counts.sum(axis=1)
        first, second = x @ self.counts.T, x**2 @ self.counts.T
        return 2 * (votes * second - first**2) / (votes - 1)


def _standard_error(
    counts: npt.NDArray[np.int64], f: npt.NDArray[np.int64], ratings: Ratings, level: Level
) -> float:
    """By linearising alpha in the units. Source: Gwet 2014, section 5."""
    weights = weight_matrix(OF_LEVEL[level], ratings.labels)
    votes = counts.sum(axis=1)
    n, mean = int(f.sum()), float((f @ votes) / f.sum())
    agreeing = (counts * (counts @ weights - 1)).sum(axis=1) / (mean * (votes - 1))
    p = (f @ counts) / (n * mean)
    chance = float(p @ weights @ p)
    plain = float(f @ agreeing) / n
    corrected = (plain - chance) / (1 - chance)
    rest = 1 / (f @ votes)
    excess = (votes - mean) / mean
    own = (agreeing - ((1 - rest) * plain + rest) * excess - chance) / (1 - chance)
    expected = counts @ (weights @ p) / mean - chance * excess
    own = own - 2 * (1 - corrected) * (expected - chance) / (1 - chance)
    return float(np.sqrt((f * (own - corrected) ** 2).sum() / (n * (n - 1))))
