"""The formats that a version can be written in: one plain table."""

from __future__ import annotations

from ...schemas.errors import RecipeError, did_you_mean
from .openai import OPENAI
from .shape import Target
from .trl import TRL, TRL_DPO

TARGETS: dict[str, Target] = {target.name: target for target in (OPENAI, TRL, TRL_DPO)}


def find_target(name: str) -> Target:
    """The target with a name.

    Raises:
        RecipeError: There is none.
    """
    if name not in TARGETS:
        raise RecipeError(f"unknown target {name!r}", where="--to", fix=did_you_mean(name, TARGETS))
    return TARGETS[name]
