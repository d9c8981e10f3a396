"""Questions to the files of a finished run: what became of the rows, and why."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
from pydantic import ValidationError

from ..schemas.arrow import ROWS
from ..schemas.errors import WorkspaceError, did_you_mean
from ..schemas.files import read_json
from ..schemas.run import RunCard, StepCount
from ..schemas.workspace import Workspace
from .contents import Contents, one_array, records, rows_of_id
from .find_row import find_row
from .verdict_table import VerdictTable

if TYPE_CHECKING:
    import datasets
    import pandas as pd

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them


TAKEN = frozenset((*ROWS.names, "state", "dropped_by", "reason", "review"))


@dataclass(frozen=True)
class Ledger:
    """The ledger of one workspace; it reads columns as they are asked for.

    Args:
        workspace: A folder with a finished run.
        card: Its run card.
    """

    workspace: Workspace
    card: RunCard

    @classmethod
    def open(cls, out: str | Path) -> Ledger:
        """The ledger of the run in a folder.

        Raises:
            WorkspaceError: No finished run there, or a run card that cannot be read.
        """
        workspace = Workspace.at(out).require_run()
        try:
            card = RunCard.model_validate(read_json(workspace.run_card))
        except ValidationError as error:
            first = error.errors()[0]
            raise WorkspaceError(
                f"run.json has a wrong member {'.'.join(map(str, first['loc']))!r} ({first['msg']})",
                where=str(workspace.run_card),
                fix="run `tuneset curate` again with this version of tuneset",
            ) from error
        return cls(workspace, card)

    def counts(self) -> dict[str, int]:
        """Rows by fate; rows_in = kept + dropped + quarantined."""
        names = ("rows_in", "rows", "quarantined", "kept", "dropped", "review", "edited")
        return {name: getattr(self.card, name) for name in names}

    def funnel(self) -> list[StepCount]:
        """What each step did, in order."""
        return list(self.card.steps)

    @cached_property
    def contents(self) -> Contents:
        """The rows themselves, with their edits."""
        return Contents(self.workspace)

    @property
    def row_ids(self) -> pa.Array:
        """Every row_id, in input order."""
        return self.contents.row_ids

    def verdicts(self, columns: Sequence[str], filters: pyarrow.compute.Expression | None = None) -> pa.Table:
        """Some columns of some verdicts, in step order."""
        return pq.read_table(self.workspace.verdicts, columns=list(columns), filters=filters)

    def step_verdicts(self, step: str, columns: Sequence[str] = ("row_id", "score", "value")) -> pa.Table:
        """The verdicts of one step, in row order.

        Raises:
            WorkspaceError: The run has no such step.
        """
        steps = [s.step for s in self.card.steps]
        if step not in steps:
            raise WorkspaceError(
                f"no step {step!r} in this run", where=str(self.workspace.root), fix=did_you_mean(step, steps)
            )
        return self.verdicts(columns, pc.field("step") == step)

    @cached_property
    def verdict_table(self) -> VerdictTable:
        """Every verdict, in memory: for those who ask for many rows one by one."""
        return VerdictTable(self.workspace.verdicts, self.row_ids)

    @cached_property
    def states(self) -> pa.Table:
        """One line a row, in input order: row_id, state (kept, dropped), dropped_by, reason, review.

        `review` marks kept rows that some step sends to a person; `reason` is why a row was dropped.
        """
        ends = self.verdicts(
            ["row_id", "step", "action", "reason"], pc.field("action").isin(["drop", "review"])
        )
        drops = ends.filter(pc.equal(ends["action"], "drop"))
        reviews = ends.filter(pc.equal(ends["action"], "review"))
        at = pc.index_in(self.row_ids, value_set=one_array(drops["row_id"]))
        kept = pc.is_null(at)
        flagged = pc.is_in(self.row_ids, value_set=one_array(reviews["row_id"]))
        return pa.table(
            {
                "row_id": self.row_ids,
                "state": pc.if_else(kept, "kept", "dropped"),
                "dropped_by": drops["step"].take(at),
                "reason": drops["reason"].take(at),
                "review": pc.and_(kept, flagged),
            }
        )

    @cached_property
    def kept_mask(self) -> np.ndarray:
        """Which rows are kept, in input order; shape (n_rows,), bool."""
        return np.asarray(pc.equal(self.states["state"], "kept"))

    def kept(self) -> pa.Array:
        """The row_ids of the kept rows."""
        return self.row_ids.filter(pa.array(self.kept_mask))

    def dropped(self) -> pa.Array:
        """The row_ids of the dropped rows."""
        return self.row_ids.filter(pa.array(~self.kept_mask))

    def resolve(self, text: str) -> str:
        """The row_id that a person means: a row_id, its beginning when that is unique, or `file:row`.

        Raises:
            RecipeError: No such row, or more than one.
        """
        return find_row(self.workspace, text)

    def position(self, row_id: str) -> int:
        """Where a row stands in rows.parquet, from 0."""
        at = pc.index(self.row_ids, row_id).as_py()
        if at < 0:
            raise WorkspaceError(
                f"no row {row_id!r}", where=str(self.workspace.rows), fix="use Ledger.resolve to find a row"
            )
        return at

    def row(self, row_id: str, *, edited: bool = False) -> dict[str, Any]:
        """One row as JSON values: the members of the `ROWS` schema, `tools` and `meta` decoded."""
        table = self.contents.at(np.array([self.position(row_id)]), edited=edited)
        return next(records(table))

    def verdicts_of(self, row_id: str) -> list[dict[str, Any]]:
        """Every verdict on one row, in step order."""
        return rows_of_id(self.workspace.verdicts, row_id)

    def edits_of(self, row_id: str) -> list[dict[str, Any]]:
        """Every edit of one row, in step order: step, messages after it."""
        return rows_of_id(self.workspace.edits, row_id)

    def labels(self) -> pa.Table:
        """One line a kept row: row_id, and a column for each step that assigned a value or gave a score.

        A step that assigns (language, split) gives its value; another gives its score. A step named
        like one of our own columns gets `_step` after its name.
        """
        columns: dict[str, Any] = {"row_id": self.kept()}
        for step in self.card.steps:
            column = self.label(step.step)
            if column.null_count < len(column):
                columns[f"{step.step}_step" if step.step in TAKEN else step.step] = column
        return pa.table(columns)

    def label(self, step: str, member: str | None = None) -> pa.Array:
        """What one step said of each kept row, null where it said nothing.

        Args:
            step: A step of this run.
            member: `score`, `value`, `reason` or `action`; None takes the value of a step that
                assigned one, and the score of another.
        """
        wanted = ["value", "score"] if member is None else [member]
        told = self.step_verdicts(step, ["row_id", *wanted])
        if member is None:
            member = "value" if told["value"].null_count < len(told) else "score"
        at = pc.index_in(self.kept(), value_set=one_array(told["row_id"]))
        return one_array(told[member]).take(at)

    def examples(self, reason: str, n: int = 3) -> list[dict[str, Any]]:
        """At most `n` verdicts with a reason, drawn with the run's seed; `row` holds the original row."""
        told = pq.read_table(self.workspace.verdicts, filters=pc.field("reason") == reason)
        drawn = random.Random(f"{self.card.seed}:{reason}")  # noqa: S311  a sample to look at, no secret
        picked = sorted(drawn.sample(range(len(told)), min(n, len(told))))
        return [
            {**v, "row": self.row(v["row_id"])} for v in told.take(pa.array(picked, pa.int64())).to_pylist()
        ]

    def content(self, row_ids: pa.Array | None = None) -> Iterator[pa.Table]:
        """Kept rows with their edits applied, in input order, as small tables of the `ROWS` schema.

        Args:
            row_ids: Only these rows; None takes every kept row.
        """
        mask = self.kept_mask
        if row_ids is not None:
            mask = mask & np.asarray(pc.is_in(self.row_ids, value_set=row_ids))
        return self.contents.stream(mask)

    def stored(self, column: str) -> pa.Array:
        """A column of rows.parquet, all rows, in input order."""
        return one_array(pq.read_table(self.workspace.rows, columns=[column]).column(column))

    def content_ids(self) -> pa.Table:
        """row_id and content_id of every kept row, edits applied."""
        stored = self.stored("content_id")
        touched = self.kept_mask & (self.contents.last_edit >= 0)
        ids = pc.replace_with_mask(stored, pa.array(touched), self.contents.edited_ids(touched))
        return pa.table({"row_id": self.row_ids, "content_id": ids}).filter(pa.array(self.kept_mask))

    def to_pandas(self) -> pd.DataFrame:
        """The kept rows, edits applied, with what steps assigned and scored; turns as Python values."""
        import pandas as pd

        frame = pd.DataFrame(row for table in self.content() for row in records(table))
        frame = frame.reindex(columns=ROWS.names)
        labels = self.labels()
        return frame.assign(**{name: labels[name].to_pandas() for name in labels.column_names[1:]})

    def to_datasets(self) -> datasets.Dataset:
        """The kept rows as a Hugging Face dataset, edits applied, with what steps assigned and scored."""
        import datasets

        table = pa.concat_tables([ROWS.empty_table(), *self.content()])
        labels = self.labels()
        for name in labels.column_names[1:]:
            table = table.append_column(name, labels[name])
        return datasets.Dataset(table)
