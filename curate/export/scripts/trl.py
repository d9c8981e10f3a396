"""`train.py` for TRL: a script that runs as it is on the folder that it stands in."""

from __future__ import annotations

from typing import Literal

from ....schemas.training_rules import Setting
from ..settings import Objective, training_settings
from ..sidecars import Exported, Sidecar
from . import trl_parts as parts
from .constants import constants, title

Form = Literal["sft", "prompt", "dpo", "kto"]

PINS = ("trl==1.16.0", "transformers==5.23.0", "datasets==5.2.0", "peft==0.21.2", "accelerate==1.15.0")
"""The versions that the scripts were tested with."""
CONSTANTS = {
    "MODEL": "base",
    "RANK": "rank",
    "ALPHA": "alpha",
    "LEARNING_RATE": "learning_rate",
    "EPOCHS": "epochs",
    "ROWS_A_PASS": "micro_batch",
    "PASSES_AN_UPDATE": "accumulation",
    "WARMUP_STEPS": "warmup_steps",
    "SCHEDULE": "schedule",
    "EVALUATE_EVERY": "evaluate_every",
    "PATIENCE": "patience",
    "SEED": "seed",
    "MAX_LENGTH": "max_length",
    "OVER_LENGTH": "over_length",
}
OBJECTIVES: dict[Form, Objective] = {"sft": "sft", "prompt": "sft", "dpo": "dpo", "kto": "kto"}


def train_script(form: Form) -> Sidecar:
    """The script for rows of a form.

    Args:
        form: Conversations, prompts with completions, preferences, or labelled answers.
    """
    return Sidecar("train.py", lambda told: script(told, form), "trains an adapter on this folder with TRL")


def script(told: Exported, form: Form) -> str:
    """The text of `train.py`."""
    settings = training_settings(told, OBJECTIVES[form])
    more: dict[str, Setting] = {}
    if told.train.max_length is None:
        why = "no row is cut; one beyond the model's own limit counts as too long"
        more["MAX_LENGTH"] = Setting(None, "derived", why)
    for name in ("tools", "reasoning"):
        more[f"HAS_{name.upper()}"] = Setting(name in told.has, "derived", f"whether any row has {name}")
    return parts.SCRIPT.format(
        what=parts.WHAT[form],
        pins=" ".join(f'"{pin}"' for pin in PINS),
        version=title(told.version),
        target=told.target,
        counts=" and ".join(f"{n:,} {split}" for split, n in told.rows.items()),
        constants=constants(settings, CONSTANTS, more),
        config=parts.CONFIG[form],
        trainer=parts.TRAINER[form],
        imports=parts.IMPORTS[form],
        prepare=parts.PREPARE[form],
        options=parts.OPTIONS[form],
        functions="\n\n\n".join(parts.FUNCTIONS[form]),
    )
