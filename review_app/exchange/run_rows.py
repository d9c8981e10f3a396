"""The rows of a run as an exchange needs them: which are kept, with which content, and their turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ...curate.contents import records
from ...curate.ledger import Ledger

BATCH = 1_000


class RunRows:
    """Kept and dropped rows of one run.

    Args:
        ledger: The run.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        contents = ledger.content_ids()
        self.kept: dict[str, str] = dict(
            zip(contents["row_id"].to_pylist(), contents["content_id"].to_pylist(), strict=True)
        )
        self.dropped: frozenset[str] = frozenset(ledger.dropped().to_pylist())

    def rows(self, row_ids: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Rows with the run's edits applied, in the order asked for; every one is of this run."""
        for start in range(0, len(row_ids), BATCH):
            places = [self._places[row_id] for row_id in row_ids[start : start + BATCH]]
            yield from records(self._ledger.contents.at(np.array(places, dtype=np.int64)))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {row_id: place for place, row_id in enumerate(self._ledger.row_ids.to_pylist())}


def with_answer(row: dict[str, Any], text: str) -> dict[str, Any]:
    """The row's content with another text in its answer turn, and nothing else changed."""
    *before, last = row["messages"]
    members = {name: row[name] for name in ("tools", "rejected", "label")}
    return {"messages": [*before, {**last, "content": text}], **members}
