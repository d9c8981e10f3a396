"""Hyperparameters of Amazon Bedrock's customisation jobs, by export target, and the models they are for.

Source: docs.aws.amazon.com/bedrock/latest/userguide/custom-models-hp.html (pages cm-hp-nova-mm,
cm-hp-anth-claude-3, cm-hp-meta-llama31, cm-hp-titan-text) and custom-model-fine-tuning.html, read in
November 2026. The service takes every value as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

Customization = Literal["FINE_TUNING", "DISTILLATION"]


def value_text(value: Any) -> str:
    """A value as text: numbers without an exponent or needless zeros, others as Python spells them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return format(Decimal(str(value)).normalize(), "f")


@dataclass(frozen=True)
class Hyperparameter:
    """A value that the service takes.

    Args:
        name: As the service calls it.
        low: The least value.
        high: The largest value.
        whole: Whether it is a whole number.
    """

    name: str
    low: float
    high: float
    whole: bool = True

    def text(self, value: float) -> str | None:
        """A value as the service wants it; None where it is outside the range or no whole number."""
        if not self.low <= value <= self.high or (self.whole and value != int(value)):
            return None
        return value_text(value)

    @property
    def says(self) -> str:
        """The range, for people."""
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} from {Decimal(str(self.low)):f} to {Decimal(str(self.high)):f}"


@dataclass(frozen=True)
class JobKind:
    """How a target's files are used.

    Args:
        customization: `customizationType` of CreateModelCustomizationJob.
        model: A base model that can be customised with such files.
        settings: Names of the recipe's training settings to the service's hyperparameters.
        validation: Whether the job takes a validation file.
    """

    customization: Customization
    model: str
    settings: Mapping[str, Hyperparameter]
    validation: bool = True


_EPOCHS_5 = Hyperparameter("epochCount", 1, 5)
_EPOCHS_10 = Hyperparameter("epochCount", 1, 10)
_NOVA = {"epochs": _EPOCHS_5, "learning_rate": Hyperparameter("learningRate", 1e-6, 1e-4, whole=False)}
_LLAMA = {"epochs": _EPOCHS_10, "learning_rate": Hyperparameter("learningRate", 5e-6, 0.1, whole=False)}
_CLAUDE = {
    "epochs": _EPOCHS_10,
    "batch_size": Hyperparameter("batchSize", 4, 256),
    "patience": Hyperparameter("earlyStoppingPatience", 1, 10),
}

JOBS: dict[str, JobKind] = {
    "bedrock-nova": JobKind("FINE_TUNING", "amazon.nova-micro-v1:0:128k", _NOVA),
    "bedrock-nova-2": JobKind("FINE_TUNING", "amazon.nova-2-lite-v1:0:256k", {}, validation=False),
    "bedrock-nova-dpo": JobKind("FINE_TUNING", "amazon.nova-lite-v1:0:300k", _NOVA),
    "bedrock-claude": JobKind("FINE_TUNING", "anthropic.claude-3-haiku-20240307-v1:0:200k", _CLAUDE),
    "bedrock-llama": JobKind("FINE_TUNING", "meta.llama3-2-3b-instruct-v1:0:128k", _LLAMA),
    "bedrock-llama-3-1": JobKind("FINE_TUNING", "meta.llama3-1-8b-instruct-v1:0:128k", _LLAMA),
    "bedrock-titan": JobKind("FINE_TUNING", "amazon.titan-text-express-v1:0:8k", {"epochs": _EPOCHS_10}),
    "bedrock-distillation": JobKind("DISTILLATION", "amazon.nova-micro-v1:0:128k", {}, validation=False),
}
TEACHER = "amazon.nova-pro-v1:0"
"""A teacher of the distillation script; `customizationConfig.distillationConfig` names it."""


def hyperparameters(
    target: str, given: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, Hyperparameter]]:
    """What `told` gives for the hyperparameters of a target of `JOBS`."""
    return told(JOBS[target].settings, given)


def told(
    settings: Mapping[str, Hyperparameter], given: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, Hyperparameter]]:
    """Stated training settings as the service's hyperparameters, and those whose values it does not take.

    Args:
        settings: Names of the recipe's training settings to hyperparameters.
        given: Names of the recipe's training settings to stated values.

    Returns:
        Hyperparameters as text; setting to hyperparameter for values outside the range.
    """
    taken: dict[str, str] = {}
    refused: dict[str, Hyperparameter] = {}
    for name, hyperparameter in settings.items():
        value = given.get(name)
        if value is None:
            continue
        text = hyperparameter.text(value)
        if text is None:
            refused[name] = hyperparameter
        else:
            taken[hyperparameter.name] = text
    return taken, refused
