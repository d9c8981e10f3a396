"""The quality model that is learned from the decisions in a workspace, and its file there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from ...schemas.errors import WorkspaceError
from ...schemas.files import read_json
from ...schemas.quality import LearnedQuality
from ...schemas.workspace import Workspace
from .context import CONTEXT
from .default_model import FIT, default_model
from .features import DIM, Features
from .scoring import most_telling
from .signals import SIGNALS

DENSE = ("default", *SIGNALS, FIT, *CONTEXT)
PART_BOUND = 4.0
MEANING = "meaning"


class LearnedModel:
    """A logistic regression on the parts of the default model, on what other rows say, and on meaning.

    Args:
        described: The members of `quality/model.json`.
        identity: Changes with the file.
    """

    def __init__(self, described: LearnedQuality, identity: str) -> None:
        self.identity = identity
        self.described = described
        self.told_names = (*DENSE, MEANING)
        self._weights = np.array(described.weights, np.float64)

    def log_odds(self, features: Features, context: Mapping[str, np.ndarray]) -> np.ndarray:
        """The log odds that a reviewer approves each row, shape (n,)."""
        return self._parts(features, context).sum(axis=1) + self.described.bias

    def _parts(self, features: Features, context: Mapping[str, np.ndarray]) -> np.ndarray:
        """What each dense feature, and meaning as a whole, adds; shape (n, len(told_names))."""
        table = design(features, context)
        centred = (table - np.array(self.described.means)) * self._weights
        n = len(DENSE)
        return np.column_stack([centred[:, :n], centred[:, n:].sum(axis=1)])

    def scored(
        self, features: Features, context: Mapping[str, np.ndarray], told: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Log odds, and the signals that tell most, as `scoring.Scored` has them."""
        parts = self._parts(features, context)
        raw = np.column_stack(
            [parts[:, 0], features.signals, features.cosine, *(context[n] for n in CONTEXT)]
        )
        high = np.column_stack([raw > np.median(raw, axis=0), np.ones(len(raw), bool)])
        return (parts.sum(axis=1) + self.described.bias, *most_telling(parts, high, told))


def design(features: Features, context: Mapping[str, np.ndarray]) -> np.ndarray:
    """The features of a learned model, shape (n, len(DENSE) + 512), float64.

    Args:
        features: Of the rows.
        context: What the other rows say, by the names in `CONTEXT`.
    """
    model = default_model()
    parts = model.parts(features)
    total = model.bias + np.sum(list(parts.values()), axis=0)
    dense = [np.clip(parts[name], -PART_BOUND, PART_BOUND) for name in (*SIGNALS, FIT)]
    known = (context[name] for name in CONTEXT)
    return np.column_stack([np.clip(total, -8, 8), *dense, *known, features.prompt, features.response])


def find_learned(space: Workspace) -> LearnedModel | None:
    """The model in a workspace; None where there is none.

    Raises:
        WorkspaceError: The file is not such a model, or was learned on signals that have changed since.
    """
    path = space.quality_model
    if not path.is_file():
        return None
    try:
        described = LearnedQuality.model_validate(read_json(path))
    except ValidationError as error:
        raise _unfit(path, f"quality/model.json has a wrong member ({error.errors()[0]['msg']})") from error
    known: dict[str, Any] = {"dense": list(DENSE), "default": default_model().identity}
    if described.dense != known["dense"] or described.default != known["default"]:
        raise _unfit(path, "quality/model.json was learned with another version of the signals")
    if len(described.weights) != len(DENSE) + 2 * DIM or len(described.means) != len(described.weights):
        raise _unfit(path, "quality/model.json has a wrong number of weights")
    return LearnedModel(described, hashlib.sha256(path.read_bytes()).hexdigest()[:16])


def _unfit(path: Path, what: str) -> WorkspaceError:
    return WorkspaceError(
        what, where=str(path), fix=f"delete it, and run: tuneset learn {path.parent.parent}"
    )
