"""Reference rows: files beside the input, such as benchmarks, that rows are compared with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from ..schemas.arrow import ROWS
from ..schemas.errors import InputError
from ..schemas.example import row_id
from ..schemas.files import sha256_file
from ..schemas.run import ReferenceFile
from .readers.benchmark_rows import benchmark_draft
from .readers.inputs import Input, find_inputs, unreadable
from .readers.raw import RawRow
from .readers.read import raw_rows
from .readers.shapes import Draft, RowProblem, shape_of
from .readers.table import NamedDraft, name_draft, rows_batch

SPLITS = ("train.jsonl", "validation.jsonl", "test.jsonl")
VERSION_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Reference:
    """One reference file: where it is and what is in it."""

    source: Input
    sha256: str


def find_reference(paths: Sequence[str | Path], folder: Path) -> list[Reference]:
    """The reference files that some paths name, hashed.

    Args:
        paths: Files, folders, or folders of frozen versions.
        folder: Where a relative path is looked for first; then the working directory.

    Raises:
        InputError: A path names nothing, or a file that cannot be read.
    """
    return [_hashed(source) for path in paths for source in _sources(Path(path), folder)]


def read_reference(paths: Sequence[str | Path], folder: Path) -> pa.Table:
    """The rows of reference files, in the ROWS schema.

    A row that has no shape of a training row is read by its text columns: the question is the prompt, and
    what answers it is the response. `row_id` is made of the file's hash and the row, as for inputs.

    Args:
        paths: Files, folders, or folders of frozen versions.
        folder: Where a relative path is looked for first; then the working directory.

    Raises:
        InputError: A path names nothing, or a file without a row that has a text.
    """
    return read_reference_files(paths, folder)[0]


def read_reference_files(paths: Sequence[str | Path], folder: Path) -> tuple[pa.Table, list[ReferenceFile]]:
    """The rows of reference files, as `read_reference` gives them, and what the run card records of each.

    Raises:
        InputError: A path names nothing, or a file without a row that has a text.
    """
    batches: list[pa.RecordBatch] = []
    files: list[ReferenceFile] = []
    copies: dict[str, int] = {}
    for reference in find_reference(paths, folder):
        copies[reference.sha256] = copies.get(reference.sha256, 0) + 1
        drafts, lost = _drafts(reference, copies[reference.sha256])
        batches.append(rows_batch(drafts))
        files.append(
            ReferenceFile(
                file=reference.source.name,
                sha256=reference.sha256,
                bytes=_size(reference.source.path),
                rows=len(drafts),
                unreadable=lost,
            )
        )
    return pa.Table.from_batches(batches, ROWS).combine_chunks(), files


def _sources(path: Path, folder: Path) -> list[Input]:
    place = path if path.is_absolute() or not (folder / path).exists() else folder / path
    if not place.exists():
        raise InputError(
            f"the reference {str(path)!r} does not exist",
            where=f"against, looked for in {folder.absolute()} and {Path.cwd()}",
            fix="check the path; a relative one begins at the recipe's folder or the working directory",
        )
    if (place / VERSION_MANIFEST).is_file() and (place / SPLITS[0]).is_file():
        files = [
            place / name for name in SPLITS if (place / name).is_file() and (place / name).stat().st_size
        ]
        return [Input(f, f"{place.name}/{f.name}", "jsonl") for f in files]
    return find_inputs([place], place)


def _hashed(source: Input) -> Reference:
    path = source.path
    if path is None:
        raise InputError("a reference is no file", where=source.name, fix="name a file or a folder")
    try:
        if path.is_file():
            return Reference(source, sha256_file(path))
        files = sorted(p for p in path.rglob("*") if p.is_file())
        told = "".join(f"{p.relative_to(path).as_posix()} {sha256_file(p)}\n" for p in files)
    except OSError as error:
        raise unreadable(path, error) from error
    return Reference(source, hashlib.sha256(told.encode()).hexdigest())


def _size(path: Path | None) -> int:
    return path.stat().st_size if path is not None and path.is_file() else 0


def _drafts(reference: Reference, copy: int) -> tuple[list[NamedDraft], int]:
    """The rows of a file, and how many could not be read."""
    source = reference.source
    problem = "it holds no row"
    found: list[NamedDraft] = []
    lost = 0
    with ExitStack() as stack:
        for row in raw_rows(source, stack):
            try:
                name = row_id(reference.sha256, row.row, copy=copy)
                found.append(name_draft(draft_of(row), name, source.name, row.row))
            except RowProblem as error:
                lost += 1
                problem = f"row {row.row}: {error}"
    if not found and source.named:
        raise InputError(
            f"no row of the reference {source.name!r} can be read: {problem}",
            where=str(source.path),
            fix="name a file whose rows have a text, such as 'question', 'prompt' or 'text'",
        )
    return found, lost


def draft_of(row: RawRow) -> Draft:
    """A row as an example; a row of a benchmark first, since a training shape would pass over its options."""
    if row.problem is not None:
        raise RowProblem(row.problem)
    special = benchmark_draft(row.value, sure=True)
    if special is not None:
        return special
    shape = shape_of(row.value)
    if shape is not None:
        try:
            return shape.convert(row.value)
        except RowProblem:
            pass
    draft = benchmark_draft(row.value, sure=False)
    if draft is None:
        raise RowProblem("it has no text")
    return draft
