"""Contents that reviewers wrote, read back and checked against their hashes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute

from ..schemas.arrow import ROWS
from ..schemas.errors import WorkspaceError
from ..schemas.example import content_id
from .contents import identity, records

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

MEMBERS = ("messages", "tools", "rejected", "label")
WRITTEN = pa.schema([ROWS.field("content_id"), *(ROWS.field(name) for name in MEMBERS)])
"""A content that a reviewer wrote, as the columns of rows.parquet."""


def written(editions: pa.Table, content_ids: Iterable[str]) -> pa.Table:
    """Some contents as a table of `WRITTEN`, in the order asked for.

    Args:
        editions: Columns content_id, row_id and payload, the canonical JSON of `MEMBERS`.
        content_ids: Contents that are among them.

    Raises:
        WorkspaceError: A payload that is no content, or is not the one that its content_id names.
    """
    ids = list(content_ids)
    at = pc.index_in(pa.array(ids, pa.string()), value_set=editions["content_id"].combine_chunks())
    lines = editions.select(["content_id", "row_id", "payload"]).take(at).to_pylist()
    contents = [_content(line) for line in lines]
    table = pa.Table.from_pylist(contents, schema=WRITTEN)
    for line, record in zip(lines, content_records(table), strict=True):
        if identity(record) != line["content_id"]:
            raise _broken(line, "it cannot be stored without a change")
    return table


def content_records(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Contents in a table of `WRITTEN` as JSON values."""
    n = table.num_rows
    row = table.append_column("row_id", pa.nulls(n, pa.string())).append_column(
        "source", pa.nulls(n, ROWS.field("source").type)
    )
    return records(row.append_column("meta", pa.repeat(pa.scalar("{}"), n)))


def _content(line: dict[str, Any]) -> dict[str, Any]:
    """The members of an edition; `tools` as JSON text."""
    try:
        payload = json.loads(line["payload"])
        told = {name: payload.get(name) for name in MEMBERS}
        found = content_id(told["messages"], **{n: told[n] for n in MEMBERS[1:]})
    except (TypeError, ValueError, AttributeError) as error:
        raise _broken(line, f"it is no content ({error})") from error
    if found != line["content_id"]:
        raise _broken(line, "its text is not the one that was approved")
    tools = None if told["tools"] is None else json.dumps(told["tools"], ensure_ascii=False)
    return {**told, "tools": tools, "content_id": line["content_id"]}


def _broken(line: dict[str, Any], why: str) -> WorkspaceError:
    return WorkspaceError(
        f"an edit of row {line['row_id']!r} does not hold: {why}",
        where=f"the record of decisions, content {line['content_id']}",
        fix="run: tuneset review verify OUT; or undo that edit in the review app",
    )
