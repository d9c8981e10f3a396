"""Bootstrap intervals over units, drawn as counts of equal units."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ...schemas.proportions import Z_95, wilson
from .ratings import Floats

RESAMPLES = 2000
SEED = 0
TAILS = (0.025, 0.975)
CHUNK_CELLS = 4_000_000
MOST_UNDEFINED = 0.05
"""Share of resamples without a value above which no interval is told."""

Statistic = Callable[[npt.NDArray[np.int64]], Floats]
"""From resamples, shape (n, n_patterns), how often each pattern was drawn, to one value a resample."""


def bootstrap(
    frequencies: npt.NDArray[np.int64], statistic: Statistic, *, seed: int, resamples: int = RESAMPLES
) -> tuple[float, float] | None:
    """Percentile interval of a statistic, 95 %, by drawing units with replacement.

    Units with the same pattern are alike to the statistic, so that a resample of units is one multinomial
    draw over the patterns, exactly.

    Args:
        frequencies: How many units have each pattern, shape (n_patterns,).
        statistic: See `Statistic`; nan where it is undefined.
        seed: Seed of the draws.
        resamples: Number of draws.

    Returns:
        None where fewer than two units were there or too many resamples have no value.

    Source: Efron and Tibshirani 1993, chapter 13.
    """
    n = int(frequencies.sum())
    if n < 2:
        return None
    dice = np.random.default_rng(seed)
    share = frequencies / n
    size = max(1, CHUNK_CELLS // len(frequencies))
    found = [
        statistic(dice.multinomial(n, share, size=min(size, resamples - start)))
        for start in range(0, resamples, size)
    ]
    drawn = np.concatenate(found)
    there = drawn[np.isfinite(drawn)]
    if len(there) < (1 - MOST_UNDEFINED) * resamples:
        return None
    low, high = np.quantile(there, TAILS)
    return float(low), float(high)


def bound_of_perfect(units: int, chance: float) -> tuple[float, float] | None:
    """An interval where no two raters disagreed and every resample says 1.

    The lower end is the figure at the lower Wilson bound of the observed agreement, chance held.

    Args:
        units: Units with two or more votes.
        chance: Agreement expected by chance.
    """
    if units < 2:
        return None
    low = wilson(units, units)[0]
    return (low - chance) / (1 - chance), 1.0


def t_interval(value: float, error: float, freedom: int) -> tuple[float, float]:
    """Student's interval, 95 %, of a figure that cannot exceed 1."""
    from scipy.special import stdtrit

    half = float(stdtrit(freedom, TAILS[1])) * error
    return max(-1.0, value - half), min(1.0, value + half)


def normal_interval(value: float, error: float) -> tuple[float, float]:
    """Large-sample interval, 95 %, of a figure that cannot exceed 1."""
    return max(-1.0, value - Z_95 * error), min(1.0, value + Z_95 * error)
