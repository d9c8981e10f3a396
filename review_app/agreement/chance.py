"""Agreement of many raters from label counts: observed, Fleiss' kappa and Gwet's AC1 and AC2.

All three rest on the same sums over units: the share of agreeing pairs, and the shares of the labels.
Units with one vote tell the shares of labels alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...schemas.proportions import wilson
from .figure import ONE_LABEL, Figure, too_few, undefined
from .ratings import Floats, Ratings
from .resample import RESAMPLES, SEED, bootstrap, bound_of_perfect, t_interval
from .weights import OF_LEVEL, Weights, weight_matrix

Kind = Literal["fleiss", "gwet"]


def observed_agreement(
    ratings: Ratings, *, weights: Weights = "identity", seed: int = SEED, resamples: int = RESAMPLES
) -> Figure:
    """Share of pairs of votes on one unit that agree, averaged over units.

    The analytic interval is Wilson's where each unit has two votes that agree or not, else Student's of the
    mean over units.

    Args:
        ratings: The votes.
        weights: How much two different labels agree.
        seed: Seed of the bootstrap.
        resamples: Its resamples.
    """
    name = "observed agreement"
    if why := too_few(ratings):
        return undefined(name, why)
    sums = _Sums.of(ratings, weights)
    value = float(sums.observed(sums.frequencies))
    n = ratings.shared
    per_unit, f = sums.agreement[sums.pairs], sums.frequencies[sums.pairs]
    error = float(np.sqrt((f * (per_unit - value) ** 2).sum() / (n - 1) / n)) if n > 1 else None
    binary = weights == "identity" and bool((ratings.votes_per_unit <= 2).all())
    if binary:
        analytic = wilson(round(value * n), n)
    else:
        analytic = None if error is None else t_interval(value, error, n - 1)
    if value == 1:
        interval, method = bound_of_perfect(n, 0.0), "Wilson bound; no two people disagreed"
    else:
        interval = bootstrap(sums.frequencies, sums.observed, seed=seed, resamples=resamples)
        method = _told(resamples)
    return _figure(name, value, interval, method, analytic, error, ratings)


def fleiss_kappa(
    ratings: Ratings, *, weights: Weights = "identity", seed: int = SEED, resamples: int = RESAMPLES
) -> Figure:
    """Fleiss' kappa: chance as if all raters drew from the shares of labels that all of them gave.

    Units may have different numbers of votes.

    Args:
        ratings: The votes.
        weights: How much two different labels agree.
        seed: Seed of the bootstrap.
        resamples: Its resamples.

    Source: Fleiss 1971, Psychological Bulletin 76:378; variance and unequal numbers of votes: Gwet 2008,
    British Journal of Mathematical and Statistical Psychology 61:29.
    """
    return _corrected("Fleiss' kappa", "fleiss", ratings, weights, (seed, resamples))


def gwet_ac(
    ratings: Ratings, *, weights: Weights | None = None, seed: int = SEED, resamples: int = RESAMPLES
) -> Figure:
    """Gwet's AC1, or AC2 with weights: steady where nearly all votes are one label and kappa collapses.

    Args:
        ratings: The votes; `labels` must name every label that could be given, for chance depends on it.
        weights: How much two different labels agree; None takes what fits the level of the labels.
        seed: Seed of the bootstrap.
        resamples: Its resamples.

    Source: Gwet 2008, British Journal of Mathematical and Statistical Psychology 61:29; weights and
    missing votes: Gwet 2014, Handbook of Inter-Rater Reliability.
    """
    weights = OF_LEVEL[ratings.level] if weights is None else weights
    name = "Gwet's AC1" if weights == "identity" else "Gwet's AC2"
    return _corrected(name, "gwet", ratings, weights, (seed, resamples))


@dataclass(frozen=True)
class _Sums:
    """What is summed over units, one line a pattern of votes.

    Args:
        frequencies: Units with the pattern, shape (n_patterns,).
        agreement: Share of agreeing pairs; 0 where there is no pair.
        pairs: Whether there is a pair.
        shares: Share of each label among the pattern's votes, shape (n_patterns, n_labels).
        weights: Shape (n_labels, n_labels).
    """

    frequencies: npt.NDArray[np.int64]
    agreement: Floats
    pairs: npt.NDArray[np.bool_]
    shares: Floats
    weights: Floats

    @classmethod
    def of(cls, ratings: Ratings, weights: Weights) -> _Sums:
        counts, frequencies = ratings.patterns
        matrix = weight_matrix(weights, ratings.labels)
        votes = counts.sum(axis=1)
        agreeing = (counts * (counts @ matrix - 1)).sum(axis=1)
        pairs = votes >= 2
        agreement = np.where(pairs, agreeing / np.maximum(votes * (votes - 1), 1), 0.0)
        return cls(frequencies, agreement, pairs, counts / votes[:, None], matrix)

    def observed(self, drawn: npt.NDArray[np.int64]) -> Floats:
        """Observed agreement of resamples, shape (..., n_patterns) to (...)."""
        with np.errstate(invalid="ignore"):
            return (drawn @ self.agreement) / (drawn @ self.pairs)

    def chance(self, drawn: npt.NDArray[np.int64], kind: Kind) -> Floats:
        """Agreement expected by chance, of resamples."""
        p = (drawn @ self.shares) / drawn.sum(axis=-1)[..., None]
        if kind == "fleiss":
            return ((p @ self.weights) * p).sum(axis=-1)
        return self.spread * (p * (1 - p)).sum(axis=-1)

    @property
    def spread(self) -> float:
        q = len(self.weights)
        return float(self.weights.sum() / (q * (q - 1)))

    def corrected(self, drawn: npt.NDArray[np.int64], kind: Kind) -> Floats:
        observed, chance = self.observed(drawn), self.chance(drawn, kind)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(chance < 1 - 1e-12, (observed - chance) / (1 - chance), np.nan)

    def standard_error(self, kind: Kind) -> float | None:
        """By linearising the figure in the units; None with one unit. Source: Gwet 2008, section 4."""
        f = self.frequencies
        n, n_pairs = int(f.sum()), int((f * self.pairs).sum())
        if n_pairs < 2:
            return None
        chance, value = float(self.chance(f, kind)), float(self.corrected(f, kind))
        p = (f @ self.shares) / n
        slope = self.weights @ p if kind == "fleiss" else self.spread * (1 - p)
        own = (n / n_pairs) * (self.agreement - chance * self.pairs) / (1 - chance)
        own = own - 2 * (1 - value) * (self.shares @ slope - chance) / (1 - chance)
        return float(np.sqrt((f * (own - value) ** 2).sum() / (n * (n - 1))))


def _corrected(name: str, kind: Kind, ratings: Ratings, weights: Weights, draws: tuple[int, int]) -> Figure:
    if why := too_few(ratings):
        return undefined(name, why)
    if (ratings.counts.sum(axis=0) > 0).sum() < 2:
        return undefined(name, ONE_LABEL, units=ratings.shared, raters=ratings.voters)
    sums = _Sums.of(ratings, weights)
    f = sums.frequencies
    value = float(sums.corrected(f, kind))
    error = sums.standard_error(kind)
    analytic = None if error is None else t_interval(value, error, int(f.sum()) - 1)
    if float(sums.observed(f)) == 1:
        interval = bound_of_perfect(ratings.shared, float(sums.chance(f, kind)))
        analytic, method = None, "Wilson bound; no two people disagreed"
    else:
        seed, resamples = draws
        interval = bootstrap(f, lambda d: sums.corrected(d, kind), seed=seed, resamples=resamples)
        method = _told(resamples)
    return _figure(name, value, interval, method, analytic, error, ratings)


def _told(resamples: int) -> str:
    return f"bootstrap over rows, {resamples} resamples"


def _figure(
    name: str,
    value: float,
    interval: tuple[float, float] | None,
    method: str,
    analytic: tuple[float, float] | None,
    error: float | None,
    ratings: Ratings,
) -> Figure:
    low, high = interval or (None, None)
    return Figure(
        name=name,
        value=value,
        low=low,
        high=high,
        method=method if interval else "no interval: too few rows",
        analytic=analytic,
        standard_error=error,
        units=ratings.shared,
        raters=ratings.voters,
    )
