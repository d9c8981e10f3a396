"""The formats that a version can be written in: one module a family, one plain table."""

from __future__ import annotations

from ....schemas.errors import RecipeError, did_you_mean
from ..shape import Target
from . import (
    argilla,
    autotrain,
    axolotl,
    azure,
    bedrock,
    csv,
    fireworks,
    hf,
    label_studio,
    llamafactory,
    mistral,
    modal,
    openai,
    predibase,
    replicate,
    sagemaker,
    together,
    torchtune,
    trl,
    unsloth,
    vertex,
    wandb,
)

FAMILIES: dict[str, tuple[Target, ...]] = {
    "openai": openai.TARGETS,
    "azure": azure.TARGETS,
    "together": together.TARGETS,
    "fireworks": fireworks.TARGETS,
    "vertex": vertex.TARGETS,
    "bedrock": bedrock.TARGETS,
    "sagemaker": sagemaker.TARGETS,
    "mistral": mistral.TARGETS,
    "predibase": predibase.TARGETS,
    "autotrain": autotrain.TARGETS,
    "replicate": replicate.TARGETS,
    "trl": trl.TARGETS,
    "unsloth": unsloth.TARGETS,
    "axolotl": axolotl.TARGETS,
    "llamafactory": llamafactory.TARGETS,
    "torchtune": torchtune.TARGETS,
    "modal": modal.TARGETS,
    "hf": hf.TARGETS,
    "wandb": wandb.TARGETS,
    "csv": csv.TARGETS,
    "argilla": argilla.TARGETS,
    "label_studio": label_studio.TARGETS,
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
