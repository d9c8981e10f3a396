"""Base models, training on frozen versions, and evaluation of base against tuned.

    from tuneset.train import train, evaluate
    result = train("out", name="run1")
    summary = evaluate("out", "run1")

Importing this package imports neither torch nor transformers; the functions do.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .compare import evaluate
    from .models import list_models, pull
    from .sft import TrainResult, train
    from .version import FrozenVersion, load_version

__all__ = ["FrozenVersion", "TrainResult", "evaluate", "list_models", "load_version", "pull", "train"]

_HOMES = {
    "FrozenVersion": "version",
    "TrainResult": "sft",
    "evaluate": "compare",
    "list_models": "models",
    "load_version": "version",
    "pull": "models",
    "train": "sft",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value
