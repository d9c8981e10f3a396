"""The texts of a conversation in which values can stand, and what a detector finds in each of them.

JSON is read leaf by leaf, each with the name of its member before it, so that `{"dob": "1990-05-17"}` is seen
for what it is; positions are always those of the text as it is written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .spans import Span

Find = Callable[[str], Sequence[Span]]
TEXTS = ("content", "reasoning_content", "name")


class Part(NamedTuple):
    """One text of a conversation.

    Attributes:
        turn: Which turn, from 0.
        field: `content`, `reasoning_content`, `name`, or `tool_calls` for the arguments of a call.
        text: The text as it is written.
        call: Which call of the turn, from 0; None outside `tool_calls`.
    """

    turn: int
    field: str
    text: str
    call: int | None = None


class Found(NamedTuple):
    """Characters [start, end) of a part's text; `quote` where a JSON number becomes a string."""

    start: int
    end: int
    kind: str
    value: str
    quote: bool = False


def parts_of(turns: Sequence[Mapping[str, Any]]) -> Iterator[Part]:
    """Every text of a conversation, in order."""
    for i, turn in enumerate(turns):
        for field in TEXTS:
            if turn.get(field):
                yield Part(i, field, turn[field])
        for c, call in enumerate(turn.get("tool_calls") or ()):
            arguments = (call.get("function") or {}).get("arguments")
            if arguments:
                yield Part(i, "tool_calls", arguments, c)


def found_in(part: Part, find: Find) -> list[Found]:
    """What a detector finds in a part; in JSON, leaf by leaf."""
    text = part.text
    structured = part.field == "tool_calls" or (text[:1] in "{[" and text[-1:] in "}]")
    if structured and _is_json(text):
        return list(_in_json(text, find))
    return [Found(s.start, s.end, s.kind, text[s.start : s.end]) for s in find(text)]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?|(-?\d{6,20})(?=\s*[,}\]])')
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|_+")


def _in_json(text: str, find: Find) -> Iterator[Found]:
    key = ""
    for token in _TOKEN.finditer(text):
        if token[2]:
            key = _CAMEL.sub(" ", token[1])
            label = ""
        else:
            label = f"{key}: " if key else ""
        raw, low = (token[3], token.start(3)) if token[3] else (token[1], token.start(1))
        value, places = _decoded(raw)
        for span in find(label + value):
            start, end = span.start - len(label), span.end - len(label)
            if start < 0:
                continue
            if token[3]:
                yield Found(low, low + len(raw), span.kind, value, quote=True)
                break
            yield Found(low + places[start], low + places[end], span.kind, value[start:end])


def _decoded(raw: str) -> tuple[str, Sequence[int]]:
    """The characters of a JSON string, and where each begins as it is written; one more for the end."""
    if "\\" not in raw:
        return raw, range(len(raw) + 1)
    places, characters = [], []
    for found in _CHARACTER.finditer(raw):
        places.append(found.start())
        characters.append(json.loads(f'"{found[0]}"') if found[0][0] == "\\" else found[0])
    return "".join(characters), [*places, len(raw)]
