"""Fine-tuning at Fireworks AI.

Source: the fireworks-ai SDK 1.2 and docs.fireworks.ai, read 2026-11. Data sets, jobs and models there have
ids that the caller chooses, so the launch's key is in each, and a second call cannot make a second one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ....schemas.errors import ServiceError
from ....schemas.recipe import TrainOptions
from ..call_text import call_text
from ..chat import ChatAnswers
from ..epochs import whole_epochs
from ..sdk import (
    load_sdk,
    named_host,
    require,
    scrubbed,
    text_of,
    upload_seconds,
    wait_for,
)
from ..service import JobState, NoAnswer, Plan, Status
from ..stainless import once, translated

ADDRESS = "https://api.fireworks.ai"
DIRECT_BYTES = 150_000_000
"""Largest upload in one request; larger files go to a signed address."""
TARGETS = ("fireworks", "fireworks-dpo")
TAKES = (
    "epochs", "batch_size", "batch_size_samples", "learning_rate", "lora_rank", "max_context_length",
    "early_stop", "eval_auto_carveout", "gradient_accumulation_steps", "learning_rate_warmup_steps",
    "jinja_template", "region",
)  # fmt: skip
STATUS: dict[str, Status] = {
    "JOB_STATE_COMPLETED": "succeeded",
    "JOB_STATE_EARLY_STOPPED": "succeeded",
    "JOB_STATE_FAILED": "failed",
    "JOB_STATE_EXPIRED": "failed",
    "JOB_STATE_CANCELLED": "cancelled",
    "JOB_STATE_DELETING": "cancelled",
    "JOB_STATE_DELETING_CLEANING_UP": "cancelled",
    "JOB_STATE_CREATING": "queued",
    "JOB_STATE_PENDING": "queued",
    "JOB_STATE_VALIDATING": "queued",
    "JOB_STATE_RE_QUEUEING": "queued",
    "JOB_STATE_CREATING_INPUT_DATASET": "queued",
}
"""Every other state is one of a job at work."""


class Fireworks(ChatAnswers):
    """The service; the launch's key is in the ids of data sets, job and model."""

    name = "fireworks"
    extra = "launch-fireworks"
    environment = ("FIREWORKS_API_KEY", "FIREWORKS_ACCOUNT_ID", "FIREWORKS_BASE_URL")
    targets = TARGETS
    takes = TAKES
    models = "for example --model accounts/fireworks/models/llama-v3p1-8b-instruct"

    def settings(self, train: TrainOptions, given: frozenset[str], seed: int) -> dict[str, Any]:
        """What the recipe states of epochs, batch size, learning rate, rank and length.

        Its `batch_size` counts tokens, so rows go to `batch_size_samples`; it takes no seed.
        """
        del seed
        found: dict[str, Any] = {}
        if "epochs" in given:
            found["epochs"] = whole_epochs(train.epochs, self.name, "epochs", most=100)
        if "batch_size" in given:
            found["batch_size_samples"] = train.batch_size
        if "learning_rate" in given:
            found["learning_rate"] = train.learning_rate
        if "rank" in given:
            found["lora_rank"] = train.rank
        if "max_length" in given:
            found["max_context_length"] = train.max_length
        return found

    def destination(self, plan: Plan) -> str:
        del plan
        host = named_host(os.environ.get("FIREWORKS_BASE_URL") or ADDRESS)
        return f"Fireworks AI at {host}, account {os.environ.get('FIREWORKS_ACCOUNT_ID') or 'ACCOUNT'}"

    def ready(self, plan: Plan) -> None:
        del plan
        self.sdk()
        require(self.environment[:2], self.name)

    def arguments(self, plan: Plan, files: Mapping[str, str]) -> dict[str, Any]:
        """The arguments of the job's `create`."""
        output = f"{_account()}/models/{plan.label}"
        if plan.target == "fireworks-dpo":
            config = {"base_model": plan.model, "output_model": output, **plan.settings}
            return {
                "dpo_job_id": plan.label,
                "dataset": files["train"],
                "display_name": plan.name,
                "training_config": config,
            }
        found: dict[str, Any] = {
            "supervised_fine_tuning_job_id": plan.label,
            "dataset": files["train"],
            "base_model": plan.model,
            "output_model": output,
            "display_name": plan.name,
        }
        if "validation" in files:
            found["evaluation_dataset"] = files["validation"]
        return {**found, **plan.settings}

    def calls(self, plan: Plan) -> list[str]:
        lines = ["client = fireworks.Fireworks(max_retries=0)"]
        for split in plan.files:
            dataset = _dataset_id(plan, split)
            lines.append(
                f"client.datasets.create(dataset_id={dataset!r}, dataset={self._dataset(plan, split)!r})"
            )
            if plan.files[split].stat().st_size <= DIRECT_BYTES:
                name = plan.file_name(split)
                opened = f"({name!r}, open({str(plan.files[split])!r}, 'rb'))"
                lines.append(f"client.datasets.upload({dataset!r}, file={opened})")
            else:
                lines.append(
                    "fireworks.lib.dataset_upload.upload_dataset_shards("
                    f"client, {dataset!r}, {str(plan.files[split])!r})"
                )
        told = self.arguments(plan, {split: _dataset_name(plan, split) for split in plan.files})
        return [
            *lines,
            call_text(f"job = client.{_jobs(plan.target)}.create", told),
            f"client.{_jobs(plan.target)}.get({plan.label!r})",
        ]

    def find_file(self, plan: Plan, split: str) -> str | None:
        """The data set, once its rows are there and checked."""
        dataset = self._known(lambda client: client.datasets.get(_dataset_id(plan, split)), "datasets.get")
        return _dataset_name(plan, split) if dataset is not None and dataset.state == "READY" else None

    def upload(self, plan: Plan, split: str) -> str:
        path, dataset = plan.files[split], _dataset_id(plan, split)
        with self.told("datasets.create", there=True):
            self.client().datasets.create(dataset_id=dataset, dataset=self._dataset(plan, split))
        size = path.stat().st_size
        with self.told("datasets.upload", there=True):
            if size > DIRECT_BYTES:
                from fireworks.lib.dataset_upload import upload_dataset_shards

                upload_dataset_shards(self.client(), dataset, str(path))
            else:
                with open(path, "rb") as f:
                    self.client().datasets.upload(
                        dataset, file=(plan.file_name(split), f), timeout=upload_seconds(size)
                    )
        wait_for(lambda: self._checked(plan, split), f"the {split} file")
        return _dataset_name(plan, split)

    def _checked(self, plan: Plan, split: str) -> bool:
        with self.told("datasets.get"):
            dataset = self.client().datasets.get(_dataset_id(plan, split))
            code = dataset.status.code if dataset.status is not None else None
            said = dataset.status.message if dataset.status is not None else ""
        if code not in (None, "OK"):
            raise ServiceError(
                f"fireworks refuses the {split} file: {scrubbed(str(said or code), self.environment)}",
                where=f"data set {_dataset_id(plan, split)}",
                fix="look at the row that it names, approve other rows and freeze again",
            )
        return dataset.state == "READY"

    def find_job(self, plan: Plan, files: Mapping[str, str]) -> str | None:
        del files
        jobs = _jobs(plan.target)
        found = self._known(lambda client: getattr(client, jobs).get(plan.label), f"{jobs}.get")
        return f"{jobs}/{plan.label}" if found is not None else None

    def start(self, plan: Plan, files: Mapping[str, str]) -> str:
        jobs = _jobs(plan.target)
        with self.told(f"{jobs}.create", there=True):
            made = getattr(self.client(), jobs).create(**self.arguments(plan, files))
            text_of(made.name, "a name")
        return f"{jobs}/{plan.label}"

    def job(self, job_id: str) -> JobState:
        jobs, _, label = job_id.partition("/")
        with self.told(f"{jobs}.get {label}"):
            job = getattr(self.client(), jobs).get(label)
            status = STATUS.get(text_of(job.state, "a state"), "running")
            said = job.status.message if job.status is not None else ""
        share = getattr(job, "job_progress", None)
        cost = getattr(job, "estimated_cost", None)
        details = {"estimated_cost": cost.to_dict() if cost is not None else None}
        config = getattr(job, "training_config", None)
        return JobState.of(
            status,
            model=(config.output_model if config is not None else job.output_model)
            or f"{_account()}/models/{label}",
            said=said,
            progress=share.percent / 100 if share is not None and share.percent is not None else None,
            details=details,
        )

    def _dataset(self, plan: Plan, split: str) -> dict[str, Any]:
        with open(plan.files[split], "rb") as f:
            rows = sum(1 for _ in f)
        return {"display_name": f"{plan.name} {split}", "example_count": str(rows), "user_uploaded": {}}

    def _known(self, get: Any, what: str) -> Any:
        """What there is under an id; None where there is nothing."""
        missing = self.sdk().NotFoundError
        with self.told(what):
            try:
                return get(self.client())
            except missing:
                return None

    def sdk(self) -> Any:
        """The SDK's module."""
        return load_sdk("fireworks", self.extra, "tuneset launch --to fireworks")

    def make_client(self) -> Any:
        sdk = self.sdk()
        return sdk.Fireworks(**once(sdk))

    @contextmanager
    def told(self, what: str, *, there: bool = False) -> Iterator[None]:
        """A call whose errors are told as ours.

        Args:
            what: The call.
            there: Whether "it is there already" is no error: the id is the launch's own.
        """
        sdk = self.sdk()
        import httpx

        with translated(sdk, self.name, self.environment, what, lost=(httpx.TransportError,)):
            try:
                yield
            except sdk.ConflictError:
                if not there:
                    raise
            except httpx.HTTPStatusError as error:
                status = error.response.status_code
                if status >= 500 or status == 429:
                    raise NoAnswer(f"HTTP {status}") from error
                raise ServiceError(
                    f"fireworks refuses the upload (HTTP {status})",
                    where=what,
                    fix=f"run the same command again; {scrubbed(error.response.text, self.environment)}",
                ) from error


def _account() -> str:
    return f"accounts/{os.environ.get('FIREWORKS_ACCOUNT_ID') or 'ACCOUNT'}"


def _dataset_id(plan: Plan, split: str) -> str:
    return f"{plan.label}-{split}"


def _dataset_name(plan: Plan, split: str) -> str:
    return f"{_account()}/datasets/{_dataset_id(plan, split)}"


def _jobs(target: str) -> str:
    return "dpo_jobs" if target == "fireworks-dpo" else "supervised_fine_tuning_jobs"


SERVICE = Fireworks()
