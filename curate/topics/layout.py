"""A map of topics: near topics stand near one another, and each row by the topics that it is like."""

from __future__ import annotations

import numpy as np

ROUNDS = 150
NEAR = 0.08
"""Softmax temperature of the pull of topics on a row."""
SPREAD = 0.55
"""Radius of a topic's rows, in shares of the distance to the nearest topic."""


def topic_places(centres: np.ndarray) -> np.ndarray:
    """Where topics stand in a square from -1 to 1; shape (k, 2), float64.

    Principal axes first, then steps of least stress towards distances that grow with those of the centres.

    Args:
        centres: Shape (k, dim), from `cluster`.

    Source: De Leeuw 1977 for the steps (SMACOF).
    """
    rows = centres.astype(np.float64)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    if len(rows) < 3:
        return np.array([[0.0, 0.0], [1.0, 0.0]])[: len(rows)] - (0.5 if len(rows) == 2 else 0)
    apart = np.sqrt(np.maximum(1 - rows @ rows.T, 0))
    apart = apart / apart.max()
    places = _axes(rows)
    places *= apart.mean() / max(float(_distances(places).mean()), 1e-9)
    for _ in range(ROUNDS):
        now = _distances(places)
        ratio = np.where(now > 1e-9, apart / np.maximum(now, 1e-9), 0)
        np.fill_diagonal(ratio, 0)
        weights = np.diag(ratio.sum(axis=1)) - ratio
        places = weights @ places / len(places)
    return _in_square(places)


def _axes(rows: np.ndarray) -> np.ndarray:
    """The two principal axes, each with its greatest value positive."""
    middle = rows - rows.mean(axis=0)
    left, values, _ = np.linalg.svd(middle, full_matrices=False)
    found = left[:, :2] * values[:2]
    signs = np.sign(found[np.abs(found).argmax(axis=0), [0, 1]])
    return found * np.where(signs == 0, 1, signs)


def _distances(places: np.ndarray) -> np.ndarray:
    return np.linalg.norm(places[:, None] - places[None], axis=2)


def _in_square(places: np.ndarray) -> np.ndarray:
    low, high = places.min(axis=0), places.max(axis=0)
    return 1.8 * (places - low) / np.maximum(high - low, 1e-9) - 0.9


def row_places(rows: np.ndarray, home: np.ndarray, centres: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Where some rows stand: about their topic, drawn towards the other topics that they are like.

    Args:
        rows: Shape (n, dim), from `centred`.
        home: The topic of each, shape (n,).
        centres: Shape (k, dim).
        places: From `topic_places`.

    Returns:
        Shape (n, 2), float64.
    """
    if len(centres) < 2:
        return _own_axes(rows, home, places, np.array([0.6] * len(centres)))
    unit = centres / np.maximum(np.linalg.norm(centres.astype(np.float64), axis=1, keepdims=True), 1e-9)
    cosines = rows.astype(np.float64) @ unit.T / 127
    pull = np.exp((cosines - cosines.max(axis=1, keepdims=True)) / NEAR)
    pull /= pull.sum(axis=1, keepdims=True)
    apart = _distances(places)
    np.fill_diagonal(apart, np.inf)
    scatter = _own_axes(rows, home, np.zeros_like(places), SPREAD * np.minimum(apart.min(axis=1), 0.5))
    return np.clip(0.5 * (pull @ places) + 0.5 * places[home] + scatter, -1, 1)


def _own_axes(rows: np.ndarray, home: np.ndarray, places: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Each topic's rows by their own two principal axes, within a radius of its place."""
    found = places[home].astype(np.float64)
    for topic in np.unique(home).tolist():
        mine = np.flatnonzero(home == topic)
        if len(mine) < 3:
            continue
        offsets = _axes(rows[mine].astype(np.float64))
        scale = np.maximum(offsets.std(axis=0), 1e-9)
        found[mine] += radius[topic] * np.tanh(offsets / scale / 1.5)
    return found
