"""Run steps over a rows file: measure batches where the engine likes, decide once, count every row."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from ..schemas.arrow import ACTIONS, BESIDES, EDITS, VERDICTS
from ..schemas.errors import StepError, did_you_mean
from ..schemas.run import LargeDrop, StepCount
from .engines import Engine
from .guard import GuardRail
from .measure import AcceptedEdits, MeasureTask, batch_key, is_whole, measure, read_measures, step_key
from .row_groups import RowGroupWriter
from .step import NOTES, Step

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

Progress = Callable[[str, int, int | None], None]
"""Called with a phase's name, rows done and rows in all (None when unknown)."""


def no_progress(_phase: str, _done: int, _total: int | None) -> None:
    """Say nothing."""


@dataclass
class _State:
    """What is known of every row while steps run; arrays have shape (n_rows,)."""

    row_ids: pa.Array
    alive: np.ndarray
    review: np.ndarray
    edited: np.ndarray
    settled: np.ndarray
    wanted: frozenset[str] = frozenset()
    values: dict[str, pa.Array] = field(default_factory=dict)
    edits: list[tuple[Step, Sequence[Path], np.ndarray]] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What the steps did: counts in step order; rows kept, for review, edited; what guard rails found."""

    steps: list[StepCount]
    kept: int
    review: int
    edited: int
    large_drops: list[LargeDrop]


@dataclass(frozen=True)
class Pipeline:
    """Steps over the rows of one file.

    Args:
        steps: In order; names are distinct.
        rows_file: A parquet file with the ROWS schema.
        cache: Folder of measure files; safe to delete.
        engine: Spreads measuring.
        batch_rows: Rows a batch; affects the cache alone, never a result.
        salt: What else, besides content, the rows depend on.
        max_drop_ratio: Share of a group that a step may drop before a guard rail says so; None is off.
    """

    steps: Sequence[Step]
    rows_file: Path
    cache: Path
    engine: Engine
    batch_rows: int = 2048
    salt: str = ""
    max_drop_ratio: float | None = None

    def run(self, verdicts_file: Path, edits_file: Path, progress: Progress = no_progress) -> Outcome:
        """Measure, decide and write every verdict and every accepted edit.

        Raises:
            StepError: A step broke its contract, or rows went missing.
        """
        identities = pq.read_table(self.rows_file, columns=["row_id", "content_id"]).combine_chunks()
        n = identities.num_rows
        ids = identities.column("row_id").combine_chunks()
        wanted = frozenset(name for step in self.steps for name in getattr(step, "needs", ()))
        state = _State(ids, np.ones(n, bool), np.zeros(n, bool), np.zeros(n, bool), np.zeros(n, bool), wanted)
        keys = [f"{r} {c}" for r, c in zip(*(identities.column(i).to_pylist() for i in (0, 1)), strict=True)]
        counts: list[StepCount] = []
        guard = GuardRail(self.rows_file, self.max_drop_ratio)
        with pq.ParquetWriter(verdicts_file, VERDICTS, compression="zstd") as writer:
            for steps in passes(self.steps):
                files, measured = self._measure(steps, keys, state, progress)
                for step in steps:
                    seen = np.flatnonzero(state.alive)
                    count, verdicts = self._decide(
                        step, files[step.name], state, writer, measured[step.name], progress
                    )
                    counts.append(count)
                    guard.look(verdicts, seen)
        self._write_edits(edits_file, state)
        kept = int(state.alive.sum())
        dropped = sum(c.dropped for c in counts)
        if kept + dropped != n:
            raise StepError(
                f"{kept} kept and {dropped} dropped rows of {n}",
                where="the pipeline",
                fix="report this as a bug",
            )
        return Outcome(
            counts,
            kept,
            int((state.review & state.alive & ~state.settled).sum()),
            int((state.edited & state.alive).sum()),
            guard.found,
        )

    def _measure(
        self, steps: Sequence[Step], keys: Sequence[str], state: _State, progress: Progress
    ) -> tuple[dict[str, list[Path]], dict[str, tuple[float, int, int]]]:
        """Measure files of each step in row order, and its seconds, cached and measured batches."""
        tasks: list[MeasureTask] = []
        for start in range(0, len(keys), self.batch_rows):
            stop = min(start + self.batch_rows, len(keys))
            edits = tuple(
                AcceptedEdits(
                    paths[start // self.batch_rows], tuple(np.flatnonzero(taken[start:stop]).tolist())
                )
                for _, paths, taken in state.edits
                if taken[
                    start:stop
                ].any()  # a batch that nothing edited is the same with and without the step
            )
            name = batch_key(keys[start:stop], edits, self.salt)
            cache = tuple(self.cache / step_key(step) / f"{name}.arrow" for step in steps)
            tasks.append(MeasureTask(self.rows_file, start, stop, tuple(steps), cache, edits))
        phase = "measure " + ", ".join(step.name for step in steps)
        seconds = np.zeros(len(steps))
        cached = np.zeros(len(steps), np.int64)
        done = 0
        progress(phase, 0, len(keys))
        for result in self.engine.map(measure, tasks):
            seconds += result.seconds
            cached += result.cached
            done += result.rows
            progress(phase, done, len(keys))
        files = {step.name: [task.cache[i] for task in tasks] for i, step in enumerate(steps)}
        spent = {
            step.name: (float(seconds[i]), int(cached[i]), len(tasks) - int(cached[i]))
            for i, step in enumerate(steps)
        }
        return files, spent

    def _decide(
        self,
        step: Step,
        files: Sequence[Path],
        state: _State,
        writer: pq.ParquetWriter,
        measured: tuple[float, int, int],
        progress: Progress,
    ) -> tuple[StepCount, pa.Table]:
        started = time.perf_counter()
        progress(f"decide {step.name}", 0, None)
        everyone = bool(getattr(step, "sees_dropped", False))
        verdicts = decide(step, _measures_for(step, files, state, everyone))
        if everyone:
            verdicts = verdicts.filter(pa.array(state.alive))
        alive_before = np.flatnonzero(state.alive)
        expected = state.row_ids.filter(pa.array(state.alive))
        check_verdicts(step, verdicts, expected)
        if verdicts.num_rows:
            writer.write_table(verdicts)
        count = _counted(step, verdicts, measured, time.perf_counter() - started)
        _apply(step, verdicts, alive_before, state, files)
        return count, verdicts

    def _write_edits(self, path: Path, state: _State) -> None:
        with RowGroupWriter(path, EDITS) as writer:
            for step, files, taken in state.edits:
                at = 0
                for file in files:
                    table = read_measures([file])
                    mask = taken[at : at + table.num_rows]
                    at += table.num_rows
                    if not mask.any():
                        continue
                    writer.write(_edits_of(step, table.filter(pa.array(mask))))


def _edits_of(step: Step, chosen: pa.Table) -> pa.Table:
    """Accepted proposals as rows of edits.parquet."""
    whole = is_whole(chosen.column_names)
    columns = {
        "row_id": chosen.column("row_id"),
        "step": pa.repeat(pa.scalar(step.name), chosen.num_rows),
        "messages": chosen.column("messages"),
        "whole": pa.repeat(pa.scalar(whole), chosen.num_rows),
    }
    for name in BESIDES:
        kind = EDITS.field(name).type
        columns[name] = chosen.column(name) if whole else pa.nulls(chosen.num_rows, kind)
    return pa.Table.from_arrays(list(columns.values()), schema=EDITS)


def passes(steps: Sequence[Step]) -> list[list[Step]]:
    """Steps that can be measured in one reading of the rows: a step that edits ends a pass."""
    found: list[list[Step]] = [[]]
    for step in steps:
        found[-1].append(step)
        if getattr(step, "edits", False):
            found.append([])
    return [group for group in found if group]


def _measures_for(step: Step, files: Sequence[Path], state: _State, everyone: bool) -> pa.Table:
    if not files:
        return pa.table({"row_id": pa.array([], pa.string())})
    table = read_measures(files, skip=("messages",) if getattr(step, "edits", False) else ())
    if getattr(step, "edits", False) and is_whole(table.column_names):
        table = table.drop_columns(list(BESIDES))
    for name in getattr(step, "needs", ()):
        if name in state.values:
            table = table.append_column(name, state.values[name])
    if everyone:
        return table.append_column("alive", pa.array(state.alive))
    return table if state.alive.all() else table.filter(pa.array(state.alive))


def decide(step: Step, measures: pa.Table) -> pa.Table:
    """The step's verdicts; an empty table needs no step.

    Raises:
        StepError: The step failed, or gave something else than verdicts.
    """
    if not measures.num_rows:
        return VERDICTS.empty_table()
    verdicts = step.decide(measures)
    try:
        notes = verdicts.schema.metadata
        return verdicts.select(VERDICTS.names).cast(VERDICTS).replace_schema_metadata(notes)
    except (pa.ArrowInvalid, KeyError, AttributeError, ValueError) as error:
        raise StepError(
            f"decide gave no verdict table ({error})",
            where=f"step {step.name!r}",
            fix="return verdicts(row_ids, step, opinions)",
        ) from error


def check_verdicts(step: Step, verdicts: pa.Table, row_ids: pa.Array) -> None:
    """One verdict a row in order, known actions, declared reasons.

    Raises:
        StepError: One of these does not hold.
    """
    where = f"step {step.name!r}, decide"
    if verdicts.num_rows != len(row_ids):
        raise StepError(
            f"{verdicts.num_rows} verdicts for {len(row_ids)} rows", where=where, fix="give one a row"
        )
    if not verdicts.column("row_id").combine_chunks().equals(row_ids):
        raise StepError("verdicts are in another order than the rows", where=where, fix="keep the order")
    for action in pc.unique(verdicts.column("action")).to_pylist():
        if action not in ACTIONS:
            raise StepError(f"unknown action {action!r}", where=where, fix=did_you_mean(str(action), ACTIONS))
    telling = verdicts.filter(pc.field("action").isin(["drop", "review", "edit"]))
    for reason in pc.unique(telling.column("reason")).to_pylist():
        if reason not in step.reasons:
            raise StepError(
                f"undeclared reason {reason!r}",
                where=where,
                fix="add it to the step's `reasons` with a sentence",
            )
    if pc.any(pc.equal(verdicts.column("action"), "edit")).as_py() and not getattr(step, "edits", False):
        raise StepError("an edit without new messages", where=where, fix="set `edits` and measure `messages`")


def _counted(step: Step, verdicts: pa.Table, measured: tuple[float, int, int], seconds: float) -> StepCount:
    pairs = verdicts.group_by(["action", "reason"], use_threads=False).aggregate([([], "count_all")])
    reasons: dict[str, dict[str, int]] = {}
    for row in pairs.to_pylist():
        if row["reason"] is not None:
            reasons.setdefault(row["action"], {})[row["reason"]] = row["count_all"]
    actions = {a: int(pc.sum(pc.equal(verdicts.column("action"), a)).as_py() or 0) for a in ACTIONS}
    ordered = {
        a: dict(sorted(reasons[a].items(), key=lambda x: (-x[1], x[0]))) for a in ACTIONS if a in reasons
    }
    seen = {reason for group in ordered.values() for reason in group}
    return StepCount(
        step=step.name,
        rows_in=verdicts.num_rows,
        kept=verdicts.num_rows - actions["drop"],
        dropped=actions["drop"],
        review=actions["review"],
        edited=actions["edit"],
        assigned=actions["assign"],
        reasons=ordered,
        sentences={code: sentence for code, sentence in step.reasons.items() if code in seen},
        seconds=round(measured[0] + seconds, 3),
        notes=json.loads((verdicts.schema.metadata or {}).get(NOTES, b"[]")),
        cached_batches=measured[1],
        measured_batches=measured[2],
    )


def _apply(step: Step, verdicts: pa.Table, rows: np.ndarray, state: _State, files: Sequence[Path]) -> None:
    def those(action: str) -> np.ndarray:
        return rows[
            pc.equal(verdicts.column("action"), action).combine_chunks().to_numpy(zero_copy_only=False)
        ]

    for name, members in ((step.name, ("value", "score")), (f"{step.name}.related_id", ("related_id",))):
        told = [verdicts.column(m) for m in members if verdicts.column(m).null_count < verdicts.num_rows]
        if name in state.wanted and told:
            values: list[Any] = [None] * len(state.row_ids)
            for row, value in zip(rows.tolist(), told[0].to_pylist(), strict=True):
                values[row] = value
            state.values[name] = pa.array(values, told[0].type)
    state.review[those("review")] = True
    settling = getattr(step, "settles", frozenset())
    if settling:
        decided = pc.is_in(verdicts.column("value"), pa.array(sorted(settling)))
        state.settled[rows[decided.combine_chunks().to_numpy(zero_copy_only=False)]] = True
    if getattr(step, "edits", False):
        taken = np.zeros(len(state.row_ids), bool)
        taken[those("edit")] = True
        state.edited |= taken
        state.edits.append((step, files, taken))
    state.alive[those("drop")] = False
