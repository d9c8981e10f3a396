"""What stands for each kept row at one moment, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ...curate.contents import one_array

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

STATUSES = ("undecided", "approved", "rejected", "disputed", "changed")
"""`changed` is a row that was decided on with another content than it has now."""
CODES = {"approve": 1, "reject": 2, "disputed": 3}
CHANGED = 4
TOLD = ("actor", "reason", "rule")


class Stands:
    """The decisions on the kept rows of a run.

    Args:
        current: As `Store.current` gives it.
        row_ids: The kept rows.
        content_ids: Their contents.
    """

    def __init__(self, current: pa.Table, row_ids: pa.Array, content_ids: pa.Array) -> None:
        self._current = current
        self.at = np.asarray(
            pc.fill_null(pc.index_in(row_ids, value_set=one_array(current["row_id"])), -1), np.int64
        )
        """The line of `current` for each kept row, -1 where nothing stands."""
        self.codes = np.zeros(len(row_ids), np.int8)
        decided = np.flatnonzero(self.at >= 0)
        lines = pa.array(self.at[decided])
        actions = [CODES[action] for action in current["action"].take(lines).to_pylist()]
        now = content_ids.take(pa.array(decided))
        same = pc.or_(
            pc.equal(current["content_id"].take(lines), now),
            pc.fill_null(pc.equal(current["shown_id"].take(lines), now), False),
        )
        self.codes[decided] = np.where(np.asarray(same), np.array(actions, np.int8), CHANGED)

    def are(self, statuses: Sequence[str]) -> np.ndarray:
        """Which rows have one of some statuses; shape (n_kept,), bool."""
        return np.isin(self.codes, [STATUSES.index(status) for status in statuses])

    def by(self, actors: Sequence[str]) -> np.ndarray:
        """Which rows someone of these decided; shape (n_kept,), bool."""
        of_them = np.asarray(pc.is_in(one_array(self._current["actor"]), value_set=pa.array(list(actors))))
        return np.where(self.at >= 0, np.append(of_them, False)[self.at], False)

    @property
    def actors(self) -> list[str]:
        """Everyone whose decision stands."""
        return sorted(set(pc.unique(self._current["actor"]).to_pylist()))

    def counts(self) -> dict[str, int]:
        """Rows by status."""
        found = np.bincount(self.codes, minlength=len(STATUSES))
        return {status: int(n) for status, n in zip(STATUSES, found, strict=True)}

    def lines(self, places: np.ndarray) -> list[dict[str, Any]]:
        """Of some rows: status, actor and reason, for a table."""
        found = []
        for place in places.tolist():
            line = int(self.at[place])
            told = {} if line < 0 else {name: self._current[name][line].as_py() for name in TOLD}
            found.append({"status": STATUSES[self.codes[place]], **told})
        return found
