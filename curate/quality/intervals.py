"""Figures of a score against decisions, each with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

Z = 1.959964
"""95 %, two-sided."""
RESAMPLES = 500
BINS = 10
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
TARGET = 0.9
"""Lower end of the interval of precision that an automatic approval must reach."""
FEWEST = 20
"""Decisions above a threshold without which no precision is told."""


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share. Source: Wilson 1927."""
    if n == 0:
        return 0.0, 1.0
    share = right / n
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def auc(good: np.ndarray, scores: np.ndarray) -> float:
    """Probability that a good row scores above a bad one, ties half; nan where one kind is missing."""
    from scipy.stats import rankdata

    n_good = int(good.sum())
    n_bad = len(good) - n_good
    if not n_good or not n_bad:
        return float("nan")
    ranks = rankdata(scores)
    return float((ranks[good].sum() - n_good * (n_good + 1) / 2) / (n_good * n_bad))


def brier(good: np.ndarray, scores: np.ndarray) -> float:
    """Mean squared distance of score and decision. Source: Brier 1950."""
    return float(np.mean((scores - good) ** 2))


def calibration_error(good: np.ndarray, scores: np.ndarray) -> float:
    """Expected calibration error over ten bins of equally many rows. Source: Guo et al. 2017."""
    parts = np.array_split(np.argsort(scores, kind="stable"), BINS)
    gaps = [abs(float(good[p].mean()) - float(scores[p].mean())) * len(p) for p in parts if len(p)]
    return sum(gaps) / len(good)


def bootstrap(good: np.ndarray, scores: np.ndarray, groups: np.ndarray, seed: int) -> dict[str, Any]:
    """AUC, Brier score and calibration error with 95 % intervals, drawn by groups of like rows."""
    figures = {"auc": auc, "brier": brier, "calibration_error": calibration_error}
    heads, which = np.unique(groups, return_inverse=True)
    members = [np.flatnonzero(which == i) for i in range(len(heads))]
    rng = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {name: [] for name in figures}
    for _ in range(RESAMPLES):
        rows = np.concatenate([members[i] for i in rng.integers(0, len(heads), len(heads))])
        for name, figure in figures.items():
            drawn[name].append(figure(good[rows], scores[rows]))
    return {name: _told(figure(good, scores), drawn[name]) for name, figure in figures.items()}


def _told(value: float, drawn: Sequence[float]) -> dict[str, float]:
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return {"value": round(value, 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def precision(good: np.ndarray, scores: np.ndarray, threshold: float) -> dict[str, Any]:
    """The share of good rows among those that score a threshold or more, with its interval."""
    above = scores >= threshold
    n, right = int(above.sum()), int(good[above].sum())
    low, high = wilson(right, n)
    value = round(right / n, 4) if n else None
    return {"threshold": threshold, "n": n, "precision": value, "low": round(low, 4), "high": round(high, 4)}


def approval_threshold(good: np.ndarray, scores: np.ndarray) -> dict[str, Any] | None:
    """The lowest threshold in steps of 0.01 from which on the precision is at least `TARGET`, surely.

    None where no threshold reaches it with `FEWEST` decisions.
    """
    for step in range(50, 100):
        told = precision(good, scores, step / 100)
        if told["n"] >= FEWEST and told["low"] >= TARGET:
            return told
    return None
