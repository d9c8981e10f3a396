"""Log odds of all rows by the default or a learned model, and the signals that told most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from .default_model import FIT, DefaultModel, default_model
from .features import Features, chunks
from .signals import SIGNALS

if TYPE_CHECKING:
    from .learned_model import LearnedModel


class Scored(NamedTuple):
    """Scores of all rows.

    Args:
        model: Name and version of the model.
        log_odds: That a row is good, shape (n,).
        names: The signals.
        top: Numbers of the signals that tell most, shape (n, k); -1 for none.
        high: Whether such a signal is above its middle, shape (n, k).
        parts: What it adds to the log odds, shape (n, k).
    """

    model: str
    log_odds: np.ndarray
    names: tuple[str, ...]
    top: np.ndarray
    high: np.ndarray
    parts: np.ndarray

    def why(self, row: int) -> list[tuple[str, bool, float]]:
        """The signals that tell most of one row: name, whether its value is high, what it adds."""
        told = zip(self.top[row].tolist(), self.high[row].tolist(), self.parts[row].tolist(), strict=True)
        return [(self.names[i], high, round(part, 2)) for i, high, part in told if i >= 0]


def default_scores(measures: pa.Table, told: int) -> Scored:
    """The default model's scores of all measured rows."""
    model = default_model()
    names = (*SIGNALS, FIT)
    done = [_score(model, features, names, told) for features in chunks(measures)]
    joined = [np.concatenate(column) for column in zip(*done, strict=True)] if done else _nothing(told)
    return Scored(f"default {model.version}", joined[0], names, joined[1], joined[2], joined[3])


def _nothing(told: int) -> list[np.ndarray]:
    return [np.zeros(0), *(np.zeros((0, told)) for _ in range(3))]


def _score(
    model: DefaultModel, features: Features, names: tuple[str, ...], told: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    parts = model.parts(features)
    table = np.column_stack([parts[name] for name in names])
    values = np.column_stack([features.signals, features.cosine])
    return (model.bias + table.sum(axis=1), *most_telling(table, values > model.middles, told))


def most_telling(table: np.ndarray, high: np.ndarray, told: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The `told` largest parts of each row by size: their columns, whether high, and the parts.

    Args:
        table: What each signal adds, shape (n, k).
        high: Whether its value is high, shape (n, k).
        told: How many.
    """
    top = np.argsort(-np.abs(table), axis=1, kind="stable")[:, :told]
    parts = np.take_along_axis(table, top, axis=1)
    return np.where(np.abs(parts) < 0.05, -1, top), np.take_along_axis(high, top, axis=1), parts


def learned_scores(measures: pa.Table, model: LearnedModel, seed: int, told: int) -> Scored:
    """A learned model's scores of all measured rows."""
    from .context import context_of

    context = context_of(measures, seed)
    done = []
    start = 0
    for features in chunks(measures):
        stop = start + len(features.signals)
        here: Mapping[str, np.ndarray] = {name: values[start:stop] for name, values in context.items()}
        done.append(model.scored(features, here, told))
        start = stop
    joined = [np.concatenate(column) for column in zip(*done, strict=True)] if done else _nothing(told)
    return Scored(
        f"learned {model.identity[:8]}", joined[0], model.told_names, joined[1], joined[2], joined[3]
    )
