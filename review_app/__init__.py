"""The review app over an append-only record of decisions.

from tuneset.review_app import approve, freeze
approve("out", where="language == 'en'")
freeze("out")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..schemas.lazy import make_lazy

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


make_lazy(__name__, _HOMES)
