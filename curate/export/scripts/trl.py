"""`train.py` for TRL: a script that runs as it is on the folder that it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from string import Template
from typing import Literal

from ....schemas.training_rules import Setting, Settings
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
_SHARED = (
    parts.ARGUMENTS,
    parts.SETTINGS,
    parts.TEMPLATE,
    parts.LONGEST,
    parts.FITTING,
    parts.TOKENS,
)
_TOOLS = "from trl.chat_template_utils import supports_tool_calling"


@dataclass(frozen=True)
class _Form:
    """What a form puts into the script."""

    objective: Objective
    what: str
    config: str
    trainer: str
    functions: tuple[str, ...]
    imports: str = _TOOLS
    prepare: str = ""
    options: str = ""


FORMS: dict[Form, _Form] = {
    "sft": _Form(
        objective="sft",
        what="every assistant turn is learnt",
        config="SFTConfig",
        trainer="SFTTrainer",
        functions=(parts.LENGTH, parts.MASK, parts.LABELLED),
        imports="from trl.chat_template_utils import get_training_chat_template, supports_tool_calling",
        prepare="""\
    trl_masks = can_mask(tokenizer)
    if not trl_masks:
        columns = rows["train"].column_names
        rows = rows.map(labelled, fn_kwargs={"tokenizer": tokenizer}, remove_columns=columns)
""",
        options=", assistant_only_loss=trl_masks",
    ),
    "prompt": _Form(
        objective="sft",
        what="the completion is learnt, the prompt is not",
        config="SFTConfig",
        trainer="SFTTrainer",
        functions=(parts.PAIR_LENGTH,),
        options=", completion_only_loss=True",
    ),
    "dpo": _Form(
        objective="dpo",
        what="the chosen answer is preferred to the rejected one",
        config="DPOConfig",
        trainer="DPOTrainer",
        functions=(parts.LONGER,),
    ),
    "kto": _Form(
        objective="kto",
        what="good answers become likelier, bad ones less likely",
        config="KTOConfig",
        trainer="KTOTrainer",
        functions=(parts.PAIR_LENGTH, parts.BALANCE),
        prepare="""\
    # KTO compares with the answer of the next row, so the rows of a pair may not stand together
    rows["train"] = rows["train"].shuffle(seed=SEED)
""",
        options=', **balance(rows["train"]["label"])',
    ),
}


def train_script(form: Form) -> Sidecar:
    """The script for rows of a form.

    Args:
        form: Conversations, prompts with completions, preferences, or labelled answers.
    """
    return Sidecar("train.py", lambda told: script(told, form), "trains an adapter on this folder with TRL")


def script(told: Exported, form: Form) -> str:
    """The text of `train.py`."""
    chosen = FORMS[form]
    more: dict[str, Setting] = {}
    if told.train.max_length is None:
        why = "no row is cut; one beyond the model's own limit counts as too long"
        more["MAX_LENGTH"] = Setting(None, "derived", why)
    settings = training_settings(told, chosen.objective)
    return Template(parts.SCRIPT).substitute(
        head(told, "TRL", PINS, chosen.what),
        constants=block(settings, told, more),
        config=chosen.config,
        trainer=chosen.trainer,
        imports=chosen.imports,
        prepare=chosen.prepare,
        options=chosen.options,
        functions=functions(
            (*_SHARED, *chosen.functions),
            {"config": chosen.config, "precision": parts.PRECISION, "numbers": parts.NUMBERS},
        ),
    )


def head(told: Exported, tool: str, pins: tuple[str, ...], what: str) -> dict[str, str]:
    """What the docstring of a script says.

    Args:
        told: What was exported.
        tool: The training library.
        pins: Requirements to install.
        what: What is learnt.
    """
    return {
        "tool": tool,
        "pins": " ".join(f'"{pin}"' for pin in pins),
        "version": title(told.version),
        "target": told.target,
        "counts": " and ".join(f"{n:,} {split}" for split, n in told.rows.items()),
        "what": what,
    }


def block(settings: Settings, told: Exported, more: dict[str, Setting]) -> str:
    """The constants, and what the rows have that a chat template may not show."""
    has = {
        f"HAS_{name.upper()}": Setting(name in told.has, "derived", "what the rows have")
        for name in ("tools", "tool_calls", "content_beside_calls", "reasoning")
    }
    return constants(settings, CONSTANTS, {**more, **has})


def functions(given: tuple[str, ...], values: dict[str, str]) -> str:
    """Functions one after another, with values filled in."""
    return "\n\n\n".join(Template(text).safe_substitute(values) for text in given)
