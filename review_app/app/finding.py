"""Rows that fit filters, words and meaning. No Streamlit here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ...schemas.errors import TunesetError
from .catalog import Filters
from .opened import Opened
from .stands import Stands
from .words import sentence

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

MOST_HITS = 10_000
NEAREST = 200


@dataclass(frozen=True)
class Rows:
    """Rows that fit.

    Args:
        places: Kept rows; in input order, or the nearest in meaning first.
        note: What the person should know of the search, or None.
    """

    places: np.ndarray
    note: str | None = None


def find(
    run: Opened,
    filters: Filters,
    stands: Stands,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Rows:
    """The rows that every filter takes.

    Args:
        run: The workspace.
        filters: What is looked for.
        stands: What stands.
        progress: Called with rows done and in all, where a search by meaning must get ready first.

    Raises:
        RecipeError: A rule that cannot be read.
    """
    catalog = run.catalog
    places = catalog.find(filters, stands)
    if not (filters.words or filters.like) or not len(places):
        return Rows(places)
    among = np.zeros(len(catalog), bool)
    among[places] = True
    note = None
    if filters.words:
        found = run.search.text(filters.words, among, limit=MOST_HITS)
        places = _places(run, [hit.row_id for hit in found.hits])
        if not found.complete:
            note = f"More than {MOST_HITS:,} rows hold these words; the first {MOST_HITS:,} are shown."
        among[:] = False
        among[places] = True
    if filters.like:
        try:
            nearest = run.search.meaning(filters.like, among, limit=NEAREST, progress=progress)
        except TunesetError as error:
            return Rows(places, f"No search by meaning: {error.what}. {sentence(error.fix)}")
        places = _places(run, [hit.row_id for hit in nearest.hits])
        note = f"The {len(places):,} nearest in meaning, the nearest first."
    return Rows(places, note)


def _places(run: Opened, row_ids: list[str]) -> np.ndarray:
    at = pc.index_in(pa.array(row_ids, pa.string()), value_set=run.catalog.row_ids)
    return np.asarray(at, np.int64)
