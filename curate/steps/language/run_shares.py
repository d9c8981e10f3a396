"""What the sure rows of a run tell about its doubtful ones."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute

from .languages import UNKNOWN

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

CANDIDATES = 5
SURE = 0.9
DOUBTFUL = 0.95
MIN_LETTERS = 40
MIN_ROWS = 100
MIN_SHARE = 0.005
UNKNOWN_SHARE = 0.05


class Doubt(NamedTuple):
    """Rows of each language among the run's sure ones; empty where they are too few to tell anything."""

    rows: Mapping[str, int]

    def settle(self, codes: Sequence[str], scores: Sequence[float]) -> tuple[str, float]:
        """The likeliest of a row's candidates, and its probability.

        A doubtful row's candidates are weighed by their share of the run, by Bayes' rule; a share counts as
        half a per cent at least, so that no language is ruled out by being rare.
        """
        if scores[0] >= DOUBTFUL or not self.rows:
            return codes[0], scores[0]
        total = sum(self.rows.values())
        weighed = [
            score * max(self.rows.get(code, 0) / total, UNKNOWN_SHARE if code == UNKNOWN else MIN_SHARE)
            for code, score in zip(codes, scores, strict=True)
        ]
        best = max(range(len(codes)), key=lambda i: (weighed[i], -i))
        kept = math.fsum(scores)
        return codes[best], weighed[best] / math.fsum(weighed) * kept if kept else 0.0


def run_shares(measures: pa.Table) -> Doubt:
    """The languages of the rows whose answer leaves no doubt."""
    believed = pc.greater_equal(measures["score"], SURE)
    sure = pc.and_(believed, pc.greater_equal(measures["letters"], MIN_LETTERS))
    found = Counter(measures["language"].filter(sure).to_pylist())
    return Doubt(found if found.total() >= MIN_ROWS else {})
