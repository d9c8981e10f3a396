"""Shards of several inputs to one rows file and one quarantine file."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ..schemas.arrow import ROWS
from ..schemas.errors import InputError
from ..schemas.example import canonical_json
from ..schemas.files import atomic, sha256_file
from ..schemas.recipe import Columns
from .engines import Engine
from .pipeline import Progress
from .readers.inputs import Input, unreadable
from .readers.read import Shard, read_shard
from .row_groups import ROW_GROUP_ROWS, RowGroupWriter

READER_VERSION = 2


@dataclass(frozen=True)
class ReadTask:
    """One input to read into its shard folder."""

    source: Input
    sha256: str
    copy: int
    columns: Columns | None
    folder: Path


@dataclass(frozen=True)
class ReadInput:
    """One input that was read."""

    source: Input
    sha256: str
    bytes: int
    shard: Shard
    folder: Path


def read_inputs(
    sources: Sequence[Input], columns: Columns | None, cache: Path, engine: Engine, progress: Progress
) -> list[ReadInput]:
    """Every input as a shard, in input order.

    Raises:
        InputError: An input cannot be read, or changed while it was read.
    """
    tasks: list[ReadTask] = []
    copies: dict[str, int] = {}
    sizes = [_size(s) for s in sources]
    for source in sources:
        digest = _sha256(source)
        copies[digest] = copies.get(digest, 0) + 1
        key = [
            source.name,
            source.format,
            source.named,
            columns.model_dump() if columns else None,
            READER_VERSION,
        ]
        name = hashlib.blake2b(canonical_json(key).encode(), digest_size=6).hexdigest()
        folder = cache / "rows" / f"{digest[:16]}-{copies[digest]}-{name}"
        tasks.append(ReadTask(source, digest, copies[digest], columns, folder))
    found: list[ReadInput] = []
    progress("read", 0, sum(sizes) or None)
    for task, size, shard in zip(tasks, sizes, engine.map(_read, tasks), strict=True):
        found.append(ReadInput(task.source, task.sha256, size, shard, task.folder))
        progress("read", sum(f.bytes for f in found), sum(sizes) or None)
    for item in found:
        _refuse_changed(item)
    return found


def _read(task: ReadTask) -> Shard:
    return read_shard(task.source, task.sha256, task.copy, task.columns, task.folder)


def _size(source: Input) -> int:
    return source.path.stat().st_size if source.path is not None and source.path.is_file() else 0


def _sha256(source: Input) -> str:
    if source.path is None:
        return hashlib.sha256(f"hub:{source.hub}".encode()).hexdigest()
    try:
        if source.path.is_file():
            return sha256_file(source.path)
        digest = hashlib.sha256()
        for path in sorted(p for p in source.path.rglob("*") if p.is_file()):
            digest.update(f"{path.relative_to(source.path).as_posix()} {sha256_file(path)}\n".encode())
        return digest.hexdigest()
    except OSError as error:
        raise unreadable(source.path, error) from error


def _refuse_changed(item: ReadInput) -> None:
    path = item.source.path
    if path is None or not path.is_file() or path.stat().st_size == item.bytes:
        return
    shutil.rmtree(item.folder, ignore_errors=True)
    raise InputError(
        f"{item.source.name!r} changed while it was read",
        where=str(path),
        fix="wait until nothing writes to it, or copy it first, and run the same command again",
    )


def assemble(inputs: Sequence[ReadInput], rows_file: Path, quarantine_file: Path) -> None:
    """Write all rows and all quarantined rows, in input order.

    Row groups have a fixed size, so the file depends on the rows alone.
    """
    with atomic(rows_file) as temporary, RowGroupWriter(temporary, ROWS) as writer:
        for item in inputs:
            with pq.ParquetFile(item.folder / "rows.parquet") as shard:
                for batch in shard.iter_batches(batch_size=ROW_GROUP_ROWS, use_threads=False):
                    writer.write(pa.Table.from_batches([batch], ROWS))
    with atomic(quarantine_file) as temporary, open(temporary, "wb") as out:
        for item in inputs:
            with open(item.folder / "quarantine.jsonl", "rb") as shard_lines:
                shutil.copyfileobj(shard_lines, out)
