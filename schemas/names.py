"""Names that become folder names."""

from __future__ import annotations

import re

from .errors import RecipeError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def check_name(name: str, kind: str) -> str:
    """The name itself, when it is safe as one folder's name.

    Raises:
        RecipeError: The name could leave its folder, or is hidden or too long.
    """
    if NAME.fullmatch(name) is None or name.endswith("."):
        raise RecipeError(
            f"{name!r} cannot be the name of a {kind}",
            where=f"{kind} name",
            fix="use letters, digits, '.', '_' and '-', at most 64 of them, starting with a letter or digit",
        )
    return name
