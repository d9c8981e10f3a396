"""A shape stated in the recipe: which column holds what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....schemas.recipe import Columns
from .base import Draft, Shape, Turn, optional_text, parse_label, parse_tools, rest
from .conversation import besides_at, with_system
from .messages import parse_turns
from .pairs import answer_text, text_of


def columns_shape(columns: Columns) -> Shape:
    """The shape that a `columns:` mapping describes."""
    named = {k: v for k, v in columns.model_dump().items() if v is not None}
    needed = [columns.messages] if columns.messages else [columns.prompt, columns.response]

    def matches(row: Any) -> bool:
        return isinstance(row, Mapping) and all(name in row for name in needed)

    def convert(row: Any) -> Draft:
        turns, besides = _messages(row, columns)
        messages = with_system(turns, optional_text(row, columns.system))
        rejected: list[Turn] | None = None
        if columns.rejected and row.get(columns.rejected) is not None:
            text = answer_text(row[columns.rejected], repr(columns.rejected))
            rejected = [{"role": "assistant", "content": text}]
        label = parse_label(row.get(columns.label), repr(columns.label)) if columns.label else None
        tools = parse_tools(row.get(columns.tools)) if columns.tools else None
        meta = rest(row, set(named.values())) | besides_at(besides, len(messages) - len(turns))
        return Draft(messages, tools, rejected, label, meta)

    return Shape("columns", ", ".join(f"{k} in {v!r}" for k, v in named.items()), matches, convert)


def _messages(row: Mapping[str, Any], columns: Columns) -> tuple[list[Turn], dict[str, Any]]:
    if columns.messages:
        return parse_turns(row[columns.messages], repr(columns.messages))
    prompt, response = columns.prompt or "", columns.response or ""
    turns: list[Turn] = [
        {"role": "user", "content": text_of(row[prompt], repr(prompt))},
        {"role": "assistant", "content": answer_text(row[response], repr(response))},
    ]
    return turns, {}
