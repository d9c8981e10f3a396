"""The review app over an append-only record of decisions.

from tuneset.review_app import approve, freeze
approve("out", where="quality >= 0.8")
freeze("out")
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .approve import ApproveResult, approve
    from .freeze import FreezeResult, freeze
    from .store import Draft, Store

_HOMES = {
    "ApproveResult": "approve",
    "Draft": "store",
    "FreezeResult": "freeze",
    "Store": "store",
    "approve": "approve",
    "freeze": "freeze",
}

__all__ = ["ApproveResult", "Draft", "FreezeResult", "Store", "approve", "freeze"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that importing costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


class _Package(ModuleType):
    """Importing the module `approve` must not hide the function `approve`."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _HOMES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
