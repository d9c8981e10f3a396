"""Cohen's kappa of two raters, plain or weighted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .figure import ONE_LABEL, Figure, undefined
from .ratings import Floats, Ratings
from .resample import RESAMPLES, SEED, bootstrap, bound_of_perfect, normal_interval
from .weights import KAPPA_OF_LEVEL, Weights, weight_matrix

NO_SHARED_ROW = "they share no row"


def cohen_kappa(
    ratings: Ratings,
    a: str,
    b: str,
    *,
    weights: Weights | Floats | None = None,
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> Figure:
    """Agreement of two raters beyond what their own shares of labels would give by chance.

    Args:
        ratings: The votes.
        a: One rater.
        b: The other.
        weights: How much two different labels agree: a name, or a matrix of shape (n_labels, n_labels) of
            numbers up to 1; None takes what fits the level of the labels.
        seed: Seed of the bootstrap.
        resamples: Its resamples.

    Source: Cohen 1960, Educational and Psychological Measurement 20:37; weighted: Cohen 1968,
    Psychological Bulletin 70:213; analytic interval: Fleiss, Cohen and Everitt 1969, Psychological
    Bulletin 72:323.
    """
    weights = KAPPA_OF_LEVEL[ratings.level] if weights is None else weights
    matrix = weight_matrix(weights, ratings.labels) if isinstance(weights, str) else np.asarray(weights)
    name = "Cohen's kappa" if np.array_equal(matrix, np.eye(len(matrix))) else "weighted kappa"
    table = ratings.table(a, b)
    n = int(table.sum())
    if n == 0:
        return undefined(name, NO_SHARED_ROW)
    if (table.sum(axis=0) + table.sum(axis=1) > 0).sum() < 2:
        return undefined(name, ONE_LABEL, units=n, raters=2)
    q = len(matrix)
    cells = table.ravel()
    seen = np.flatnonzero(cells)
    observed, chance = (float(x[0]) for x in _shares(cells[None, :], matrix))
    value = (observed - chance) / (1 - chance)
    error = _standard_error(table / n, matrix, value, chance) / n**0.5

    def statistic(drawn: npt.NDArray[np.int64]) -> Floats:
        full = np.zeros((len(drawn), q * q), np.int64)
        full[:, seen] = drawn
        po, pe = _shares(full, matrix)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(pe < 1 - 1e-12, (po - pe) / (1 - pe), np.nan)

    if observed == 1:
        interval, method, analytic = bound_of_perfect(n, chance), "Wilson bound; they never disagreed", None
    else:
        interval = bootstrap(cells[seen], statistic, seed=seed, resamples=resamples)
        method, analytic = f"bootstrap over rows, {resamples} resamples", normal_interval(value, error)
    low, high = interval or (None, None)
    method = method if interval else "no interval: too few rows"
    return Figure(name, value, low, high, method, analytic, error, n, 2)


def _shares(cells: npt.NDArray[np.int64], matrix: Floats) -> tuple[Floats, Floats]:
    """Observed and expected weighted agreement of tables, shape (n, q * q) to (n,) each."""
    q = len(matrix)
    p = cells.reshape(-1, q, q) / cells.sum(axis=1)[:, None, None]
    expected = ((p.sum(axis=2) @ matrix) * p.sum(axis=1)).sum(axis=1)
    return (p * matrix).sum(axis=(1, 2)), expected


def _standard_error(p: Floats, matrix: Floats, value: float, chance: float) -> float:
    """Large-sample standard deviation of one unit. Source: Fleiss, Cohen and Everitt 1969, formula 12."""
    down, across = p.sum(axis=1), p.sum(axis=0)
    means = (matrix @ across)[:, None] + (matrix.T @ down)[None, :]
    spread = (p * (matrix - means * (1 - value)) ** 2).sum() - (value - chance * (1 - value)) ** 2
    return float(np.sqrt(max(spread, 0.0)) / (1 - chance))
