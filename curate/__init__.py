"""Raw files in, verdicts out.

from tuneset.curate import curate
result = curate("chats.jsonl", out="out")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..schemas.lazy import make_lazy

if TYPE_CHECKING:
    from .diff import diff
    from .explain import explain
    from .export import check, export, fix
    from .learn import Learned, learn
    from .ledger import Ledger
    from .report import report
    from .result import Curation
    from .run import curate
    from .status import status
    from .step import Opinion, Row, RowStep, Step, assign, drop, keep, review, row_filter, verdicts
    from .testing import check_step

_HOMES = {
    "Curation": "result",
    "Learned": "learn",
    "Ledger": "ledger",
    "Opinion": "step",
    "Row": "step",
    "RowStep": "step",
    "Step": "step",
    "assign": "step",
    "check": "export",
    "check_step": "testing",
    "curate": "run",
    "diff": "diff",
    "drop": "step",
    "explain": "explain",
    "export": "export",
    "fix": "export",
    "keep": "step",
    "learn": "learn",
    "report": "report",
    "review": "step",
    "row_filter": "step",
    "status": "status",
    "verdicts": "step",
}

__all__ = [
    "Curation",
    "Learned",
    "Ledger",
    "Opinion",
    "Row",
    "RowStep",
    "Step",
    "assign",
    "check",
    "check_step",
    "curate",
    "diff",
    "drop",
    "explain",
    "export",
    "fix",
    "keep",
    "learn",
    "report",
    "review",
    "row_filter",
    "status",
    "verdicts",
]


make_lazy(__name__, _HOMES)
