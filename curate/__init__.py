"""Raw files in, verdicts out.

from tuneset.curate import curate
result = curate("chats.jsonl", out="out")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .diff import diff
    from .explain import explain
    from .export import export
    from .ledger import Ledger
    from .report import report
    from .result import Curation
    from .run import curate
    from .status import status
    from .step import Opinion, Row, RowStep, Step, assign, drop, keep, review, row_filter, verdicts
    from .testing import check_step

_HOMES = {
    "Curation": "result",
    "Ledger": "ledger",
    "Opinion": "step",
    "Row": "step",
    "RowStep": "step",
    "Step": "step",
    "assign": "step",
    "check_step": "testing",
    "curate": "run",
    "diff": "diff",
    "drop": "step",
    "explain": "explain",
    "export": "export",
    "keep": "step",
    "report": "report",
    "review": "step",
    "row_filter": "step",
    "status": "status",
    "verdicts": "step",
}

__all__ = [
    "Curation",
    "Ledger",
    "Opinion",
    "Row",
    "RowStep",
    "Step",
    "assign",
    "check_step",
    "curate",
    "diff",
    "drop",
    "explain",
    "export",
    "keep",
    "report",
    "review",
    "row_filter",
    "status",
    "verdicts",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that importing costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value
