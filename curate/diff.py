"""Two versions or two runs side by side, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ..schemas.workspace import Workspace
from .diff_sides import NAMES, Side, find_side
from .terminal_text import visible

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

ROWS_SHOWN = 5
Row = dict[str, Any]

KINDS = {
    "only_a": "only in A",
    "only_b": "only in B",
    "moved": "the same content under another row id",
    "content": "other content",
    "split": "another split",
    "verdict": "another verdict",
}


@dataclass(frozen=True)
class Diff:
    """What differs; a row can differ in more than one way.

    Args:
        a: Name, kind (version or run) and number of rows of the first.
        b: The same of the second.
        same: Rows that are the same in every respect.
        changes: Kind of change to its rows: each has row_id and, for what changed, [was, is].
    """

    a: dict[str, Any]
    b: dict[str, Any]
    same: int
    changes: dict[str, list[Row]]

    def as_dict(self) -> dict[str, Any]:
        counts = {kind: len(rows) for kind, rows in self.changes.items()}
        return {"a": self.a, "b": self.b, "same": self.same, "counts": counts, "changes": self.changes}

    def text(self) -> str:
        """Counts, and the first few rows of each kind, for a person."""
        sides = (("A", self.a), ("B", self.b))
        lines = [visible(f"{x}: {side['name']} ({side['kind']}, {side['rows']:,} rows)") for x, side in sides]
        lines += ["", f"{self.same:>9,}  the same"]
        for kind, rows in self.changes.items():
            if rows:
                lines.append(f"{len(rows):>9,}  {KINDS[kind]}")
                lines += [visible(f"{'':11}{_line(row)}") for row in rows[:ROWS_SHOWN]]
            if len(rows) > ROWS_SHOWN:
                lines.append(f"{'':11}and {len(rows) - ROWS_SHOWN:,} more; --json lists all")
        return "\n".join(lines)


def _line(row: Row) -> str:
    if "now" in row:
        return f"{row['row_id']} -> {row['now']}"
    told = [
        f"{k} {v[0] or '-'} -> {v[1] or '-'}"
        for k, v in row.items()
        if isinstance(v, list) and k != "content_id"
    ]
    return "  ".join([row["row_id"], *told])


def diff(out: str | Path, a: str, b: str) -> Diff:
    """Compare two versions, two runs, or a version with the kept rows of a run.

    Rows are matched by row_id; what is left is matched by equal content, since the rows of a file that
    was touched have other row ids.

    Args:
        out: A workspace.
        a: A version of the workspace, or the folder of a version or of a run.
        b: The same.

    Raises:
        RecipeError: A name that is neither.
    """
    space = Workspace.at(out)
    first, second = find_side(space, str(a)), find_side(space, str(b))
    if first.kind != second.kind:
        first, second = first.kept_alone(), second.kept_alone()
    return compare(first, second)


def compare(a: Side, b: Side) -> Diff:
    """What differs between two sides."""
    found = pc.index_in(a.rows["row_id"], value_set=b.rows["row_id"].combine_chunks())
    at = np.asarray(pc.fill_null(found, -1), dtype=np.int64)
    alone_b = np.ones(len(b.rows), dtype=bool)
    alone_b[at[at >= 0]] = False
    left, right = a.rows.filter(pa.array(at >= 0)), b.rows.take(pa.array(at[at >= 0]))
    differs = {name: _differs(left[name], right[name]) for name in NAMES}
    verdict = differs["state"] | differs["step"] | differs["reason"]
    moved, only_a, only_b = _by_content(
        a.rows.filter(pa.array(at < 0)).to_pylist(), b.rows.filter(pa.array(alone_b)).to_pylist()
    )
    return Diff(
        a={"name": a.name, "kind": a.kind, "rows": len(a.rows)},
        b={"name": b.name, "kind": b.kind, "rows": len(b.rows)},
        same=int((~(differs["content_id"] | differs["split"] | verdict)).sum()),
        changes={
            "only_a": only_a,
            "only_b": only_b,
            "moved": moved,
            "content": _changed(left, right, differs["content_id"], ("content_id",)),
            "split": _changed(left, right, differs["split"], ("split",)),
            "verdict": _changed(left, right, verdict, ("state", "step", "reason")),
        },
    )


def _differs(left: pa.ChunkedArray, right: pa.ChunkedArray) -> np.ndarray:
    """Whether two columns differ, row by row; null equals null."""
    unequal = pc.fill_null(pc.not_equal(left, right), False)
    return np.asarray(pc.or_(unequal, pc.xor(pc.is_null(left), pc.is_null(right))), dtype=bool)


def _changed(left: pa.Table, right: pa.Table, mask: np.ndarray, names: tuple[str, ...]) -> list[Row]:
    sides = (side.filter(pa.array(mask)).to_pylist() for side in (left, right))
    return [
        {"row_id": was["row_id"], **{n: [was[n], now[n]] for n in names if was[n] != now[n]}}
        for was, now in zip(*sides, strict=True)
    ]


def _by_content(a: list[Row], b: list[Row]) -> tuple[list[Row], list[Row], list[Row]]:
    """Rows of both sides with equal content, one to one in order, and what is left of each side."""
    waiting: dict[str, list[Row]] = {}
    for row in reversed(b):
        waiting.setdefault(row["content_id"], []).append(row)
    moved: list[Row] = []
    only_a: list[Row] = []
    for row in a:
        others = waiting.get(row["content_id"])
        if not others:
            only_a.append(row)
            continue
        other = others.pop()
        parts = {name: [row[name], other[name]] for name in NAMES[1:] if row[name] != other[name]}
        moved.append({"row_id": row["row_id"], "now": other["row_id"], **parts})
    left = {row["row_id"] for rows in waiting.values() for row in rows}
    return moved, only_a, [row for row in b if row["row_id"] in left]
