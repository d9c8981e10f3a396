"""A logistic regression on decisions: its strength by cross-validation, its scores calibrated out of fold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .learned_model import DENSE

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

FOLDS = 5
GRID = tuple((meaning, strength) for meaning in (0.0, 1.0, 3.0) for strength in (0.01, 0.1, 1.0))
"""Factor of the meaning vectors, and inverse regularisation."""


class Fitted(NamedTuple):
    """A fitted model and what it says of the rows that it did not see.

    Args:
        meaning: Factor of the vectors.
        strength: Inverse regularisation.
        weights: On the design, shape (n_columns,).
        bias: Log odds of a row of average features.
        out_of_fold: Calibrated probability of each row by models that saw no row of its group, shape (n,).
    """

    meaning: float
    strength: float
    weights: np.ndarray
    bias: float
    out_of_fold: np.ndarray


def fit(table: np.ndarray, good: np.ndarray, groups: np.ndarray, seed: int) -> Fitted:
    """Fit a model to decisions.

    Args:
        table: Centred features, those of meaning with factor 1, shape (n, n_columns).
        good: Which rows were approved, shape (n,), bool.
        groups: Rows of one group never stand on both sides, shape (n,).
        seed: Of the folds.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # hundreds of small fits: threads would wait for each other
        return _fit(table, good, groups, seed)


def _fit(table: np.ndarray, good: np.ndarray, groups: np.ndarray, seed: int) -> Fitted:
    folds = folds_of(groups, good, seed)
    logits = np.zeros(len(good))
    for fold in range(FOLDS):
        inside = np.flatnonzero(folds != fold)
        outside = np.flatnonzero(folds == fold)
        chosen = _choose(table[inside], good[inside], folds_of(groups[inside], good[inside], seed + 1))
        logits[outside] = _logits(table[inside], good[inside], table[outside], *chosen)
    meaning, strength = _choose(table, good, folds)
    weights, bias = _weights(table, good, meaning, strength)
    slope, intercept = platt(logits, good)
    calibrated = np.zeros(len(good))
    for fold in range(FOLDS):
        others = folds != fold
        a, b = platt(logits[others], good[others])
        calibrated[~others] = 1 / (1 + np.exp(-(a * logits[~others] + b)))
    return Fitted(meaning, strength, weights * slope, bias * slope + intercept, calibrated)


def folds_of(groups: np.ndarray, good: np.ndarray, seed: int) -> np.ndarray:
    """A fold for each row: whole groups, with about as many approvals in each."""
    from sklearn.model_selection import StratifiedGroupKFold

    found = np.zeros(len(good), np.int64)
    parts = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(good, good, groups)
    for fold, (_, outside) in enumerate(parts):
        found[outside] = fold
    return found


def platt(logits: np.ndarray, good: np.ndarray) -> tuple[float, float]:
    """Slope and intercept that make logits log odds, drawn to zero a little. Source: Platt 1999."""
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(good)) < 2:
        return 1.0, 0.0
    scale = max(float(np.std(logits)), 1e-6)
    model = LogisticRegression(C=1.0).fit(logits[:, None] / scale, good)
    return max(np.ravel(model.coef_).item(0), 0.0) / scale, np.ravel(model.intercept_).item(0)


def _scaled(table: np.ndarray, meaning: float) -> np.ndarray:
    n = len(DENSE)
    return table[:, :n] if meaning == 0 else np.column_stack([table[:, :n], table[:, n:] * meaning])


def _model(table: np.ndarray, good: np.ndarray, strength: float) -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, solver="lbfgs", max_iter=200, tol=1e-3).fit(table, good)


def _logits(
    table: np.ndarray, good: np.ndarray, asked: np.ndarray, meaning: float, strength: float
) -> np.ndarray:
    if len(np.unique(good)) < 2:
        return np.zeros(len(asked))
    return _model(_scaled(table, meaning), good, strength).decision_function(_scaled(asked, meaning))


def _choose(table: np.ndarray, good: np.ndarray, folds: np.ndarray) -> tuple[float, float]:
    """The settings of `GRID` with the least log loss out of fold; the first of equals."""
    losses = [_loss(table, good, folds, meaning, strength) for meaning, strength in GRID]
    return GRID[int(np.argmin(np.round(losses, 6)))]


def _loss(table: np.ndarray, good: np.ndarray, folds: np.ndarray, meaning: float, strength: float) -> float:
    total = 0.0
    for fold in range(FOLDS):
        inside, outside = folds != fold, folds == fold
        if outside.any():
            logits = _logits(table[inside], good[inside], table[outside], meaning, strength)
            total += float(np.logaddexp(0, np.where(good[outside], -logits, logits)).sum())
    return total / len(good)


def _weights(
    table: np.ndarray, good: np.ndarray, meaning: float, strength: float
) -> tuple[np.ndarray, float]:
    """Weights on the whole design, those of meaning including their factor, and the bias."""
    model = _model(_scaled(table, meaning), good, strength)
    weights = np.zeros(table.shape[1])
    n = len(DENSE)
    found = np.ravel(model.coef_)
    weights[:n] = found[:n]
    if meaning:
        weights[n:] = found[n:] * meaning
    return weights, np.ravel(model.intercept_).item(0)
