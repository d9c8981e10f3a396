"""What happens on the way: the loss history, the lines for people, and the stop when a run diverges."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from ..schemas.errors import ModelError
from .progress import Progress

DIVERGED_RATIO = 2.0
DIVERGED_MARGIN_NATS = 1.0
DIVERGED_LOGS = 3
SHOWN_LINES = 20


class Watch(TrainerCallback):
    """Writes `metrics.jsonl` line by line, tells progress, and stops a run that went wrong.

    A run has gone wrong when a loss is not finite, or when three logged losses in a row lie above
    twice the first one plus one nat.

    Args:
        path: The metrics file; each line has step, epoch and either the training loss (nats a token)
            or the validation loss.
        progress: Receives a line now and then.
    """

    def __init__(self, path: Path, progress: Progress) -> None:
        self.path = path
        self.progress = progress
        self.history: list[dict[str, Any]] = []
        self.wrong: str | None = None
        self._high = 0
        self._started = time.monotonic()

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Store one line, and look whether the run is still sane."""
        del args, kwargs
        record = self._record(logs or {}, state)
        if record is None:
            return
        self.history.append(record)
        finite = {k: v for k, v in record.items() if not (isinstance(v, float) and not math.isfinite(v))}
        with open(self.path, "a", encoding="utf-8") as f:
            f.write(json.dumps(finite, allow_nan=False) + "\n")
        self._tell(record, state)
        self.wrong = self.wrong or self._judge(record)
        if self.wrong:
            control.should_training_stop = True

    def _record(self, logs: dict[str, Any], state: TrainerState) -> dict[str, Any] | None:
        names = {"loss": "loss", "eval_loss": "validation_loss", "learning_rate": "learning_rate"}
        values = {name: float(logs[key]) for key, name in names.items() if key in logs}
        if "loss" not in values and "validation_loss" not in values:
            return None
        seconds = round(time.monotonic() - self._started, 2)
        return {
            "step": state.global_step,
            "epoch": round(state.epoch or 0.0, 4),
            **values,
            "seconds": seconds,
        }

    def _tell(self, record: dict[str, Any], state: TrainerState) -> None:
        every = max(1, state.max_steps // SHOWN_LINES)
        if "validation_loss" in record:
            text = f"validation loss {record['validation_loss']:.4f}"
        elif record["step"] % every == 0:
            text = f"loss {record['loss']:.4f}"
        else:
            return
        self.progress(f"step {record['step']}/{state.max_steps}  {text}  {record['seconds']:.0f} s")

    def _judge(self, record: dict[str, Any]) -> str | None:
        for name in ("loss", "validation_loss"):
            if name in record and not math.isfinite(record[name]):
                return f"the {name.replace('_', ' ')} became {record[name]} at step {record['step']}"
        if "loss" not in record:
            return None
        first = next(r["loss"] for r in self.history if "loss" in r)
        high = record["loss"] > DIVERGED_RATIO * first + DIVERGED_MARGIN_NATS
        self._high = self._high + 1 if high else 0
        if self._high < DIVERGED_LOGS:
            return None
        return f"the loss grew from {first:.2f} to {record['loss']:.2f} by step {record['step']}"

    def require_sane(self, learning_rate: float) -> None:
        """Raise if the run went wrong.

        Raises:
            ModelError: It did.
        """
        if self.wrong:
            raise ModelError(
                f"training diverged: {self.wrong}",
                where=f"learning rate {learning_rate:g}",
                fix="set a lower train.learning_rate in tuneset.yaml, for example a third of it",
            )

    def best(self) -> tuple[int | None, float | None, float | None]:
        """Step and value of the lowest validation loss after training began, and the base's own."""
        losses = [(r["validation_loss"], r["step"]) for r in self.history if "validation_loss" in r]
        base = next((loss for loss, step in losses if step == 0), None)
        later = [(loss, step) for loss, step in losses if step > 0]
        if not later:
            return None, None, base
        loss, step = min(later)
        return step, loss, base
