"""What a signal is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Pair(NamedTuple):
    """One row as a signal sees it."""

    prompt: str
    response: str
    turns: Sequence[dict[str, Any]]
    lower: str

    def mentions(self, *texts: str) -> bool:
        """Whether the response holds one of some texts in lower case: a quick test before a slow pattern."""
        return any(text in self.lower for text in texts)


@dataclass(frozen=True)
class Signal:
    """One defect.

    Args:
        code: The reason code.
        sentence: The reason as a fact about the row, for reviewers.
        source: Where the rule comes from.
        hard: Whether it drops the row; a soft signal sends it to review.
        find: The telling detail, or None when the row does not have the defect.
    """

    code: str
    sentence: str
    source: str
    hard: bool
    find: Callable[[Pair], str | None]


def excerpt(text: str, start: int = 0, size: int = 60) -> str:
    """A piece of a text for a verdict's detail, on one line."""
    piece = " ".join(text[start : start + size].split())
    return f"{piece!r}" if start + size >= len(text) else f"{piece + ' ...'!r}"
