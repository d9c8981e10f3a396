"""Training settings for the scripts and configs beside an export, each with where its value comes from.

What the recipe states is taken as it is. What it leaves open follows from the base model and the rows by
the same rules that `tuneset train` uses; the tokens of the rows are not known here, so bytes stand for them.
"""

from __future__ import annotations

import math
import re
from typing import Literal

from ...schemas.known_models import KNOWN_MODELS
from ...schemas.recipe import Recipe, TrainOptions
from ...schemas.training_rules import (
    ALPHA_OVER_RANK,
    GPU_TOKENS_A_STEP,
    SCHEDULE,
    Settings,
    derive_learning_rate,
    evaluations,
    micro_batch,
    warmup_steps,
)
from .sidecars import Exported

Objective = Literal["sft", "dpo", "kto"]

BYTES_A_TOKEN = 3
"""English prose has about 4 in current vocabularies, JSON and other languages about 2 to 3."""
LENGTH_STEP = 64
TEMPLATE_TOKENS = 256
"""Room for what a chat template adds to a row: a system prompt of its own, how to call tools."""
PREFERENCE_RATE = 5e-6
"""LoRA with DPO: alignment-handbook, recipes/zephyr-7b-beta/dpo/config_qlora.yaml (Tunstall et al. 2023)."""
UNKNOWN_RATE = 2e-4
"""Adapters on models of 7 and 13 billion parameters: QLoRA, Dettmers et al. 2023, table 9."""
_SIZE = re.compile(r"(?<![a-z0-9.])(\d+(?:\.\d+)?)([bm])(?![a-z0-9])", re.IGNORECASE)


def training_settings(told: Exported, objective: Objective = "sft") -> Settings:
    """Every setting that a training script needs.

    `base` (hub id or folder), `method`, `rank`, `alpha`, `epochs`, `batch_size`, `micro_batch`,
    `accumulation`, `steps`, `learning_rate`, `warmup_steps`, `schedule`, `max_length`, `longest`, `packing`,
    `over_length`, `patience`, `evaluate_every` (None without validation rows) and `seed`.

    Args:
        told: What was exported.
        objective: What is learnt: answers, or which of two is better, or whether one is good.

    Returns:
        Values by name; `origins[name].note` is a comment such as `derived: 5 % of the steps`.
    """
    settings = Settings()
    _put_base(settings, told)
    _put_stated(settings, told, objective)
    rows = told.rows.get("train", 0)
    an_epoch = max(1, math.ceil(rows / settings["batch_size"]))
    steps = max(1, math.ceil(an_epoch * settings["epochs"]))
    settings.put("steps", steps, "derived", f"{rows:,} rows, {an_epoch:,} updates an epoch")
    _put_length(settings, told)
    _put_passes(settings, objective)
    _put_rate(settings, told, objective)
    settings.put("warmup_steps", warmup_steps(steps), "derived", "5 % of the steps")
    settings.put("schedule", SCHEDULE, "default")
    settings.put("packing", False, "default", "no row is cut, and none sees another")
    _put_evaluation(settings, told)
    settings.put("seed", told.seed, "default" if told.seed == Recipe().seed else "given")
    return settings


def _put_base(settings: Settings, told: Exported) -> None:
    base, origin = told.train.base, _origin(told, "base")
    if base in KNOWN_MODELS:
        settings.put("base", KNOWN_MODELS[base].hub, origin, f"{base} on the hub")
    else:
        settings.put("base", base, origin)


def _put_stated(settings: Settings, told: Exported, objective: Objective) -> None:
    for name in ("method", "rank", "batch_size", "patience", "over_length"):
        settings.put(name, getattr(told.train, name), _origin(told, name))
    settings.put("alpha", ALPHA_OVER_RANK * settings["rank"], "derived", "2 x rank")
    if objective == "sft" or _origin(told, "epochs") == "given":
        settings.put("epochs", told.train.epochs, _origin(told, "epochs"))
    else:
        settings.put("epochs", 1, "default", "preferences are seen once: alignment-handbook")


