"""Every setting of a training run, with its value and where the value comes from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from ..curate.recipe import load_recipe
from ..schemas.errors import RecipeError
from ..schemas.recipe import Recipe, TrainOptions
from ..schemas.workspace import Workspace
from .methods import check_method

Origin = Literal["given", "derived", "default"]

FULL_RATE = 5e-5
LORA_OVER_FULL = 10
SHORT_LORA_OVER_FULL = 15
SHORT_STEPS = 100
REFERENCE_WIDTH = 2000
WIDTH_POWER = 0.781
NARROW_POWER = 0.0775
NARROW_FAMILIES = ("qwen2", "qwen3")
WARMUP_RATIO = 0.05
MOST_EVALUATIONS = 10
EVALUATION_COST_RATIO = 0.15
FORWARD_OVER_STEP = 1 / 3
CPU_TOKENS_A_STEP = 4096
GPU_TOKENS_A_STEP = 32768
ACTIVATION_BYTES = 80  # a token, layer and unit of width, in bfloat16 with an adapter on every layer


@dataclass(frozen=True)
class Setting:
    """One value and why it is what it is."""

    value: Any
    origin: Origin
    why: str = ""


class Settings(dict[str, Any]):
    """Values by name; `origins` tells where each comes from."""

    def __init__(self) -> None:
        super().__init__()
        self.origins: dict[str, Setting] = {}

    def put(self, name: str, value: Any, origin: Origin, why: str = "") -> None:
        """Set one value."""
        self[name] = value
        self.origins[name] = Setting(value, origin, why)

    def as_records(self) -> dict[str, dict[str, Any]]:
        """For manifests: name to value, origin and reason."""
        return {
            name: {"value": s.value, "origin": s.origin, **({"why": s.why} if s.why else {})}
            for name, s in self.origins.items()
        }

    def lines(self) -> list[str]:
        """For people: one line a setting."""
        return [
            f"  {name:<22} {s.value!s:<24} {s.origin}{': ' + s.why if s.why else ''}"
            for name, s in self.origins.items()
        ]


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


def derive_learning_rate(hidden_size: int, family: str, steps: int) -> tuple[float, str]:
    """Peak learning rate of LoRA from the model's width, and the reason as one phrase.

    Source: `get_lr` of tinker-cookbook (Thinking Machines, 2025): 5e-5 x 10 x (2000 / width) ** power,
    power 0.781 for Llama and 0.0775 for Qwen; other families get Llama's. LoRA Without Regret (2025)
    finds 15 rather than 10 for short runs.
    """
    power = NARROW_POWER if family.startswith(NARROW_FAMILIES) else WIDTH_POWER
    times = SHORT_LORA_OVER_FULL if steps < SHORT_STEPS else LORA_OVER_FULL
    rate = FULL_RATE * times * (REFERENCE_WIDTH / hidden_size) ** power
    return float(f"{rate:.2g}"), f"width {hidden_size}, {steps} steps: {times} times the full rate"


def _put_schedule(settings: Settings, shape: Shape) -> None:
    steps = settings["steps"]
    settings.put("warmup_steps", max(1, round(WARMUP_RATIO * steps)), "derived", "5 % of the steps")
    settings.put("schedule", "cosine", "default")
    if shape.validation_rows == 0:
        settings.put("evaluate_every", None, "derived", "no validation rows, so no early stopping")
        return
    affordable = EVALUATION_COST_RATIO * shape.train_rows * settings["epochs"]
    affordable /= FORWARD_OVER_STEP * shape.validation_rows
    evaluations = max(math.ceil(settings["epochs"]), min(MOST_EVALUATIONS, int(affordable)))
    every = max(1, steps // evaluations)
    settings.put("evaluate_every", every, "derived", f"about {evaluations} evaluations in {steps} steps")


def _put_micro_batch(settings: Settings, shape: Shape) -> None:
    """The largest divisor of the batch whose longest rows fit the token budget of one pass."""
    budget = CPU_TOKENS_A_STEP if shape.on_cpu else GPU_TOKENS_A_STEP
    batch = settings["batch_size"]
    divisors = [n for n in range(1, batch + 1) if batch % n == 0]
    fitting = [n for n in divisors if n * shape.longest <= budget]
    micro = max(fitting, default=1)
    settings.put("micro_batch", micro, "derived", f"at most {budget} tokens a pass")
    needed = micro * shape.longest * shape.layers * shape.hidden_size * ACTIVATION_BYTES
    recompute = not shape.on_cpu and needed > shape.free_bytes / 2
    why = f"a pass keeps about {needed >> 20} MiB"
    settings.put("activation_checkpointing", recompute, "derived", why)
