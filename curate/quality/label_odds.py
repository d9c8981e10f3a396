"""What the other rows say of a row's label: predictions of models that never saw it or a copy of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ..groups import Groups
from .answers import GRAMS, Family
from .features import unpacked

if TYPE_CHECKING:
    from scipy.sparse import csr_array

FOLDS = 5
STRENGTH = 10.0
"""Inverse regularisation; 3 and 30 find as many flipped labels, to within a hundredth."""
SAME = 0.97
"""Cosine of two prompts from which they count as copies."""
MIN_KAPPA = 0.4
MAX_TRAINED = 8_000
"""Rows that a fold's model learns from, drawn with the seed where there are more."""
MAX_COMPARED = 10_000
"""Rows of a family beyond which copies are told by equal prompts alone, not by cosine."""
BLOCK = 2048


def label_odds(measures: pa.Table, family: Family, seed: int) -> np.ndarray:
    """The probability of each class for each row of a family, shape (n, n_classes).

    Predictions are out of fold; rows with nearly the same prompt share a fold.

    Args:
        measures: With the columns of `answers.measured` and of `features.measured`.
        family: Rows with categorical answers.
        seed: Of the folds.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    mine = measures.take(pa.array(family.rows))
    vectors = unpacked(mine.column("prompt_vector"))
    table = _design(mine.column("grams").to_pylist(), vectors)
    folds = _folds(copies(vectors, mine.column("grams").to_pylist()), seed)
    order = np.random.default_rng(seed).permutation(len(folds))
    odds = np.full((len(family.rows), len(family.classes)), 1.0 / len(family.classes))
    named = family.labels >= 0
    for fold in range(FOLDS):
        inside = np.sort(order[(named & (folds != fold))[order]][:MAX_TRAINED])
        asked = np.flatnonzero(folds == fold)
        if len(asked) and len(np.unique(family.labels[inside])) > 1:
            model = OneVsRestClassifier(LogisticRegression(C=STRENGTH, solver="liblinear"))
            model.fit(table[inside], family.labels[inside])
            odds[asked] = 0.0
            odds[np.ix_(asked, model.classes_)] = model.predict_proba(table[asked])
    return odds


def predictable(family: Family, odds: np.ndarray) -> bool:
    """Whether the prompts tell the labels, so that a row can be off.

    Source: Cohen's kappa of given and predicted labels; from 0.4 on Landis and Koch 1977 call it moderate.
    """
    named = family.labels >= 0
    labels, best = family.labels[named], odds[named].argmax(axis=1)
    shares = [np.bincount(x, minlength=len(family.classes)) / len(labels) for x in (labels, best)]
    chance = float(shares[0] @ shares[1])
    return bool(np.mean(labels == best) - chance >= MIN_KAPPA * (1 - chance))


def copies(vectors: np.ndarray, grams: Sequence[Any]) -> np.ndarray:
    """The first row of each row's group of nearly equal prompts, shape (n,)."""
    groups = Groups(len(vectors))
    groups.join_equal([tuple(g) if g else None for g in grams])
    if len(vectors) <= MAX_COMPARED:
        for start in range(0, len(vectors), BLOCK):
            near = vectors[start : start + BLOCK] @ vectors.T >= SAME
            for i, j in zip(*(axis.tolist() for axis in np.nonzero(near)), strict=True):
                if i + start < j:
                    groups.join(i + start, j)
    return groups.first_members()


def _folds(groups: np.ndarray, seed: int) -> np.ndarray:
    """A fold for each row, by its group, of about equal sizes."""
    heads, which = np.unique(groups, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(heads))
    return (order % FOLDS)[which]


def _design(grams: Sequence[Any], vectors: np.ndarray) -> csr_array:
    """Words and pairs by tf-idf, and the prompt's vector beside them, each part of length 1."""
    from scipy.sparse import csr_array, hstack
    from sklearn.feature_extraction.text import TfidfTransformer

    sizes = [len(g or ()) for g in grams]
    flat = np.array([gram for g in grams for gram in g or ()], np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    counts = csr_array((np.ones(len(flat)), flat, starts), shape=(len(grams), GRAMS))
    counts.sum_duplicates()
    used = np.flatnonzero(np.bincount(counts.indices, minlength=GRAMS) > 1)
    words = TfidfTransformer(sublinear_tf=True).fit_transform(counts[:, used])
    return csr_array(hstack([words, csr_array(vectors)]))
