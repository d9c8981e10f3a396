"""Notes on the way: one line of text each, to whoever asked for them."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]


def silent(_line: str) -> None:
    """Say nothing."""
