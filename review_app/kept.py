"""The kept rows of a run by place, and what steps said of them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ..curate.contents import one_array
from ..curate.ledger import Ledger
from ..curate.verdict_table import VerdictTable

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them


class Kept:
    """The kept rows of one run; a row's place counts them in input order, from 0."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.steps = frozenset(step.step for step in ledger.card.steps)
        self.row_ids: pa.Array = ledger.kept()

    def __len__(self) -> int:
        return len(self.row_ids)

    @cached_property
    def names(self) -> list[str]:
        """The row_id of each kept row."""
        return self.row_ids.to_pylist()

    @cached_property
    def contents(self) -> list[str]:
        """The content_id of each kept row, edits applied."""
        return one_array(self.ledger.content_ids()["content_id"]).to_pylist()

    @cached_property
    def sentences(self) -> dict[tuple[str, str], str]:
        """What a reason means, by step and code."""
        return {(c.step, code): text for c in self.ledger.card.steps for code, text in c.sentences.items()}

    @property
    def verdicts(self) -> VerdictTable:
        """Every verdict of the run."""
        return self.ledger.verdict_table

    @cached_property
    def _places(self) -> np.ndarray:
        mask = self.ledger.kept_mask
        return np.where(mask, np.cumsum(mask) - 1, -1)

    def told(self, mask: np.ndarray) -> pa.Table:
        """Some verdicts, in the file's order, each with `place` and `partner`.

        These are the places of its row and of the row that it names among the kept rows; -1 for others.

        Args:
            mask: Which verdicts, shape (n_verdicts,), bool.
        """
        told = self.verdicts.where(mask)
        rows = np.asarray(told["row"])
        named = pc.fill_null(pc.index_in(one_array(told["related_id"]), value_set=self.row_ids), -1)
        place = np.where(rows < 0, -1, self._places[rows])
        return told.append_column("place", pa.array(place)).append_column("partner", named)
