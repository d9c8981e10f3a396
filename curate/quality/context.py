"""What the other rows of a run say of a row's answer; no decision is needed for it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from .answers import families
from .label_odds import label_odds, predictable

CONTEXT = ("categorical", "answer_is_class", "label_confidence", "label_share")
BOUND = 6.0


def context_of(measures: pa.Table, seed: int) -> dict[str, np.ndarray]:
    """A column for each name in `CONTEXT`, shape (n,): zeros for rows whose answer is not categorical.

    `label_confidence` is the log of the probability that a model, trained on other rows, gives to the
    row's label over that of the likeliest other label; `label_share` the
    log of how much commoner the label is than a label is on average.

    Args:
        measures: All rows, with the columns of `answers.measured` and of `features.measured`.
        seed: Of the folds that labels are predicted in.
    """
    found = {name: np.zeros(measures.num_rows) for name in CONTEXT}
    for family in families(measures):
        odds = label_odds(measures, family, seed)
        named = family.labels >= 0
        counts = np.bincount(family.labels[named], minlength=len(family.classes))
        shares = np.where(named, counts[family.labels], 1) / len(family.rows)
        found["categorical"][family.rows] = 1
        found["answer_is_class"][family.rows] = np.where(named, 1, -1)
        if predictable(family, odds):
            found["label_confidence"][family.rows] = np.where(named, margins(odds, family.labels), 0)
        found["label_share"][family.rows] = np.log(shares * len(family.classes))
    return found


def margins(odds: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Log odds of each row's label over the likeliest other one, within ±6; shape (n,)."""
    rows = np.arange(len(labels))
    own = odds[rows, labels]
    others = odds.copy()
    others[rows, labels] = 0
    return np.clip(np.log(own + 1e-4) - np.log(others.max(axis=1) + 1e-4), -BOUND, BOUND)
