"""Rows that hold a protected item: a question of a benchmark, a row of a held-out set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from ...schemas.run import ReferenceFile
from ..encoders import STATIC, encoder_for
from ..leaks.finder import Finding, finder_for, protected_rows
from ..reference import find_reference
from ..step import KEEP, Opinion, verdicts

MANY_ROWS = 20
MANY_RATIO = 0.01
COMMON = 5


class Decontaminate:
    """Drops rows that hold a protected item; rows that hold a piece of one go to review.

    Each row is compared with each item on its own: the question is that the item is in the row, however long
    the row is. What many items share, or many rows, is a template and proves nothing; where the numbers of
    an item were changed, it is another task.

    Args:
        against: Files or folders with the protected rows; none makes the step keep all.
        folder: Where relative paths are looked for first.

    Source: docs/steps/decontaminate.md has the rule, docs/LOG.md how it was found.
    """

    name = "decontaminate"
    version = 2
    reasons = {
        "leak": "The row holds a protected item, for example a question of a benchmark.",
        "partial_leak": "The row holds a piece of a protected item.",
    }

    def __init__(self, against: Sequence[str | Path] = (), *, folder: Path = Path()) -> None:
        self.against = tuple(map(str, against))
        self.folder = folder.absolute()
        found = find_reference(self.against, self.folder)
        self._content = tuple(r.sha256 for r in found)
        self._names = tuple(r.source.name for r in found)

    @property
    def measure_params(self) -> dict[str, list[str]]:
        """The protected files and their content, so that other ones are measured again."""
        return {"against": [*self._content, *self._names, encoder_for(STATIC).identity]}

    @property
    def references(self) -> list[ReferenceFile]:
        """The protected files, for the run card."""
        return protected_rows(self.against, self.folder, self._content)[1] if self.against else []

    def measure(self, batch: pa.Table) -> pa.Table:
        found: list[Finding | None] = [None] * batch.num_rows
        if self.against:
            found = finder_for(self.against, self.folder, self._content).find(batch)
        cells = {
            "extent": pa.array([None if f is None else f.extent for f in found], pa.string()),
            "method": pa.array([None if f is None else f.method for f in found], pa.string()),
            "coverage": pa.array([None if f is None else f.coverage for f in found], pa.float64()),
            "item": pa.array([None if f is None else f.item.row_id for f in found], pa.string()),
            "detail": pa.array([None if f is None else f.detail() for f in found], pa.string()),
        }
        return pa.table({"row_id": batch.column("row_id"), **cells})

    def decide(self, measures: pa.Table) -> pa.Table:
        columns = [measures.column(n).to_pylist() for n in ("extent", "method", "coverage", "item", "detail")]
        found = list(zip(*columns, strict=True))
        held = Counter((item, extent) for extent, _, _, item, _ in found if extent is not None)
        many = max(MANY_ROWS, MANY_RATIO * measures.num_rows)
        opinions = [KEEP] * measures.num_rows
        for row, (extent, method, coverage, item, detail) in enumerate(found):
            rows = held[item, extent]
            if extent is None or (extent != "whole" and rows > COMMON):
                continue
            sure = extent == "whole" and (method == "exact" or rows <= many)
            action, reason = ("drop", "leak") if sure else ("review", "partial_leak")
            score = round(coverage, 4)
            opinions[row] = Opinion(action, reason, score=score, related_id=item, detail=detail)
        return verdicts(measures.column("row_id"), self.name, opinions)
