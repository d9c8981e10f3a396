"""The rows that wait for a decision, with their content, in the order of the queue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...curate.annotation.turns import answer_of
from ..store import Store
from .record import Row, queue_of, standing_on
from .run_rows import BATCH, RunRows


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


def waiting_rows(store: Store, run: RunRows) -> Iterator[Waiting]:
    """Kept rows that wait for a person, disputed ones among them.

    Rows that the record's queue holds come first, in its order and with its reasons; a row whose content
    is another now, or that the queue does not know, waits where no decision stands on its content.
    """
    queued = {
        name: item for name, item in queue_of(store).items() if run.kept.get(name) == item["content_id"]
    }
    rest = [row_id for row_id in run.kept if row_id not in queued]
    open_ = [name for name, item in queued.items() if item["state"] != "done"]
    for start in range(0, len(open_), BATCH):
        batch = open_[start : start + BATCH]
        for row in run.rows(batch):
            yield Waiting(row, queued[row["row_id"]]["why"])
    for start in range(0, len(rest), BATCH):
        batch = rest[start : start + BATCH]
        stands = standing_on(store, batch)
        undecided = [row_id for row_id in batch if not _decided(stands.get(row_id), run.kept[row_id])]
        for row in run.rows(undecided):
            yield Waiting(row)


def _decided(stands: Row | None, content_id: str) -> bool:
    if stands is None or stands["action"] == "disputed":
        return False
    return content_id in (stands["shown_id"], stands["content_id"])
