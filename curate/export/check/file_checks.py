"""What a target says of a file as a whole: its name, its size, its number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ..shape import Target
from .found import Tally
from .sources import Kind


class Checked(Protocol):
    """A file that was read."""

    @property
    def path(self) -> Path: ...
    @property
    def split(self) -> str: ...
    @property
    def rows(self) -> int: ...
    @property
    def refused(self) -> int: ...
    @property
    def read_whole(self) -> bool: ...


def check_name(target: Target, path: Path, kind: Kind, tally: Tally) -> None:
    """Findings about what the file is."""
    wanted = Path(target.layout.file_of("train")).suffix
    name = path.name
    if kind == "compressed":
        tally.add_file(name, "compressed_file")
    elif kind == "utf-16":
        tally.add_file(name, "not_utf8", "it starts like UTF-16; `tuneset check --fix` rewrites it")
    elif kind == "binary":
        tally.add_file(name, "binary_file")
    elif kind in ("json_array", "json_over_lines", "carriage_returns") and wanted != ".json":
        tally.add_file(name, kind)
    elif kind in ("csv", "parquet") and path.suffix.lower() != wanted:
        tally.add_file(name, "wrong_format", f"{target.name} takes *{wanted} files")
    if kind in ("jsonl", "utf-16") and path.suffix != wanted:
        tally.add_file(name, "wrong_ending", f"{target.name} takes *{wanted} files")


def check_limits(target: Target, files: Sequence[Checked], tally: Tally) -> None:
    """Findings about rows and bytes, and about the target itself."""
    limits = target.limits
    most = {"train": limits.max_train_rows, "validation": limits.max_validation_rows}
    for file in files:
        name, limit = file.path.name, most.get(file.split)
        taken = file.rows - file.refused
        least = limits.min_train_rows if file.split == "train" else None
        if not file.rows and file.read_whole:
            tally.add_file(name, "no_rows")
        elif least is not None and taken < least and file.read_whole:
            few = f"{taken:,} of its {file.rows:,} rows can be taken, at least {least:,} are needed"
            tally.add_file(name, "too_few_rows", few)
        if limit is not None and file.rows > limit:
            tally.add_file(name, "too_many_rows", f"{file.rows:,}, at most {limit:,} are taken")
        size = file.path.stat().st_size
        if limits.max_file_bytes is not None and size > limits.max_file_bytes:
            tally.add_file(name, "file_too_large", f"{size:,} bytes of at most {limits.max_file_bytes:,}")
    if target.state.word in ("closing", "closed"):
        tally.add_file("", "target_closing", f"{target.name}: {target.state.note} ({target.state.source})")
