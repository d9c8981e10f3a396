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
    from .exchange.exporting import export_decisions
    from .exchange.importing import import_decisions
    from .freeze import FreezeResult, freeze
    from .store import Draft, Store

_HOMES = {
    "ApproveResult": "approve",
    "Draft": "store",
    "FreezeResult": "freeze",
    "Store": "store",
    "approve": "approve",
    "export_decisions": "exchange.exporting",
    "freeze": "freeze",
    "import_decisions": "exchange.importing",
}

__all__ = [
    "ApproveResult",
    "Draft",
    "FreezeResult",
    "Store",
    "approve",
    "export_decisions",
    "freeze",
    "import_decisions",
]


make_lazy(__name__, _HOMES)
