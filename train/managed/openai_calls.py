"""Fine-tuning and chat as the OpenAI API has them; OpenAI itself and Azure differ in address and key.

Source: the openai SDK 3.54 and the published OpenAPI description of files, fine-tuning jobs and chat
completions (github.com/openai/openai-openapi), read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ...schemas.recipe import TrainOptions
from .call_text import Expression, call_text
from .chat import ChatAnswers
from .epochs import whole_epochs
from .sdk import load_sdk, require, text_of, upload_seconds
from .service import JobState, Plan, Status
from .stainless import translated

PURPOSE = "fine-tune"
PAGE = 1000
JOBS_PAGE = 100
KEY_IN_METADATA = "tuneset_key"
FRAMING = 2048
"""Most bytes by which a gateway counts a file larger than it is: the framing of the upload."""
HYPERPARAMETERS = ("n_epochs", "batch_size", "learning_rate_multiplier", "beta")
TAKES = (*HYPERPARAMETERS, "seed", "suffix")
STATUS: dict[str, Status] = {
    "validating_files": "queued",
    "queued": "queued",
    "pending": "queued",
    "notRunning": "queued",
    "running": "running",
    "paused": "running",
    "pausing": "running",
    "resuming": "running",
    "succeeded": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}
STEP = re.compile(r"\bStep (\d+)/(\d+)")


class OpenAICalls(ChatAnswers):
    """The calls; a subclass says where they go.

    Attributes:
        METHODS: Export target to the fine-tuning method of its files.
        METADATA: Whether a job may carry the launch's key.
    """

    LIMIT = "max_completion_tokens"
    METHODS: Mapping[str, str] = {}
    METADATA = True
    name = ""
    extra = ""
    environment: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    takes = TAKES

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(self.METHODS)

    def address(self) -> str:
        """Where the calls go."""
        raise NotImplementedError

    def constructor(self) -> str:
        """The client as Python text."""
        raise NotImplementedError

    def sdk(self) -> Any:
        """The SDK's module."""
        return load_sdk("openai", self.extra, f"tuneset launch --to {self.name}")

    @contextmanager
    def told(self, what: str) -> Iterator[None]:
        """A call whose errors are told as ours."""
        with translated(self.sdk(), self.name, self.environment, what):
            yield

    def settings(self, train: TrainOptions, given: frozenset[str], seed: int) -> dict[str, Any]:
        """Epochs and batch size where they are stated, and the seed.

        The learning rate of a recipe is absolute and these providers take a multiplier, so it is not sent.
        """
        found: dict[str, Any] = {}
        if "epochs" in given:
            found["n_epochs"] = whole_epochs(train.epochs, self.name, "n_epochs", most=50)
        if "batch_size" in given:
            found["batch_size"] = train.batch_size
        return {**found, "seed": seed}

    def ready(self, plan: Plan) -> None:
        del plan
        self.sdk()
        require(self.required, self.name)

    def arguments(self, plan: Plan, files: Mapping[str, str]) -> dict[str, Any]:
        """The arguments of `fine_tuning.jobs.create`."""
        method = self.METHODS[plan.target]
        hyper = {name: plan.settings[name] for name in HYPERPARAMETERS if name in plan.settings}
        found: dict[str, Any] = {"model": plan.model, "training_file": files["train"]}
        if "validation" in files:
            found["validation_file"] = files["validation"]
        found["method"] = {"type": method, method: {"hyperparameters": hyper} if hyper else {}}
        found |= {name: plan.settings[name] for name in ("seed", "suffix") if name in plan.settings}
        if self.METADATA:
            found["metadata"] = {KEY_IN_METADATA: plan.key, "tuneset_run": plan.name}
        return found

    def calls(self, plan: Plan) -> list[str]:
        lines = [f"client = {self.constructor()}"]
        for split in plan.files:
            lines.append(
                f"{split} = client.files.create(\n"
                f"    file=({plan.file_name(split)!r}, open({str(plan.files[split])!r}, 'rb')),\n"
                f"    purpose={PURPOSE!r},\n)"
            )
        told = self.arguments(plan, {split: Expression(f"{split}.id") for split in plan.files})
        return [
            *lines,
            call_text("job = client.fine_tuning.jobs.create", told),
            "client.fine_tuning.jobs.retrieve(job.id)",
        ]

    def find_file(self, plan: Plan, split: str) -> str | None:
        wanted = plan.file_name(split)
        with self.told("files.list"):
            for file in self.client().files.list(purpose=PURPOSE, limit=PAGE, order="desc"):
                if file.filename == wanted and file.status != "error":
                    return text_of(file.id, "a file id")
        return None

    def lookalikes(self, plan: Plan, split: str) -> frozenset[str]:
        """Files of the split's size at a service that gives every file one and the same name.

        OpenAI keeps names, so there it is always empty; gateways with its API may not.
        """
        size = plan.files[split].stat().st_size
        with self.told("files.list"):
            files = list(self.client().files.list(purpose=PURPOSE, limit=PAGE, order="desc"))
        if len({file.filename for file in files}) != 1:
            return frozenset()
        return frozenset(f.id for f in files if size <= f.bytes <= size + FRAMING)

    def upload(self, plan: Plan, split: str) -> str:
        path = plan.files[split]
        with self.told("files.create"), open(path, "rb") as f:
            made = self.client().files.create(
                file=(plan.file_name(split), f),
                purpose=PURPOSE,
                extra_headers={"Idempotency-Key": f"{plan.key}-{split}"},
                timeout=upload_seconds(path.stat().st_size),
            )
            return text_of(getattr(made, "id", None), "a file id")

    def find_job(self, plan: Plan, files: Mapping[str, str]) -> str | None:
        with self.told("fine_tuning.jobs.list"):
            for job in self.client().fine_tuning.jobs.list(limit=JOBS_PAGE):
                marked = (job.metadata or {}).get(KEY_IN_METADATA)
                if marked == plan.key or (marked is None and job.training_file == files["train"]):
                    return text_of(job.id, "a job id")
        return None

    def start(self, plan: Plan, files: Mapping[str, str]) -> str:
        with self.told("fine_tuning.jobs.create"):
            made = self.client().fine_tuning.jobs.create(
                **self.arguments(plan, files), extra_headers={"Idempotency-Key": f"{plan.key}-job"}
            )
            return text_of(getattr(made, "id", None), "a job id")

    def job(self, job_id: str) -> JobState:
        with self.told(f"fine_tuning.jobs.retrieve {job_id}"):
            job = self.client().fine_tuning.jobs.retrieve(job_id)
            status = STATUS.get(text_of(getattr(job, "status", None), "a status"), "running")
            failed = job.error.message if job.error is not None else ""
            message = failed if status != "running" else self._latest(job_id)
        if status == "succeeded" and not job.fine_tuned_model:
            status = "running"  # told before the model has its name
        details = {
            "trained_tokens": job.trained_tokens,
            "seed": job.seed,
            "result_files": job.result_files,
            "training_file": job.training_file,
            "validation_file": job.validation_file,
        }
        return JobState.of(
            status,
            model=job.fine_tuned_model,
            said=message,
            progress=progress_of(message),
            details=details,
        )

    def _latest(self, job_id: str) -> str:
        events = self.client().fine_tuning.jobs.list_events(job_id, limit=1).data
        return events[0].message if events else ""


def progress_of(message: str | None) -> float | None:
    """The share of `Step 40/100`, a ratio in [0, 1]."""
    step = STEP.search(message or "")
    return min(int(step[1]) / int(step[2]), 1.0) if step is not None and int(step[2]) else None
