"""What a diff compares: the rows of a version or of a run, as one narrow table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute

from ..schemas.errors import RecipeError, did_you_mean
from ..schemas.workspace import Workspace
from .ledger import Ledger
from .version_files import read_version

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

NAMES = ("row_id", "content_id", "split", "state", "step", "reason")
COLUMNS = pa.schema([(name, pa.string()) for name in NAMES])
"""One line a row: state is kept, review (kept, for a person) or dropped; step and reason are of the drop."""


@dataclass(frozen=True)
class Side:
    """One of the two that are compared.

    Args:
        name: As it was asked for.
        kind: version or run.
        rows: A table of `COLUMNS`; the rows of a version are all kept.
    """

    name: str
    kind: str
    rows: pa.Table

    def kept_alone(self) -> Side:
        """The same side with its kept rows only, and no word of review."""
        kept = self.rows.filter(pc.not_equal(self.rows["state"], "dropped"))
        return replace(self, rows=_table(kept["row_id"], kept["content_id"], kept["split"]))


def find_side(space: Workspace, name: str) -> Side:
    """A version of the workspace by its name, or the version or run in a folder.

    Raises:
        RecipeError: Neither.
    """
    if name in space.versions():
        return Side(name, "version", _version_rows(space.version(name)))
    folder = Path(name)
    if (folder / "run.json").is_file():
        return Side(name, "run", _run_rows(Ledger.open(folder)))
    if (folder / "manifest.json").is_file():
        return Side(name, "version", _version_rows(folder))
    versions = space.versions()
    raise RecipeError(
        f"{name!r} is neither a version nor the folder of a run",
        where=str(space.root),
        fix=did_you_mean(name, versions) if versions else "name two folders that hold a run.json",
    )


def _table(row_id: Any, content_id: Any, split: Any) -> pa.Table:
    nothing = pa.nulls(len(row_id), pa.string())
    state = pa.repeat(pa.scalar("kept"), len(row_id))
    return pa.Table.from_arrays([row_id, content_id, split, state, nothing, nothing], schema=COLUMNS)


def _version_rows(folder: Path) -> pa.Table:
    listed = read_version(folder).listed()
    columns = [pa.array([getattr(row, name) for row in listed], pa.string()) for name in NAMES[:3]]
    return _table(*columns)


def _run_rows(ledger: Ledger) -> pa.Table:
    states = ledger.states
    kept = pa.array(ledger.kept_mask)
    edited = ledger.content_ids()["content_id"].combine_chunks()
    contents = pc.replace_with_mask(ledger.stored("content_id"), kept, edited)
    splits = pa.nulls(len(states), pa.string())
    if "split" in {s.step for s in ledger.card.steps}:
        splits = pc.replace_with_mask(splits, kept, ledger.label("split", "value"))
    state = pc.if_else(states["review"], "review", states["state"])
    columns = [states["row_id"], contents, splits, state, states["dropped_by"], states["reason"]]
    return pa.Table.from_arrays(columns, schema=COLUMNS)
