"""Drafts to Arrow batches of canonical rows."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from ...schemas.arrow import MESSAGE, MESSAGES, ROWS, TOOL_CALL
from ...schemas.example import content_id
from .shapes import Draft, RowProblem


class NamedDraft(NamedTuple):
    """A draft with its identities and its place."""

    row_id: str
    content_id: str
    draft: Draft
    file: str
    row: int
    meta: str


def name_draft(draft: Draft, row_id: str, file: str, row: int) -> NamedDraft:
    """Give a draft its identities.

    Raises:
        RowProblem: A text holds half a surrogate pair, which no UTF-8 file can.
    """
    try:
        identity = content_id(draft.messages, tools=draft.tools, rejected=draft.rejected, label=draft.label)
        meta = meta_json(draft.meta)
        _check_encodable(draft, meta)
    except UnicodeEncodeError as error:
        raise RowProblem(f"half a surrogate pair (\\u{ord(error.object[error.start]):04x})") from error
    except ValueError as error:
        raise RowProblem(f"a value that JSON cannot hold ({error})") from error
    return NamedDraft(row_id, identity, draft, file, row, meta)


def _check_encodable(draft: Draft, meta: str) -> None:
    meta.encode()
    for turn in [*draft.messages, *(draft.rejected or [])]:
        for value in turn.values():
            if isinstance(value, str) and not value.isascii():
                value.encode()


def meta_json(meta: Mapping[str, Any]) -> str:
    """A row's other members as a JSON object; what JSON lacks is written as text."""
    try:
        return json.dumps(meta, ensure_ascii=False, allow_nan=False, default=_as_text)
    except ValueError:
        return json.dumps(_without_nan(meta), ensure_ascii=False, allow_nan=False, default=_as_text)


def _as_text(value: Any) -> Any:
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Decimal):
        return str(value)
    return str(value)


def _without_nan(value: Any) -> Any:
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): _without_nan(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(v) for v in value]
    return value


def messages_array(conversations: Sequence[Sequence[Mapping[str, Any]] | None]) -> pa.ListArray:
    """Conversations as an Arrow list of messages; None gives a null.

    Source: built from flat columns, which is about ten times faster than `pa.array` of dictionaries.
    """
    lengths = np.fromiter(
        (len(c) if c is not None else 0 for c in conversations), np.int64, len(conversations)
    )
    offsets = np.zeros(len(conversations) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    turns = [turn for c in conversations if c is not None for turn in c]
    columns: list[pa.Array] = []
    for field in MESSAGE:
        kind = pa.list_(TOOL_CALL) if field.name == "tool_calls" else field.type
        columns.append(pa.array([turn.get(field.name) for turn in turns], kind))
    flat = pa.StructArray.from_arrays(columns, fields=list(MESSAGE))
    missing = [c is None for c in conversations]
    mask = pa.array(missing, pa.bool_()) if any(missing) else None
    return pa.ListArray.from_arrays(pa.array(offsets), flat, type=MESSAGES, mask=mask)


def rows_batch(drafts: Sequence[NamedDraft]) -> pa.RecordBatch:
    """A batch of canonical rows, in order."""
    tools = [json.dumps(d.draft.tools, ensure_ascii=False) if d.draft.tools else None for d in drafts]
    source = pa.StructArray.from_arrays(
        [pa.array([d.file for d in drafts], pa.string()), pa.array([d.row for d in drafts], pa.int64())],
        names=["file", "row"],
    )
    return pa.RecordBatch.from_arrays(
        [
            pa.array([d.row_id for d in drafts], pa.string()),
            pa.array([d.content_id for d in drafts], pa.string()),
            messages_array([d.draft.messages for d in drafts]),
            pa.array(tools, pa.string()),
            messages_array([d.draft.rejected for d in drafts]),
            pa.array([d.draft.label for d in drafts], pa.bool_()),
            source,
            pa.array([d.meta for d in drafts], pa.string()),
        ],
        schema=ROWS,
    )
