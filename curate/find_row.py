"""The row that a person means by a few characters."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from ..schemas.errors import RecipeError, did_you_mean
from ..schemas.workspace import Workspace

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

SHOWN = 5
POSITION = re.compile(r"^(?P<name>.+):(?P<row>[0-9]{1,18})$", re.DOTALL)


def find_row(workspace: Workspace, text: str) -> str:
    """The row_id that `text` means.

    Tried in turn: a row_id; `file:row`, where the file's last path parts are enough; the beginning of
    the file's hash and a whole row number (`3f9c:812`); the beginning of a row_id.

    Raises:
        RecipeError: No such row, or more than one.
    """
    table = pq.read_table(workspace.rows, columns=["row_id", "source"])
    ids = table["row_id"]
    source = table["source"].combine_chunks()
    for mask in _masks(ids, pc.struct_field(source, "file"), pc.struct_field(source, "row"), text):
        found = table.filter(mask)
        if len(found) == 1:
            return found["row_id"][0].as_py()
        if len(found) > 1:
            raise _ambiguous(workspace, text, found)
    raise _unknown(workspace, text, table)


def _masks(ids: pa.ChunkedArray, files: pa.Array, rows: pa.Array, text: str) -> list[pa.Array]:
    masks = [pc.equal(ids, text)]
    if match := POSITION.match(text):
        name, row = match["name"], int(match["row"])
        at = pc.equal(rows, row)
        masks.append(pc.and_(pc.equal(files, name), at))
        masks.append(pc.and_(pc.ends_with(files, "/" + name), at))
        masks.append(pc.and_(pc.starts_with(ids, name), pc.ends_with(ids, f":{row}")))
    if text:
        masks.append(pc.starts_with(ids, text))
    return masks


def _names(table: pa.Table) -> list[str]:
    return [f"{r['row_id']} ({r['source']['file']}:{r['source']['row']})" for r in table.to_pylist()]


def _ambiguous(workspace: Workspace, text: str, found: pa.Table) -> RecipeError:
    more = "" if len(found) <= SHOWN else f" and {len(found) - SHOWN} more"
    return RecipeError(
        f"{text!r} means {len(found)} rows",
        where=str(workspace.rows),
        fix="name one of them: " + ", ".join(_names(found.slice(0, SHOWN))) + more,
    )


def _unknown(workspace: Workspace, text: str, table: pa.Table) -> RecipeError:
    match = POSITION.match(text)
    if not table.num_rows:
        fix = "the run has no readable row"
    elif match is None:
        fix = "name a row_id, its beginning, or FILE:ROW, such as " + _names(table.slice(0, 1))[0]
    else:
        fix = _nearest(table, match["name"])
    return RecipeError(f"no row {text!r}", where=str(workspace.rows), fix=fix)


def _nearest(table: pa.Table, name: str) -> str:
    source = table["source"].combine_chunks()
    counts = (
        pa.table({"file": pc.struct_field(source, "file"), "row": pc.struct_field(source, "row")})
        .group_by("file")
        .aggregate([("row", "max")])
    )
    last = dict(zip(counts["file"].to_pylist(), counts["row_max"].to_pylist(), strict=True))
    if name in last:
        return f"{name!r} has readable rows up to {last[name]}; unreadable ones are in quarantine.jsonl"
    return "there is no such file in this run; " + did_you_mean(name, last)
