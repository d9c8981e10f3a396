"""The formats that a version can be written in: one module a family, one plain table."""

from __future__ import annotations

from ....schemas.errors import RecipeError, did_you_mean
from ..shape import Target
from . import axolotl, llamafactory, modal, openai, torchtune, trl, unsloth

FAMILIES: dict[str, tuple[Target, ...]] = {
    "openai": openai.TARGETS,
    "trl": (*trl.TARGETS, *unsloth.TARGETS, *modal.TARGETS),
    "torchtune": torchtune.TARGETS,
    "axolotl": axolotl.TARGETS,
    "llamafactory": llamafactory.TARGETS,
}
"""Family to its targets, in the order in which they are listed."""
TARGETS: dict[str, Target] = {target.name: target for family in FAMILIES.values() for target in family}


def find_target(name: str, where: str = "--to") -> Target:
    """The target with a name.

    Args:
        name: A name in `TARGETS`.
        where: The argument that gave it, for the error.

    Raises:
        RecipeError: There is none.
    """
    if name not in TARGETS:
        raise RecipeError(f"unknown target {name!r}", where=where, fix=did_you_mean(name, TARGETS))
    return TARGETS[name]
