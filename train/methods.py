"""Training methods: each turns settings into a PEFT configuration."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..schemas.errors import RecipeError, did_you_mean
from ..schemas.training_rules import ALPHA_OVER_RANK

if TYPE_CHECKING:
    from peft import PeftConfig

    from ..schemas.training_rules import Settings


def lora(settings: Settings) -> PeftConfig:
    """LoRA on every linear layer but the output head.

    Source: Hu et al. 2021; all layers after LoRA Without Regret (2025), where attention alone loses.
    """
    from peft import LoraConfig

    rank = settings["rank"]
    return LoraConfig(
        r=rank,
        lora_alpha=ALPHA_OVER_RANK * rank,
        lora_dropout=0.0,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


METHODS: dict[str, Callable[[Settings], PeftConfig]] = {"lora": lora}


def check_method(name: str) -> str:
    """The name itself, when it is a method.

    Raises:
        RecipeError: It is not.
    """
    if name not in METHODS:
        raise RecipeError(f"unknown method {name!r}", where="train.method", fix=did_you_mean(name, METHODS))
    return name
