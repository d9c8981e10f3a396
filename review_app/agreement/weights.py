"""How much two different labels still agree: weights from 0 (not at all) to 1 (fully).

Source: Gwet 2014, Handbook of Inter-Rater Reliability, 4th edition, section 3.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from .ratings import Floats, Level

Weights = Literal["identity", "linear", "quadratic", "ordinal"]
OF_LEVEL: dict[Level, Weights] = {"nominal": "identity", "ordinal": "ordinal", "interval": "quadratic"}
"""What AC2 uses for labels of a level."""
KAPPA_OF_LEVEL: dict[Level, Weights] = {"nominal": "identity", "ordinal": "linear", "interval": "quadratic"}
"""What Cohen's kappa uses for labels of a level."""


def weight_matrix(kind: Weights, labels: Sequence[Any]) -> Floats:
    """Agreement weights of labels, shape (n_labels, n_labels).

    Args:
        kind: identity (equal or not), linear (steps apart), ordinal (pairs of labels between), quadratic
            (squared distance; of the labels' values where they are numbers).
        labels: The labels in order.
    """
    q = len(labels)
    steps = np.abs(np.subtract.outer(np.arange(q), np.arange(q))).astype(float)
    if kind == "identity" or q < 2:
        return np.eye(q)
    if kind == "linear":
        return 1 - steps / (q - 1)
    if kind == "ordinal":
        pairs = steps * (steps + 1) / 2
        return 1 - pairs / pairs.max()
    distance = np.subtract.outer(values(labels), values(labels)) ** 2
    return 1 - distance / distance.max()


def values(labels: Sequence[Any]) -> Floats:
    """The labels as numbers; their places in the order where one is none."""
    numbers = all(isinstance(label, int | float) and not isinstance(label, bool) for label in labels)
    return np.asarray(labels if numbers else range(len(labels)), float)
