"""The waiting rows into a file of one shape, row by row; what a shape cannot carry is counted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from ...curate.annotation.argilla import argilla_record, argilla_refuses, argilla_settings
from ...curate.annotation.label_studio import label_studio_config, label_studio_task
from ...schemas.files import atomic, write_json, write_text
from ...schemas.review_lines import RowLine
from .csv_out import QUEUE, queue_cells, writer
from .results import ExportResult, Tally
from .tool_text import told_otherwise
from .waiting import Waiting

BOM = "\ufeff"
"""By it Excel knows UTF-8."""


def queue_jsonl(rows: Iterable[Waiting], path: Path) -> ExportResult:
    """Rows as lines of our own JSONL, ready to be filled in."""
    count = 0
    with writing(path) as f:
        for row in rows:
            f.write(_row_text(row) + "\n")
            count += 1
    return ExportResult("jsonl", "queue", [str(path)], count)


def queue_argilla(rows: Iterable[Waiting], path: Path, guidelines: str | None) -> ExportResult:
    """Rows as records of Argilla 2, and the dataset's settings in `NAME.settings.json` beside them."""
    left, notes = Tally(), Tally()

    def records() -> Iterator[dict[str, Any]]:
        for row in rows:
            refused = argilla_refuses(row)
            if refused is not None:
                left.add(refused, row.row_id)
            else:
                _note(row, notes)
                yield argilla_record(row)

    count = _array(records(), path)
    settings = path.with_name(f"{path.stem}.settings.json")
    write_json(settings, argilla_settings(guidelines))
    return _result("argilla", [path, settings], count, left, notes)


def queue_label_studio(rows: Iterable[Waiting], path: Path) -> ExportResult:
    """Rows as tasks of Label Studio, and the labelling configuration in `NAME.config.xml` beside them."""
    notes = Tally()

    def tasks() -> Iterator[dict[str, Any]]:
        for row in rows:
            _note(row, notes)
            yield label_studio_task(row)

    count = _array(tasks(), path)
    config = path.with_name(f"{path.stem}.config.xml")
    write_text(config, label_studio_config())
    return _result("label-studio", [path, config], count, Tally(), notes)


def queue_csv(rows: Iterable[Waiting], path: Path) -> ExportResult:
    """Rows for a spreadsheet, with empty columns to fill in."""
    notes, count = Tally(), 0
    with writing(path) as f:
        f.write(BOM)
        out = writer(f, QUEUE)
        for row in rows:
            _note(row, notes)
            out.writerow(queue_cells(row, notes))
            count += 1
    return _result("csv", [path], count, Tally(), notes)


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """A UTF-8 file that appears whole or not at all; line ends are written as they are given."""
    with atomic(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as f:
        yield f


def _array(values: Iterable[dict[str, Any]], path: Path) -> int:
    """Write a JSON array, one element a line; how many there were."""
    count = 0
    with writing(path) as f:
        for value in values:
            f.write(",\n" if count else "[\n")
            f.write(json.dumps(value, ensure_ascii=False, allow_nan=False))
            count += 1
        f.write("\n]\n" if count else "[]\n")
    return count


def _row_text(row: Waiting) -> str:
    """A row as JSON, with the members to fill in: action, reason, note, edited_answer and actor."""
    members = ("row_id", "content_id", "messages", "tools", "rejected", "label")
    line = RowLine(kind="row", why=row.why, **{name: row.row[name] for name in members})
    told = line.model_dump(exclude={"at"})
    optional = {"tools", "rejected", "label", "why"}
    return json.dumps(
        {k: v for k, v in told.items() if v is not None or k not in optional}, ensure_ascii=False
    )


def _note(row: Waiting, notes: Tally) -> None:
    for told in told_otherwise(row.row, row.answer):
        notes.add(told, row.row_id)


def _result(shape: str, files: list[Path], count: int, left: Tally, notes: Tally) -> ExportResult:
    return ExportResult(
        shape=shape,
        what="queue",
        files=[str(f) for f in files],
        rows=count,
        left_out=dict(left.counts),
        notes=dict(notes.counts),
        examples={**left.examples, **notes.examples},
    )
