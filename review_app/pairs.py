"""Pairs to compare: two rows that answer one prompt otherwise, and the two answers of a preference row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow.compute
import pyarrow.parquet as pq

from ..curate.ledger import Ledger
from .kept import Kept
from .names import item_names
from .orders import draws

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

Source = Literal["conflict", "preference"]
OWN_REASONS: dict[Source, tuple[str, ...]] = {
    "conflict": ("not_preferred", "both_bad"),
    "preference": ("tie", "both_bad"),
}
"""Reasons of a rejection that only a comparison gives."""
WHY: dict[Source, str] = {
    "conflict": "two rows ask nearly the same and are answered otherwise",
    "preference": "the chosen and the rejected answer of one row",
}


@dataclass(frozen=True)
class Pair:
    """Something to compare.

    Args:
        pair_id: Hash of the contents: the same in another run over the same rows.
        rows: Places among the kept rows: two of a conflict, one of a preference row.
        source: What it comes from.
    """

    pair_id: str
    rows: tuple[int, ...]
    source: Source

    @property
    def why(self) -> str:
        """What the reviewer is told."""
        return WHY[self.source]

    @property
    def own_reasons(self) -> tuple[str, ...]:
        """Reasons of a rejection that only this comparison gives."""
        return OWN_REASONS[self.source]


def pairs_of(kept: Kept, order: np.ndarray) -> list[Pair]:
    """Conflicts, those with the nearest prompts first; then preference rows in the order of the queue.

    Args:
        kept: The kept rows of a run.
        order: The order of the queue, as places among the kept rows.
    """
    conflicts = _conflicts(kept)
    preferring = [(row,) for row in order[_preferences(kept.ledger)[order]].tolist()]
    rows = [*conflicts, *preferring]
    sources: tuple[Source, ...] = ("conflict",) * len(conflicts) + ("preference",) * len(preferring)
    names = item_names("pair", ([kept.contents[row] for row in pair] for pair in rows))
    return [Pair(name, pair, source) for name, pair, source in zip(names, rows, sources, strict=True)]


def _conflicts(kept: Kept) -> list[tuple[int, int]]:
    verdicts = kept.verdicts
    told = kept.told(verdicts.equal("reason", "conflicting_answer") & verdicts.equal("action", "review"))
    found: dict[tuple[int, int], float] = {}
    columns = (told[name].to_pylist() for name in ("place", "partner", "score"))
    for a, b, score in zip(*columns, strict=True):
        if a >= 0 and b >= 0 and a != b:
            pair = (min(a, b), max(a, b))
            found[pair] = max(found.get(pair, 0.0), score or 0.0)
    return sorted(found, key=lambda pair: (-found[pair], pair))


def _preferences(ledger: Ledger) -> np.ndarray:
    """Which kept rows have a rejected answer, by the column's presence alone."""
    roles = pq.ParquetFile(ledger.workspace.rows).read(columns=["rejected.list.element.role"])
    lengths = pc.fill_null(pc.list_value_length(roles["rejected"]), 0)
    return np.asarray(lengths, np.int64)[ledger.kept_mask] > 0


def left_side(pair_id: str, person: str, seed: int) -> Literal["a", "b"]:
    """The answer that stands on the left for a person: drawn, and always the same.

    Args:
        pair_id: The pair.
        person: Who compares.
        seed: Of the draw.
    """
    return "a" if draws([f"{pair_id}\n{person}"], seed)[0, 0] < 0.5 else "b"
