"""Paired statistics of base against tuned: intervals, p values and verdicts.

Every function is pure and seeded; the arrays hold one value a row, base and tuned in the same order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..schemas.proportions import Z_95, wilson

Values = npt.NDArray[np.float64]
Verdict = Literal["better", "worse", "inconclusive"]

RESAMPLES = 10_000
ALPHA = 0.05
CHUNK_CELLS = 4_000_000
DETECTABLE_Z = Z_95 + 0.8416212335729143  # two-sided 5 %, power 80 %


@dataclass(frozen=True)
class Interval:
    """An interval of a mean paired difference and how it was made."""

    low: float
    high: float
    method: str


def bootstrap_interval(differences: Values, *, seed: int, resamples: int = RESAMPLES) -> Interval:
    """Percentile bootstrap interval of the mean, 95 %.

    Args:
        differences: Tuned minus base, one a row; at least one.
        seed: Seed of the resampling.
        resamples: Number of resamples.

    Source: Efron and Tibshirani 1993, chapter 13.
    """
    dice = np.random.default_rng(seed)
    n = len(differences)
    means = np.empty(resamples)
    size = max(1, CHUNK_CELLS // n)
    for start in range(0, resamples, size):
        count = min(size, resamples - start)
        means[start : start + count] = differences[dice.integers(0, n, (count, n))].mean(axis=1)
    low, high = np.quantile(means, [ALPHA / 2, 1 - ALPHA / 2])
    return Interval(float(low), float(high), f"paired bootstrap, {resamples} resamples")


def newcombe_interval(fixed: int, broken: int, both: int, neither: int) -> Interval:
    """Score interval of a difference of paired proportions, 95 %.

    It keeps a width where every row changed alike, which a bootstrap does not.

    Args:
        fixed: Rows that only tuned got right.
        broken: Rows that only base got right.
        both: Rows that both got right.
        neither: Rows that both got wrong.

    Source: Newcombe 1998, Statistics in Medicine 17:2635, method 10.
    """
    n = fixed + broken + both + neither
    p_tuned, p_base = (fixed + both) / n, (broken + both) / n
    low_t, high_t = wilson(fixed + both, n)
    low_b, high_b = wilson(broken + both, n)
    phi = _phi(both, fixed, broken, neither)
    difference = p_tuned - p_base
    down_t, up_t = p_tuned - low_t, high_t - p_tuned
    down_b, up_b = p_base - low_b, high_b - p_base
    low = difference - math.sqrt(down_t**2 - 2 * phi * down_t * up_b + up_b**2)
    high = difference + math.sqrt(up_t**2 - 2 * phi * up_t * down_b + down_b**2)
    return Interval(max(-1.0, low), min(1.0, high), "Newcombe score interval for paired proportions")


def _phi(both: int, fixed: int, broken: int, neither: int) -> float:
    """Correlation of the paired outcomes with Newcombe's continuity correction; 0 where undefined."""
    product = (both + fixed) * (broken + neither) * (both + broken) * (fixed + neither)
    if product == 0:
        return 0.0
    n = both + fixed + broken + neither
    gap = both * neither - fixed * broken
    gap = max(gap - n / 2, 0.0) if gap > 0 else gap
    return gap / math.sqrt(product)


def mcnemar_p(fixed: int, broken: int) -> float:
    """Two-sided exact p value that a change fixes as often as it breaks.

    Source: McNemar 1947 with binomial probabilities.
    """
    n, extreme = fixed + broken, max(fixed, broken)
    if n == 0:
        return 1.0
    tail = sum(math.comb(n, k) for k in range(extreme, n + 1))
    return min(1.0, 2 * tail / 2**n)


def sign_flip_p(differences: Values, *, seed: int, resamples: int = RESAMPLES) -> float:
    """Two-sided permutation p value that the mean paired difference is 0.

    All sign patterns are tried where there are no more than `resamples` of them; else a random
    sample of patterns, the observed one included.

    Args:
        differences: Tuned minus base, one a row.
        seed: Seed of the sample.
        resamples: Size of the sample.

    Source: Fisher 1935; the +1 after Phipson and Smyth 2010.
    """
    n = len(differences)
    observed = abs(differences.sum())
    edge = observed * (1 - 1e-12)  # equal sums must count as equal in floating point
    if 2**n <= resamples:
        patterns = ((np.arange(2**n)[:, None] >> np.arange(n)) & 1) * 2.0 - 1.0
        return float((np.abs(patterns @ differences) >= edge).mean())
    dice = np.random.default_rng(seed)
    hits, size = 0, max(1, CHUNK_CELLS // n)
    for start in range(0, resamples, size):
        count = min(size, resamples - start)
        signs = dice.integers(0, 2, (count, n)) * 2.0 - 1.0
        hits += int((np.abs(signs @ differences) >= edge).sum())
    return (hits + 1) / (resamples + 1)


def detectable_difference(differences: Values) -> float:
    """The smallest true difference that this many rows would show in four of five tries.

    Normal approximation with the observed spread, two-sided 5 %, power 80 %.
    """
    n = len(differences)
    if n < 2:
        return math.inf
    return DETECTABLE_Z * float(differences.std(ddof=1)) / math.sqrt(n)


def judge(low: float, high: float, p: float, *, better: Literal["higher", "lower"]) -> Verdict:
    """Better or worse only where the interval leaves 0 out and p is below 0.05."""
    if p >= ALPHA or low <= 0 <= high:
        return "inconclusive"
    return "better" if (low > 0) == (better == "higher") else "worse"
