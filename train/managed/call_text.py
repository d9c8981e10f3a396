"""SDK calls as Python text, for a dry run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Expression(str):
    """Python text that stands in a call as it is: `train.id`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def call_text(function: str, arguments: Mapping[str, Any]) -> str:
    """A call with one named argument a line.

    Args:
        function: What stands before the bracket: `job = client.create`.
        arguments: Names to values; an `Expression` is written without quotes.
    """
    inside = "".join(f"    {name}={value!r},\n" for name, value in arguments.items())
    return f"{function}(\n{inside})"
