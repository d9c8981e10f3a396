"""Decisions from a spreadsheet: the columns row_id, content_id, decision, reason, note, edited_answer."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...curate.annotation.form import DECISION, DECISIONS, EDIT
from ...schemas.errors import InputError, did_you_mean
from ...schemas.review_lines import DecisionLine
from .csv_cells import LONGEST, identity, original
from .problems import problem, read_line, shown
from .told import Told

NEEDED = ("row_id", "content_id", DECISION)
FILLED = (*NEEDED, "reason", "note", EDIT, "annotator", "at")
READ_ONLY = ("why", "conversation", "answer")
DELIMITERS = ",;\t"


def read_csv(path: Path) -> Iterator[Told]:
    """The decisions in a CSV file, UTF-8, with commas, semicolons or tabs; rows without a decision are left.

    Raises:
        InputError: Not readable, not UTF-8, or without the columns.
    """
    limit = csv.field_size_limit(1 << 30)
    try:
        with open(path, encoding="utf-8-sig", newline="") as f:
            first = f.readline()
            f.seek(0)
            rows = csv.reader(f, delimiter=max(DELIMITERS, key=first.count), strict=True)
            yield from _rows(rows, path)
    except UnicodeDecodeError as error:
        raise InputError(
            "the file is not UTF-8", where=str(path), fix="save it as CSV UTF-8 (comma delimited)"
        ) from error
    except OSError as error:
        raise InputError(
            f"the file cannot be read ({error.strerror})",
            where=str(path),
            fix="name a file that you may read",
        ) from error
    finally:
        csv.field_size_limit(limit)


def _rows(rows: Any, path: Path) -> Iterator[Told]:
    try:
        columns = [name.strip() for name in next(rows, [])]
        _check(columns, path)
        line = rows.line_num + 1
        for row in rows:
            if any(cell.strip() for cell in row):
                yield _told(columns, row, line)
            line = rows.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"the file is no CSV ({error})", where=f"{path}, line {rows.line_num}", fix="save it as CSV again"
        ) from error


def _check(columns: list[str], path: Path) -> None:
    known = (*FILLED, *READ_ONLY)
    missing = [name for name in NEEDED if name not in columns]
    unknown = [name for name in columns if name not in known]
    if missing:
        raise InputError(
            f"the column {missing[0]!r} is missing",
            where=f"{path}, line 1",
            fix=f"keep the columns {', '.join(NEEDED)} of the exported file",
        )
    if unknown or len(set(columns)) < len(columns):
        wrong = unknown[0] if unknown else next(c for c in columns if columns.count(c) > 1)
        raise InputError(
            f"the column {wrong!r} is {'unknown' if unknown else 'there twice'}",
            where=f"{path}, line 1",
            fix=f"remove it, or correct its name; {did_you_mean(wrong, known)}",
        )


def _told(columns: list[str], row: list[str], number: int) -> Told:
    if len(row) != len(columns):
        sentence = f"{len(row)} cells under {len(columns)} columns"
        return Told(number, problems=(problem(number, "", "wrong_type", sentence),))
    cells = {name: original(cell) for name, cell in zip(columns, row, strict=True) if name in FILLED}
    action = cells[DECISION].strip().lower()
    if not action:
        return Told(number, left="undecided")
    if action not in DECISIONS:
        told = problem(number, DECISION, "unknown_action", f"no decision {shown(cells[DECISION])}")
        return Told(number, problems=(told,))
    edit = cells.get(EDIT) or None
    if edit is not None and len(edit) >= LONGEST:
        sentence = f"{EDIT} has {len(edit):,} characters: a spreadsheet program cut it, or would"
        return Told(number, problems=(problem(number, EDIT, "cut_cell", sentence),))
    members = {
        "row_id": identity(cells["row_id"]),
        "content_id": identity(cells["content_id"]),
        "action": action,
        "reason": (cells.get("reason") or "").strip() or None,
        "note": cells.get("note") or None,
        "edited_answer": edit if edit is None or edit.strip() else None,
        "actor": (cells.get("annotator") or "").strip() or None,
        "at": (cells.get("at") or "").strip() or None,
    }
    line, wrong = read_line(DecisionLine, members, number)
    if wrong:
        return Told(number, problems=tuple(wrong))
    assert isinstance(line, DecisionLine)
    return Told(number, line=line, typed=True)
