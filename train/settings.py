"""Every setting of a training run, with its value and where the value comes from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..curate.recipe import load_recipe
from ..schemas.errors import RecipeError
from ..schemas.recipe import Recipe, TrainOptions
from ..schemas.training_rules import (
    GPU_TOKENS_A_STEP,
    SCHEDULE,
    Settings,
    derive_learning_rate,
    evaluations,
    micro_batch,
    warmup_steps,
)
from ..schemas.workspace import Workspace
from .methods import check_method

CPU_TOKENS_A_STEP = 4096
ACTIVATION_BYTES = 80  # a token, layer and unit of width, in bfloat16 with an adapter on every layer


@dataclass(frozen=True)
class Shape:
    """What derived settings depend on.

    Args:
        train_rows: Usable training rows.
        validation_rows: Usable validation rows.
        longest: Tokens of the longest row.
        hidden_size: Width of the model.
        family: The model's `model_type`.
        layers: Depth of the model.
        on_cpu: Whether training runs on the CPU.
        free_bytes: Free memory of the accelerator; 0 on a CPU.
    """

    train_rows: int
    validation_rows: int
    longest: int
    hidden_size: int
    family: str
    layers: int
    on_cpu: bool
    free_bytes: int


def read_options(out: str | Path, **overrides: Any) -> tuple[TrainOptions, int, frozenset[str]]:
    """The workspace's training options with the caller's overrides.

    Args:
        out: The workspace folder.
        overrides: Values of `TrainOptions` members; None means not given.

    Returns:
        The options, the seed, and the names that somebody gave (call or recipe).

    Raises:
        RecipeError: `tuneset.yaml` or an override is wrong.
    """
    path = Workspace.at(out).recipe
    recipe = load_recipe(path) if path.is_file() else Recipe()
    given = {k: v for k, v in overrides.items() if v is not None}
    if "method" in given:
        check_method(given["method"])
    try:
        options = TrainOptions.model_validate({**recipe.train.model_dump(), **given})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise RecipeError(
            f"train.{name} is {first['input']!r}: {first['msg']}",
            where=f"the call or {path}",
            fix=f"give {name} a value in its range: tuneset recipe schema",
        ) from error
    changed = {n for n, f in TrainOptions.model_fields.items() if getattr(options, n) != f.default}
    return options, recipe.seed, frozenset(changed | set(given))


def resolve_settings(options: TrainOptions, seed: int, given: frozenset[str], shape: Shape) -> Settings:
    """All settings of a run: what was given, what is default, and what follows from model and data."""
    settings = Settings()
    for name in ("method", "rank", "epochs", "batch_size", "patience", "over_length"):
        settings.put(name, getattr(options, name), "given" if name in given else "default")
    steps_an_epoch = math.ceil(shape.train_rows / settings["batch_size"])
    steps = max(1, math.ceil(steps_an_epoch * settings["epochs"]))
    settings.put("steps", steps, "derived", f"{shape.train_rows} rows, {steps_an_epoch} updates an epoch")
    if options.learning_rate is None:
        rate, why = derive_learning_rate(shape.hidden_size, shape.family, steps)
        settings.put("learning_rate", rate, "derived", why)
    else:
        settings.put("learning_rate", options.learning_rate, "given")
    if options.max_length is None:
        settings.put("max_length", shape.longest, "derived", "the longest row")
    else:
        settings.put("max_length", options.max_length, "given")
    settings.put("seed", seed, "default" if seed == Recipe().seed else "given")
    _put_schedule(settings, shape)
    _put_micro_batch(settings, shape)
    return settings


def _put_schedule(settings: Settings, shape: Shape) -> None:
    steps = settings["steps"]
    settings.put("warmup_steps", warmup_steps(steps), "derived", "5 % of the steps")
    settings.put("schedule", SCHEDULE, "default")
    if shape.validation_rows == 0:
        settings.put("evaluate_every", None, "derived", "no validation rows, so no early stopping")
        return
    wanted = evaluations(shape.train_rows, shape.validation_rows, settings["epochs"])
    every = max(1, steps // wanted)
    settings.put("evaluate_every", every, "derived", f"about {wanted} evaluations in {steps} steps")


def _put_micro_batch(settings: Settings, shape: Shape) -> None:
    budget = CPU_TOKENS_A_STEP if shape.on_cpu else GPU_TOKENS_A_STEP
    micro = micro_batch(settings["batch_size"], shape.longest, budget)
    settings.put("micro_batch", micro, "derived", f"at most {budget} tokens a pass")
    needed = micro * shape.longest * shape.layers * shape.hidden_size * ACTIVATION_BYTES
    recompute = not shape.on_cpu and needed > shape.free_bytes / 2
    why = f"a pass keeps about {needed >> 20} MiB"
    settings.put("activation_checkpointing", recompute, "derived", why)
