"""The rows that wait for a decision, with their content, in the order of the queue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...curate.ledger import Ledger
from ..store import Store
from .record import standing_on
from .run_rows import BATCH, RunRows, answer_of


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row that waits.

    Args:
        row: Its members as JSON values, the run's edits applied.
        why: Why it is in the queue; None where the run has none yet.
    """

    row: dict[str, Any]
    why: str | None = None

    @property
    def row_id(self) -> str:
        return self.row["row_id"]

    @property
    def content_id(self) -> str:
        return self.row["content_id"]

    @property
    def answer(self) -> str | None:
        """The text of the answer turn, or None."""
        return answer_of(self.row)


def waiting_rows(ledger: Ledger, store: Store, run: RunRows) -> Iterator[Waiting]:
    """Kept rows without a decision on their present content, disputed ones among them."""
    ids = list(run.kept)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        stands = standing_on(store, batch)
        open_ = [row_id for row_id in batch if not _decided(stands.get(row_id), run.kept[row_id])]
        for row in run.rows(open_):
            yield Waiting(row)


def _decided(stands: Any, content_id: str) -> bool:
    if stands is None or stands["action"] == "disputed":
        return False
    return content_id in (stands["shown_id"], stands["content_id"])
