"""Measure one batch with some steps, from the cache where it is there: the task that engines spread."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from ..schemas.arrow import BESIDES
from ..schemas.errors import StepError
from ..schemas.example import canonical_json
from ..schemas.files import atomic
from .contents import replace_column, with_ids
from .step import Step

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them


@dataclass(frozen=True)
class AcceptedEdits:
    """The rows of a batch that an earlier step edited: where its proposals are, and which to take."""

    measures: Path
    rows: tuple[int, ...]


@dataclass(frozen=True)
class MeasureTask:
    """One batch for some steps; `cache` holds the measure file of each step."""

    rows_file: Path
    start: int
    stop: int
    steps: tuple[Step, ...]
    cache: tuple[Path, ...]
    edits: tuple[AcceptedEdits, ...]


@dataclass(frozen=True)
class Measured:
    """What measuring one batch cost: seconds a step, and whether it came from the cache."""

    seconds: tuple[float, ...]
    cached: tuple[bool, ...]
    rows: int


def step_key(step: Step) -> str:
    """Name of a step's measure cache: its name, version and the parameters that affect measuring."""
    params: Mapping[str, Any] = getattr(step, "measure_params", {})
    version = getattr(step, "version", 1)
    described = {"name": step.name, "version": version, "params": params, "source": _foreign_source(step)}
    text = canonical_json(described)
    return f"{step.name}-{hashlib.blake2b(text.encode(), digest_size=6).hexdigest()}"


def _foreign_source(step: Step) -> str | None:
    """The source of a step class that is not ours, so that an edited one is measured again."""
    if type(step).__module__.startswith(f"{__name__.split('.')[0]}."):
        return None
    given = getattr(type(step), "__tuneset_source__", None)
    if given is not None:
        return given
    try:
        return inspect.getsource(type(step))
    except (OSError, TypeError):
        return None


def measure(task: MeasureTask) -> Measured:
    """Measure a batch with every step whose cache file is missing.

    Raises:
        StepError: A step broke its contract.
    """
    wanted = [i for i, path in enumerate(task.cache) if not path.is_file()]
    seconds = [0.0] * len(task.steps)
    if wanted:
        batch = _edited(read_range(task.rows_file, task.start, task.stop), task.edits)
        for i in wanted:
            started = time.process_time()
            table = checked_measure(task.steps[i], batch)
            _write(table, task.cache[i])
            seconds[i] = time.process_time() - started
    return Measured(
        tuple(seconds), tuple(i not in wanted for i in range(len(task.steps))), task.stop - task.start
    )


def checked_measure(step: Step, batch: pa.Table) -> pa.Table:
    """The step's measures, with the protocol checked: one row a row, in order.

    Raises:
        StepError: The rows differ in number or order.
    """
    table = step.measure(batch)
    where = f"step {step.name!r}, measure"
    fix = "return one row for each row of the batch, in order, with its row_id"
    if table.num_rows != batch.num_rows:
        raise StepError(f"{table.num_rows} measures for {batch.num_rows} rows", where=where, fix=fix)
    if "row_id" not in table.column_names:
        raise StepError("the measures have no 'row_id' column", where=where, fix=fix)
    if not table.column("row_id").equals(batch.column("row_id")):
        raise StepError("the measures are in another order than the rows", where=where, fix=fix)
    return table


def _write(table: pa.Table, path: Path) -> None:
    with (
        atomic(path) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write_table(table.combine_chunks())


def read_measures(paths: Sequence[Path], *, skip: Sequence[str] = ()) -> pa.Table:
    """Measure files, memory-mapped and joined: columns take memory only where they are touched."""
    tables = []
    for path in paths:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        tables.append(table.drop_columns([c for c in skip if c in table.column_names]))
    return pa.concat_tables(tables, promote_options="none")


@functools.lru_cache(maxsize=1)
def _open_rows(path: Path, _stamp: tuple[int, int, int]) -> tuple[pq.ParquetFile, np.ndarray]:
    file = pq.ParquetFile(path)
    sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    return file, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def read_range(path: Path, start: int, stop: int) -> pa.Table:
    """Rows [start, stop) of a rows file, reading only the row groups that hold them."""
    found = path.stat()
    file, bounds = _open_rows(path, (found.st_ino, found.st_size, found.st_mtime_ns))
    if stop <= start:
        return file.schema_arrow.empty_table()
    first = int(np.searchsorted(bounds, start, side="right")) - 1
    last = int(np.searchsorted(bounds, stop, side="left"))
    table = file.read_row_groups(list(range(first, last)), use_threads=False)
    return table.slice(start - int(bounds[first]), stop - start).combine_chunks()


def _edited(batch: pa.Table, edits: Sequence[AcceptedEdits]) -> pa.Table:
    """The batch with accepted edits, in step order."""
    for edit in edits:
        if not edit.rows:
            continue
        proposals = read_measures([edit.measures])
        mask = np.zeros(batch.num_rows, bool)
        mask[list(edit.rows)] = True
        for name in ("messages", *(BESIDES if is_whole(proposals.column_names) else ())):
            proposed, current = (t.column(name).combine_chunks() for t in (proposals, batch))
            batch = replace_column(batch, name, pc.if_else(pa.array(mask), proposed, current))
    touched = sorted({row for edit in edits for row in edit.rows})
    return with_ids(batch, touched) if touched else batch


def is_whole(names: Sequence[str]) -> bool:
    """Whether the measures of an editing step propose more than messages."""
    return set(BESIDES) <= set(names)


def batch_key(identities: Sequence[str], edits: Sequence[AcceptedEdits], salt: str) -> str:
    """Name of a batch in the cache: what its rows are, after edits."""
    digest = hashlib.blake2b(salt.encode(), digest_size=12)
    for name in identities:
        digest.update(name.encode())
        digest.update(b"\n")
    for edit in edits:
        digest.update(json.dumps([edit.measures.parent.name, edit.rows]).encode())
    return digest.hexdigest()
