"""Decisions and waiting rows into a file that people use elsewhere."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal, get_args

from ...curate.ledger import Ledger
from ...schemas.errors import RecipeError, did_you_mean
from ..guidelines import newest
from ..record_place import record_of
from ..store import Store
from .csv_out import DECIDED, decision_cells, writer
from .decisions_out import decision_lines
from .own_lines import line_text
from .queue_out import BOM, queue_argilla, queue_csv, queue_jsonl, queue_label_studio, writing
from .results import ExportResult, Tally
from .run_rows import RunRows
from .shapes import SHAPES
from .waiting import waiting_rows

What = Literal["queue", "decisions"]
WHATS: tuple[str, ...] = get_args(What)
SUFFIX = {"jsonl": "jsonl", "argilla": "json", "label-studio": "json", "csv": "csv"}


def export_decisions(
    out: str | Path,
    output: str | Path | None = None,
    *,
    shape: str = "jsonl",
    what: str | None = None,
    database: str | None = None,
) -> ExportResult:
    """Write what waits for a decision, or what was decided, for use elsewhere.

    Args:
        out: A workspace with a finished run.
        output: The file; default `exports/review-WHAT-SHAPE.*` in the workspace. Argilla and Label Studio
            get their settings in a second file beside it.
        shape: jsonl, argilla, label-studio or csv.
        what: `queue` is the rows that wait, `decisions` what stands, of each person; default decisions
            for jsonl and queue for the others. Argilla and Label Studio take the queue alone.
        database: A PostgreSQL address; default: where the workspace has its record.

    Raises:
        RecipeError: No such shape, or one that does not carry what is asked for.
        WorkspaceError: No finished run, or a file that cannot be written.
    """
    what = _check(shape, what)
    ledger = Ledger.open(out)
    path = Path(output) if output is not None else _default(ledger, shape, what)
    run = RunRows(ledger)
    with Store.reading(record_of(ledger.workspace, database)) as store:
        if what == "decisions":
            return _decisions(store, run, path, shape)
        return _queue(store, run, path, shape)


def _check(shape: str, what: str | None) -> str:
    if shape not in SHAPES:
        raise RecipeError(f"no shape {shape!r}", where="--shape", fix=did_you_mean(shape, SHAPES))
    what = what or ("decisions" if shape == "jsonl" else "queue")
    if what not in WHATS:
        raise RecipeError(f"nothing called {what!r} to export", where="--what", fix=did_you_mean(what, WHATS))
    if what == "decisions" and shape in ("argilla", "label-studio"):
        raise RecipeError(
            f"the shape {shape!r} carries the queue, not decisions",
            where="--what",
            fix="export decisions with --shape jsonl or --shape csv",
        )
    return what


def _default(ledger: Ledger, shape: str, what: str) -> Path:
    return ledger.workspace.root / "exports" / f"review-{what}-{shape}.{SUFFIX[shape]}"


def _decisions(store: Store, run: RunRows, path: Path, shape: str) -> ExportResult:
    tally, written = Tally(), Counter[str]()
    lines = decision_lines(store, run, tally)
    with writing(path) as f:
        if shape == "csv":
            f.write(BOM)
            out = writer(f, DECIDED)
            for cells in decision_cells(lines, run, tally):
                out.writerow(cells)
                written["decision"] += 1
        else:
            for line in lines:
                f.write(line_text(line) + "\n")
                written[line.kind] += 1
    return ExportResult(
        shape=shape,
        what="decisions",
        files=[str(path)],
        rows=written["decision"],
        preferences=written["preference"],
        left_out=dict(tally.counts),
        examples=tally.examples,
    )


def _queue(store: Store, run: RunRows, path: Path, shape: str) -> ExportResult:
    rows = waiting_rows(store, run)
    if shape == "argilla":
        guide = newest(store)
        return queue_argilla(rows, path, guide.text if guide else None)
    write = {"jsonl": queue_jsonl, "label-studio": queue_label_studio, "csv": queue_csv}[shape]
    return write(rows, path)
