"""The quality model that ships: a sum of one curve a signal, and of how prompt and answer fit in meaning.

`model.json` was trained by `benchmarks/make_quality_model.py`; its sources and licences stand in the file.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...schemas.files import read_json
from .features import Features
from .signals import SIGNALS

FILE = Path(__file__).with_name("model.json")
FIT = "fit_in_meaning"


class Curve(NamedTuple):
    """A piecewise linear function: its knots and the value at each; flat outside."""

    knots: np.ndarray
    values: np.ndarray


class DefaultModel:
    """Log odds that a row is good, as a sum of parts that can be told one by one.

    Args:
        described: The members of `model.json`.
        identity: Changes with the file.
    """

    def __init__(self, described: dict[str, Any], identity: str) -> None:
        self.version: str = described["version"]
        self.identity = identity
        self.bias: float = described["bias"]
        self.curves = {
            name: Curve(np.array(c["knots"], np.float64), np.array(c["values"], np.float64))
            for name, c in described["curves"].items()
        }
        self.fit = np.array(described["fit"], np.float64)

    @property
    def middles(self) -> np.ndarray:
        """Above which value each signal, and the fit in meaning, is high; shape (n_signals + 1,)."""
        knots = [self.curves[name].knots for name in (*SIGNALS, "cosine")]
        return np.array([k[len(k) // 2] if len(k) > 2 else k.mean() for k in knots])

    def parts(self, features: Features) -> dict[str, np.ndarray]:
        """What each signal adds to the log odds, each of shape (n,)."""
        columns = {name: features.signals[:, i] for i, name in enumerate(SIGNALS)}
        columns["cosine"] = features.cosine
        found = {name: np.interp(columns[name], c.knots, c.values) for name, c in self.curves.items()}
        product = features.prompt.astype(np.float64) * features.response
        found[FIT] = found.pop("cosine") + np.einsum("ij,j->i", product, self.fit)
        return found

    def log_odds(self, features: Features) -> np.ndarray:
        """The log odds of each row, shape (n,), float64."""
        return self.bias + np.sum(list(self.parts(features).values()), axis=0)


@functools.cache
def default_model(file: Path = FILE) -> DefaultModel:
    """The model that ships, loaded once a process."""
    identity = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    return DefaultModel(read_json(file), identity)


def sigmoid(values: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)) without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(values, np.float64)))
