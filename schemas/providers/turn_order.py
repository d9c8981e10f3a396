"""The order of roles that chat templates take, the user first and then by turns; and the places of turns."""

from __future__ import annotations

from collections.abc import Callable

Place = Callable[[int], str]
"""Position of a turn to its place in the row, such as `messages.2`."""


def place_in(name: str, before: int = 0, more: str = "") -> Place:
    """Where a turn stands: among the first ones of `name`, or in `more` after them."""
    return lambda i: f"{name}.{i}" if not more or i < before else f"{more}.{i - before}"


def role_problem(role: str, before: str) -> str | None:
    """The code of the rule that a turn breaks by its role; tool turns have an order of their own.

    Args:
        role: The turn's role, which is not tool.
        before: The role of the turn before; "" in front of the first.
    """
    if role == "system":
        return "late_system_prompt" if before else None
    if before in ("", "system"):
        return None if role == "user" else "first_turn_not_user"
    return "roles_not_alternating" if role == before else None
