"""What every shape shares: the draft of an example, and small readers of values."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ....schemas.example import canonical_json

Turn = dict[str, Any]


class RowProblem(ValueError):
    """A row that parses but cannot be read as an example; the message says why."""


class Draft(NamedTuple):
    """An example before it has a name."""

    messages: list[Turn]
    tools: list[Any] | None
    rejected: list[Turn] | None
    label: bool | None
    meta: dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """One way in which people write training rows.

    Args:
        name: As printed and recorded.
        describe: The keys that tell, as evidence.
        matches: Whether a parsed row has this shape.
        convert: The draft of a row, or a RowProblem.
    """

    name: str
    describe: str
    matches: Callable[[Any], bool]
    convert: Callable[[Any], Draft]


def rest(row: Mapping[str, Any], used: Collection[str]) -> dict[str, Any]:
    """The members of a row that the conversation does not hold."""
    return {k: v for k, v in row.items() if k not in used}


def first_key(row: Mapping[str, Any], names: Collection[str]) -> str | None:
    """The first of some names that the row has."""
    return next((n for n in names if n in row), None)


def json_text(value: Any, where: str) -> str:
    """A value as canonical JSON.

    Raises:
        RowProblem: It holds NaN or an infinity.
    """
    try:
        return canonical_json(value)
    except ValueError as error:
        raise RowProblem(f"{where} holds NaN or an infinity, which JSON does not have") from error


def text_of(value: Any, where: str) -> str:
    """A cell as text: text as it is, a list of texts joined, numbers and truth values as JSON.

    Raises:
        RowProblem: Null, or a value that has no plain text.
    """
    if isinstance(value, str):
        return value
    if value is None:
        raise RowProblem(f"{where} is null")
    if isinstance(value, bool | int | float):
        return json_text(value, where)
    raise RowProblem(f"{where} is a {type(value).__name__}, not text")


def optional_text(row: Mapping[str, Any], key: str | None) -> str:
    """A cell as text; "" where it is missing or null."""
    if key is None or row.get(key) is None:
        return ""
    return text_of(row[key], repr(key))


def join_prompt(instruction: str, context: str) -> str:
    """Instruction and input as one user turn, a blank line between them."""
    return f"{instruction}\n\n{context}" if context.strip() else instruction


def parse_label(value: Any, where: str) -> bool | None:
    """A truth value, however it is written.

    Raises:
        RowProblem: A value that is neither true nor false.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1, -1):
        return value > 0
    if isinstance(value, str) and value.strip().lower() in _TRUTH:
        return _TRUTH[value.strip().lower()]
    raise RowProblem(f"{where} is {value!r}, neither true nor false")


_TRUTH = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
_TRUTH |= {"good": True, "bad": False, "desirable": True, "undesirable": False}


def json_value(value: Any) -> Any:
    """A cell that may hold JSON as text, parsed; other values as they are."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def parse_tools(value: Any) -> list[Any] | None:
    """Tool definitions in the OpenAI form; bare functions are wrapped, JSON text is parsed.

    Raises:
        RowProblem: A value that is no list of definitions.
    """
    value = json_value(value)
    if value is None or value == "" or value == []:
        return None
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(v, Mapping) for v in value):
        raise RowProblem("'tools' is not a list of tool definitions")
    return [t if "function" in t else {"type": "function", "function": dict(t)} for t in value]


def is_text(value: Any) -> bool:
    """Whether a cell can be a text."""
    return isinstance(value, str)


def is_turns(value: Any) -> bool:
    """Whether a cell is a list of turn objects, parsed or as JSON text."""
    value = json_value(value)
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)
