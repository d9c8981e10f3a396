"""Labels from examples: logistic regression on vectors and words, with its confidence calibrated.

The sentences that describe labels are examples as well. The temperature is the one under which the examples,
each predicted without itself, are most likely (Guo et al. 2017, On Calibration of Modern Neural Networks).
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from .zero_shot import softmax

REGULARISATION = 10.0
FOLDS = 5
UNCALIBRATED = 0.4
"""Temperature where there are too few examples to measure one."""
TEMPERATURES = np.geomspace(0.25, 4.0, 75)
NEAR, NEAR_WIDTH = 0.15, 0.05
"""Cosine to the nearest example at which the confidence is halved, and how steeply."""


class FewShot:
    """Confidence in each label, from examples.

    Args:
        vectors: Unit vectors without the mean of all rows: of the examples, then of the labels' sentences.
        words: Their tf-idf rows, csr.
        labels: The place of each one's label.
        described: How many of the last rows are sentences; they never count in the calibration.
        seed: Seed of the folds.
    """

    def __init__(
        self, vectors: np.ndarray, words: Any, labels: np.ndarray, *, described: int, seed: int
    ) -> None:
        self.examples = vectors.astype(np.float32)
        rows = _rows(vectors, words)
        self.places = np.unique(labels)
        self.model = _fitted(rows, labels) if len(self.places) > 1 else None
        self.temperature = self._calibrated(rows, labels, len(labels) - described, seed)

    def _calibrated(self, rows: Any, labels: np.ndarray, examples: int, seed: int) -> float:
        """The temperature of least cross-entropy on examples that the model has not seen."""
        from sklearn.model_selection import StratifiedKFold

        counts = np.bincount(labels[:examples], minlength=1)
        folds = min(FOLDS, int(counts[counts > 0].min(initial=FOLDS)))
        if folds < 2 or len(np.unique(labels[:examples])) < 2:
            return UNCALIBRATED
        told = np.arange(examples, len(labels))
        logits = np.full((examples, len(self.places)), -30.0)
        split = StratifiedKFold(folds, shuffle=True, random_state=seed)
        for seen, unseen in split.split(np.zeros(examples), labels[:examples]):
            model = _fitted(rows[np.concatenate([seen, told])], labels[np.concatenate([seen, told])])
            where = np.searchsorted(self.places, model.classes_)
            logits[unseen[:, None], where[None]] = _logits(model, rows[unseen])
        truth = np.searchsorted(self.places, labels[:examples])
        losses = [_cross_entropy(logits / t, truth) for t in TEMPERATURES]
        return float(TEMPERATURES[int(np.argmin(losses))])

    def confidence(
        self, vectors: np.ndarray, words: Any, n_labels: int, *, calibrated: bool = True
    ) -> np.ndarray:
        """Shape (n_rows, n_labels); what is missing to 1 is the belief that a row is unlike every example."""
        found = np.zeros((len(vectors), n_labels))
        if self.model is None:
            found[:, self.places] = 1.0
        else:
            logits = _logits(self.model, _rows(vectors, words))
            found[:, self.places] = softmax(logits / (self.temperature if calibrated else 1.0))
        nearest = (vectors @ self.examples.T).max(axis=1)
        return found / (1 + np.exp((NEAR - nearest) / NEAR_WIDTH))[:, None]


def _rows(vectors: np.ndarray, words: Any) -> Any:
    from scipy.sparse import csr_array, hstack

    return hstack([csr_array(vectors.astype(np.float64)), words]).tocsr()


def _fitted(rows: Any, labels: np.ndarray) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the order of labels settles long before
        return LogisticRegression(C=REGULARISATION, max_iter=300).fit(rows, labels)


def _logits(model: Any, rows: Any) -> np.ndarray:
    """One column a label, also where there are two."""
    found = np.asarray(model.decision_function(rows))
    return np.stack([-found / 2, found / 2], axis=1) if found.ndim == 1 else found


def _cross_entropy(logits: np.ndarray, truth: np.ndarray) -> float:
    return float(-np.log(np.maximum(softmax(logits)[np.arange(len(truth)), truth], 1e-12)).mean())
