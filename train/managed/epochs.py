"""Passes over the rows, as the providers name and take them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...schemas.errors import RecipeError

NAMES = ("n_epochs", "epochs", "epoch_count", "epochCount", "epoch")
"""What the providers call them."""


def stated_epochs(settings: Mapping[str, Any]) -> float | None:
    """The epochs among a provider's settings; None where they leave it to the provider."""
    value: Any = next((settings[name] for name in NAMES if name in settings), None)
    try:
        epochs = float(value)
    except (TypeError, ValueError):  # such as "auto"
        return None
    return epochs if math.isfinite(epochs) else None


def whole_epochs(epochs: float, service: str, setting: str, *, most: int | None = None) -> int:
    """The recipe's epochs for a provider that takes whole ones.

    Args:
        epochs: As the recipe states them.
        service: The provider.
        setting: What it calls them.
        most: How many it takes; None where that is not known.

    Raises:
        RecipeError: A part of an epoch, or more than it takes.
    """
    if epochs != int(epochs) or epochs < 1 or (most is not None and epochs > most):
        up_to = f" to {most}" if most is not None else ""
        raise RecipeError(
            f"train.epochs is {epochs:g}; {service} takes whole numbers from 1{up_to}",
            where="tuneset.yaml",
            fix=f"set train.epochs to such a number, or name it: --set {setting}=3",
        )
    return int(epochs)
