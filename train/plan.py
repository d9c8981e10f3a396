"""Everything of a training run that is decided before the first update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..schemas.errors import RecipeError, VersionError
from ..schemas.recipe import TrainOptions
from .data import Selection, select_rows
from .hardware import pick_device
from .loading import LoadedModel, load_base
from .model_folder import BaseModel
from .progress import Progress
from .settings import Settings, Shape, resolve_settings
from .version import FrozenVersion

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Plan:
    """Version, model, rows, settings and device of a run."""

    version: FrozenVersion
    loaded: LoadedModel
    train: Selection
    validation: Selection
    settings: Settings
    device: torch.device


def make_plan(
    frozen: FrozenVersion,
    base: BaseModel,
    options: TrainOptions,
    seed: int,
    given: frozenset[str],
    say: Progress,
) -> Plan:
    """Load the base model, choose the rows and resolve the settings.

    Args:
        frozen: The checked version.
        base: The base model on this machine.
        options: Training options.
        seed: Seed of everything random.
        given: Names of options that somebody gave.
        say: Receives what was left out and every setting with its origin.

    Raises:
        VersionError: No training row can be used.
        RecipeError: Rows are too long, or max_length is beyond the model.
        ModelError: The base model cannot be used.
    """
    import torch

    device = pick_device()
    loaded = load_base(base, device, torch.float32 if device.type == "cpu" else torch.bfloat16)
    limit = options.max_length or loaded.limit
    if limit > loaded.limit:
        raise RecipeError(
            f"max_length is {limit}, but {base.name!r} reads at most {loaded.limit} tokens",
            where="train.max_length in tuneset.yaml",
            fix="lower max_length, or leave it out",
        )
    train, validation = (
        select_rows(frozen.rows[split], loaded.chat, max_length=limit, over_length=options.over_length)
        for split in ("train", "validation")
    )
    for split, selection in (("train", train), ("validation", validation)):
        for line in selection.notes(split):
            say(line)
    if not train.used:
        raise VersionError(
            f"the version {frozen.name!r} has no training row that can be used",
            where="; ".join(train.notes("train")) or "its train split is empty",
            fix="approve rows that a model can learn from, and freeze a new version",
        )
    config = loaded.model.config.get_text_config()
    shape = Shape(
        train_rows=len(train.used),
        validation_rows=len(validation.used),
        longest=train.longest,
        hidden_size=int(config.hidden_size),
        family=str(config.model_type),
        layers=int(config.num_hidden_layers),
        on_cpu=device.type == "cpu",
        free_bytes=0 if device.type == "cpu" else torch.cuda.mem_get_info(device)[0],
    )
    settings = resolve_settings(options, seed, given, shape)
    settings.put("precision", "bfloat16 autocast", "default", "adapter and optimiser stay float32")
    say(f"training on {base.name}, version {frozen.name}: {len(train.used)} rows, {device.type}")
    for line in settings.lines():
        say(line)
    return Plan(frozen, loaded, train, validation, settings, device)
