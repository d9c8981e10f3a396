"""The order of roles that chat templates take: a system turn at most, then the user, by turns."""

from __future__ import annotations


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
