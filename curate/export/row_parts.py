"""What a row says, whatever its shape: the texts whose tokens are counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

Row = Mapping[str, Any]

_UNSAID = frozenset({"type", "schemaVersion", "image", "url"})
"""Texts that are no part of the conversation."""
_AS_JSON = frozenset({"tools", "tool_calls", "toolConfig", "functions", "function_call", "parameters"})
_PARTLY = _AS_JSON | {"image_url", "inlineData", "fileData", "image", "images"}
"""What services count in ways that they do not publish; images have tokens that no tokenizer counts."""


class Parts(NamedTuple):
    """What a row says.

    Args:
        texts: Its texts; tool definitions and calls are JSON text.
        messages: Its messages.
        names: Names of speakers in them.
        unpublished: Whether it has tools or images.
    """

    texts: list[str]
    messages: int
    names: int
    unpublished: bool


def row_parts(row: Row) -> Parts:
    """What a row says, whatever its shape."""
    texts: list[str] = []
    messages = names = 0
    unpublished = False
    waiting: list[Any] = [row]
    for value in waiting:
        if type(value) is list:
            for inner in value:
                (texts if type(inner) is str else waiting).append(inner)
        elif type(value) is dict:
            if "role" in value:
                messages += 1
                names += "name" in value
            unpublished = _read_members(value, texts, waiting) or unpublished
    return Parts(texts, messages, names, unpublished)


def _read_members(value: dict[str, Any], texts: list[str], waiting: list[Any]) -> bool:
    """Put an object's texts with the others, and what holds more where it waits; True where it has tools."""
    partly = False
    for key, inner in value.items():
        if type(inner) is str:
            if key not in _UNSAID:
                texts.append(inner)
        elif inner and key in _PARTLY:
            partly = True
            if key in _AS_JSON:
                texts.append(msgspec.json.encode(inner).decode())
        elif type(inner) is dict or type(inner) is list:
            waiting.append(inner)
    return partly
