"""The shapes that decisions travel in, and who reads each."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal, get_args

from .argilla_in import read_argilla
from .csv_in import read_csv
from .json_values import is_array
from .label_studio_in import read_label_studio
from .own_lines import read_lines
from .told import Reader

Shape = Literal["jsonl", "argilla", "label-studio", "csv"]
SHAPES: tuple[str, ...] = get_args(Shape)


def reader_of(shape: str, *, all_submitted: bool) -> Reader:
    """The reader of a shape; it streams.

    Args:
        shape: One of SHAPES.
        all_submitted: Argilla's responses without a status count as submitted.
    """
    readers: dict[str, Reader] = {
        "jsonl": read_lines,
        "argilla": partial(read_argilla, all_submitted=all_submitted),
        "label-studio": read_label_studio,
        "csv": read_csv,
    }
    return readers[shape]


def unit_of(shape: str, path: Path) -> str:
    """What the numbers of problems count: lines, or records of a JSON array."""
    return "record" if shape != "csv" and is_array(path) else "line"
