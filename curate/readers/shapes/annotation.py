"""Rows that an export wrote for Argilla or Label Studio: the row itself stands in them as JSON text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .base import Draft, RowProblem, Shape, parse_label, parse_tools, rest
from .conversation import besides_at
from .messages import parse_turns

HOLDERS = ("metadata", "data")
"""Argilla's member, and Label Studio's."""
ROW = "row"


def _holder(row: Any) -> str | None:
    if not isinstance(row, Mapping):
        return None
    for name in HOLDERS:
        inner = row.get(name)
        if not isinstance(inner, Mapping) or "content_id" not in inner:
            continue
        if isinstance(inner.get(ROW), str) and inner[ROW].startswith("{"):
            return name
    return None


def _matches(row: Any) -> bool:
    return _holder(row) is not None


def _convert(row: Any) -> Draft:
    name = _holder(row)
    if name is None:
        raise RowProblem("no row as JSON text in 'metadata' or 'data'")
    try:
        told = json.loads(row[name][ROW])
    except ValueError as error:
        raise RowProblem(f"{name!r}.{ROW!r} is not JSON: {error}") from error
    messages, besides = parse_turns(told.get("messages"), "'messages'")
    rejected = told.get("rejected")
    lost = None if rejected is None else parse_turns(rejected, "'rejected'")[0]
    meta = rest(row[name], {ROW}) | rest(row, {name}) | besides_at(besides, 0)
    return Draft(
        messages, parse_tools(told.get("tools")), lost, parse_label(told.get("label"), "'label'"), meta
    )


SHAPES = (
    Shape("annotation_record", "a row as JSON text beside what an annotation tool shows", _matches, _convert),
)
