"""Read one input into a shard: canonical rows, quarantined rows, and how the shape was found."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ...schemas.arrow import ROWS
from ...schemas.errors import InputError, MissingExtraError
from ...schemas.example import row_id
from ...schemas.files import atomic, read_json, write_json
from ...schemas.recipe import Columns
from . import raw
from .inputs import Input, open_bytes
from .raw_csv import read_csv
from .raw_tables import read_dataset_table, read_parquet
from .shapes import Detection, RowProblem, Shape, detect, shape_of
from .table import NamedDraft, name_draft, rows_batch

SAMPLE_ROWS = 200
SHARD_BATCH_ROWS = 2048


@dataclass(frozen=True)
class Shard:
    """What reading one input gave; `shape` is "" when no row of it could be understood."""

    rows: int
    quarantined: int
    shape: str
    evidence: str


def read_shard(source: Input, sha256: str, copy: int, columns: Columns | None, folder: Path) -> Shard:
    """Read an input into `rows.parquet` and `quarantine.jsonl` of a shard folder.

    A shard that is there already is not read again: `shard.json` is written last.

    Args:
        source: The input.
        sha256: Hash of its bytes as stored.
        copy: 1, or 2, 3, ... for a further input with the same bytes.
        columns: The recipe's column mapping.
        folder: Where the shard is kept, named after everything that it depends on.

    Raises:
        InputError: The input as a whole cannot be read.
    """
    done = folder / "shard.json"
    if done.is_file():
        return Shard(**read_json(done))
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        rows = raw_rows(source, stack)
        sample = list(islice(rows, SAMPLE_ROWS))
        found = detect([r.value for r in sample if r.problem is None], columns)
        _refuse_hopeless(source, sample, found)
        shard = _write(folder, chain(sample, rows), found, source, sha256, copy)
    write_json(done, asdict(shard))
    return shard


def raw_rows(source: Input, stack: ExitStack) -> Iterator[raw.RawRow]:
    """The parsed rows of an input; files stay open as long as the stack."""
    if source.format == "dataset":
        return read_dataset_table(load_dataset(source))
    path = source.path
    if path is None:
        raise InputError("an input without a file", where=source.name, fix="name a file")
    if source.format == "parquet":
        return read_parquet(path, source.name)
    stream = stack.enter_context(open_bytes(path, source.name))
    if source.format == "jsonl":
        return raw.read_jsonl(stream, source.name)
    if source.format == "json":
        return raw.read_json(stream, source.name)
    return read_csv(stream, source.name, delimiter="\t" if source.format == "tsv" else ",")


def load_dataset(source: Input) -> Any:
    """A saved dataset from its folder, or a hub dataset's train split, streamed.

    Raises:
        InputError: The dataset cannot be loaded.
        MissingExtraError: The `datasets` package is not installed.
    """
    try:
        import datasets
    except ImportError as error:
        raise MissingExtraError.of("all", "datasets", where=source.name) from error
    try:
        if source.hub is not None:
            return datasets.load_dataset(source.hub, split="train", streaming=True)
        if source.path is not None and source.path.is_file():
            return datasets.Dataset.from_file(str(source.path))
        loaded = datasets.load_from_disk(str(source.path))
    except Exception as error:
        reason = str(error).split("\n", 1)[0][:200]
        raise InputError(
            f"the dataset {source.name!r} cannot be loaded ({type(error).__name__}: {reason})",
            where=source.hub or str(source.path),
            fix="check the name and the network, or download its files and name them",
        ) from error
    if isinstance(loaded, datasets.DatasetDict):
        return chain.from_iterable(loaded[name] for name in sorted(loaded))
    return loaded


def _refuse_hopeless(source: Input, sample: list[raw.RawRow], found: Detection) -> None:
    if not sample:
        raise InputError(f"{source.name!r} holds no row", where=source.name, fix="fetch the file again")
    if found.shape is None and source.named:
        problem = next((r.problem for r in sample if r.problem), None)
        raise InputError(
            f"no row of {source.name!r} can be read: {problem or found.evidence}",
            where=f"{source.name}, first {len(sample)} rows",
            fix="check the file; for rows of your own shape name the columns in a recipe,"
            " for example: columns: {prompt: QUESTION_COLUMN, response: ANSWER_COLUMN}",
        )


def _write(
    folder: Path, rows: Iterator[raw.RawRow], found: Detection, source: Input, sha256: str, copy: int
) -> Shard:
    kept = lost = 0
    others: dict[str, int] = {}
    with (
        atomic(folder / "rows.parquet") as rows_path,
        atomic(folder / "quarantine.jsonl") as lost_path,
        pq.ParquetWriter(rows_path, ROWS, compression="zstd") as writer,
        open(lost_path, "w", encoding="utf-8", newline="\n") as quarantine,
    ):
        batch: list[NamedDraft] = []
        for row in rows:
            if found.shape is None:
                break
            try:
                batch.append(
                    _named(row, found.shape, source.name, row_id(sha256, row.row, copy=copy), others)
                )
                kept += 1
            except RowProblem as problem:
                lost += 1
                quarantine.write(_quarantine_line(row, source.name, str(problem)))
            if len(batch) == SHARD_BATCH_ROWS:
                writer.write_batch(rows_batch(batch))
                batch.clear()
        if batch:
            writer.write_batch(rows_batch(batch))
    also = "".join(f"; {n} read as {name}" for name, n in sorted(others.items()))
    return Shard(kept, lost, found.shape.name if found.shape else "", found.evidence + also)


def _named(row: raw.RawRow, shape: Shape, file: str, name: str, others: dict[str, int]) -> NamedDraft:
    if row.problem is not None:
        raise RowProblem(row.problem)
    if not shape.matches(row.value):
        other = shape_of(row.value)
        if other is None:
            raise RowProblem(_no_shape(row.value, shape))
        others[other.name] = others.get(other.name, 0) + 1
        shape = other
    try:
        return name_draft(shape.convert(row.value), name, file, row.row)
    except (pa.ArrowInvalid, RecursionError) as error:
        raise RowProblem(f"cannot be stored ({error})") from error


def _no_shape(value: Any, shape: Shape) -> str:
    if not isinstance(value, dict):
        return f"the row is a {type(value).__name__}; rows of this file have {shape.describe}"
    keys = ", ".join(repr(k) for k in list(value)[:8]) or "no keys"
    return f"the row has {keys}; rows of this file have {shape.describe}"


def _quarantine_line(row: raw.RawRow, file: str, reason: str) -> str:
    line: dict[str, Any] = {"file": file, "row": row.row, "line": row.line, "reason": reason}
    data = row.raw if row.problem is not None else _bytes_of(row.value)
    try:
        line["text"] = data.decode("utf-8")
    except UnicodeDecodeError:
        line["base64"] = base64.b64encode(data).decode("ascii")
    return json.dumps(line, ensure_ascii=False) + "\n"


def _bytes_of(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")