def _origin(told: Exported, name: str) -> Literal["given", "default"]:
    """A workspace's recipe has its defaults written out, so a default that it states is still one."""
    changed = getattr(told.train, name) != TrainOptions.model_fields[name].default
    return "given" if changed and name in told.given else "default"


def _put_length(settings: Settings, told: Exported) -> None:
    """`longest` is an estimate, for batches; `max_length` is a bound, so that nothing is cut."""
    known = KNOWN_MODELS.get(told.train.base)
    limit = known.limit if known is not None else None
    longest = max(1, math.ceil(told.longest / BYTES_A_TOKEN))
    settings.put("longest", longest, "derived", f"the longest row's bytes / {BYTES_A_TOKEN}")
    if told.train.max_length is not None:
        settings.put("max_length", told.train.max_length, "given")
        return
    bound = LENGTH_STEP * math.ceil((told.longest + TEMPLATE_TOKENS) / LENGTH_STEP)
    if limit is not None and limit < bound:
        settings.put("max_length", limit, "derived", "the model's limit")
    else:
        settings.put("max_length", bound, "derived", "the longest row's bytes, so that no row is cut")


def _put_passes(settings: Settings, objective: Objective) -> None:
    """Rows that go through the model at once; KTO compares the rows of a pass, so it needs two."""
    batch = settings["batch_size"]
    micro = micro_batch(batch, settings["longest"], GPU_TOKENS_A_STEP)
    why = f"about {GPU_TOKENS_A_STEP:,} tokens a pass at most"
    if objective == "kto" and micro == 1:
        micro = next((n for n in range(2, batch + 1) if batch % n == 0), 2)
        why = "KTO compares the rows of a pass, so it takes at least two"
    settings.put("micro_batch", micro, "derived", why)
    settings.put("accumulation", max(1, batch // micro), "derived", "batch size / rows a pass")


def _put_rate(settings: Settings, told: Exported, objective: Objective) -> None:
    if told.train.learning_rate is not None:
        settings.put("learning_rate", told.train.learning_rate, "given")
        return
    if objective != "sft":
        settings.put("learning_rate", PREFERENCE_RATE, "default", "LoRA on preferences: alignment-handbook")
        return
    known = KNOWN_MODELS.get(told.train.base)
    if known is not None:
        rate, why = derive_learning_rate(known.width, known.family, settings["steps"])
        settings.put("learning_rate", rate, "derived", why)
        return
    width = estimated_width(settings["base"])
    if width is None:
        settings.put(
            "learning_rate", UNKNOWN_RATE, "default", "the model's size is not known here: QLoRA, 2023"
        )
        return
    rate, why = derive_learning_rate(width, _family(settings["base"]), settings["steps"])
    settings.put("learning_rate", rate, "derived", f"{why}; the width is estimated from the model's name")


def estimated_width(name: str) -> int | None:
    """Width of a model whose name tells its size, such as `8B`, or None.

    A transformer of depth d and width w has about 12 d w^2 parameters (Kaplan et al. 2020), and w is about
    128 d in models of 1 to 70 billion.

    Args:
        name: A hub id or folder.
    """
    count = parameters_of(name)
    return None if count is None else max(64, round((count * 128 / 12) ** (1 / 3) / 64) * 64)


def parameters_of(name: str) -> float | None:
    """How many parameters a model has by its name, such as 8e9 for `Llama-3.1-8B`, or None.

    Args:
        name: A hub id or folder.
    """
    found = _SIZE.search(name.rsplit("/", 1)[-1])
    return float(found[1]) * (1e9 if found[2].lower() == "b" else 1e6) if found else None


def _family(name: str) -> str:
    """The family as the rate's rule tells them apart."""
    return "qwen2" if re.search(r"qwen-?[23]", name, re.IGNORECASE) else "llama"


def _put_evaluation(settings: Settings, told: Exported) -> None:
    rows, steps = told.rows.get("validation", 0), settings["steps"]
    if not rows:
        settings.put("evaluate_every", None, "derived", "no validation rows, so no early stopping")
        return
    wanted = evaluations(told.rows.get("train", 0), rows, settings["epochs"])
    every = max(1, steps // wanted)
    settings.put("evaluate_every", every, "derived", f"about {wanted} evaluations in {steps:,} steps")
