"""Settings of a training run with their origins, and the rules that derive what nobody gave."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

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
SCHEDULE = "cosine"
ALPHA_OVER_RANK = 2  # Biderman et al. 2024, LoRA Learns Less and Forgets Less
GPU_TOKENS_A_STEP = 32768
MOST_EVALUATIONS = 10
EVALUATION_COST_RATIO = 0.15
FORWARD_OVER_STEP = 1 / 3


@dataclass(frozen=True)
class Setting:
    """One value and why it is what it is."""

    value: Any
    origin: Origin
    why: str = ""

    @property
    def note(self) -> str:
        """The origin and the reason, for a comment."""
        return f"{self.origin}: {self.why}" if self.why else self.origin


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


def warmup_steps(steps: int) -> int:
    """Updates over which the learning rate rises."""
    return max(1, round(WARMUP_RATIO * steps))


def evaluations(train_rows: int, validation_rows: int, epochs: float) -> int:
    """How often the validation loss is measured: at most 10 times, at least once an epoch.

    Between the two, as often as costs no more than 15 % of the training, where a row that is only
    measured costs a third of one that is learnt.

    Args:
        train_rows: Training rows.
        validation_rows: Validation rows, at least 1.
        epochs: Passes over the training rows.
    """
    affordable = EVALUATION_COST_RATIO * train_rows * epochs / (FORWARD_OVER_STEP * validation_rows)
    return max(math.ceil(epochs), min(MOST_EVALUATIONS, int(affordable)))


def micro_batch(batch: int, longest: int, budget: int) -> int:
    """The largest divisor of the batch whose longest rows fit the token budget of one pass.

    Args:
        batch: Rows an update.
        longest: Tokens of the longest row.
        budget: Tokens of one pass.
    """
    divisors = [n for n in range(1, batch + 1) if batch % n == 0]
    return max((n for n in divisors if n * longest <= budget), default=1)
