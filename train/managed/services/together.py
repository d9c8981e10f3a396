"""Fine-tuning at Together AI.

Source: the together SDK 3.1.1 and docs.together.ai/docs/fine-tuning, read 2026-11. Together knows files by
their checksum (a second upload of the same bytes gives the first one's id), and a job by its suffix.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ....schemas.errors import ServiceError
from ....schemas.recipe import TrainOptions
from ..call_text import Expression, call_text
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
from ..service import JobState, Plan, Status
from ..stainless import once, translated

ADDRESS = "https://api.together.ai"
METHODS = {"together": "sft", "together-prompt": "sft", "together-dpo": "dpo"}
TAKES = (
    "n_epochs", "n_evals", "n_checkpoints", "batch_size", "learning_rate", "lora", "lora_r", "lora_alpha",
    "lora_dropout", "warmup_ratio", "weight_decay", "max_seq_length", "packing", "train_on_inputs",
    "random_seed", "dpo_beta", "suffix",
)  # fmt: skip
MOST_SUFFIX = 40
STATUS: dict[str, Status] = {
    "pending": "queued",
    "queued": "queued",
    "running": "running",
    "compressing": "running",
    "uploading": "running",
    "cancel_requested": "running",
    "cancelled": "cancelled",
    "error": "failed",
    "completed": "succeeded",
}
UNCHECKED = frozenset({"PENDING", "QUEUED", "RUNNING"})
REFUSED = frozenset({"FAILED", "INVALID_FORMAT"})


class Together(ChatAnswers):
    """The service; a file carries the launch's key in its name, a job in its suffix."""

    name = "together"
    extra = "launch-together"
    environment = ("TOGETHER_API_KEY", "TOGETHER_BASE_URL", "TOGETHER_PROJECT_ID")
    targets = tuple(METHODS)
    takes = TAKES
    models = "for example --model meta-llama/Meta-Llama-3.1-8B-Instruct-Reference"

    def settings(self, train: TrainOptions, given: frozenset[str], seed: int) -> dict[str, Any]:
        """What the recipe states of epochs, batch size, learning rate, rank and length, and the seed."""
        found: dict[str, Any] = {}
        if "epochs" in given:
            found["n_epochs"] = whole_epochs(train.epochs, self.name, "n_epochs", most=100)
        if "batch_size" in given:
            found["batch_size"] = train.batch_size
        if "learning_rate" in given:
            found["learning_rate"] = train.learning_rate
        if "rank" in given:
            found |= {"lora": True, "lora_r": train.rank}
        if "max_length" in given:
            found["max_seq_length"] = train.max_length
        return {**found, "random_seed": seed}

    def destination(self, plan: Plan) -> str:
        del plan
        project = os.environ.get("TOGETHER_PROJECT_ID")
        host = named_host(os.environ.get("TOGETHER_BASE_URL") or ADDRESS)
        return f"Together AI at {host}" + (f", project {project}" if project else "")

    def ready(self, plan: Plan) -> None:
        self.sdk()
        require(self.environment[:1], self.name)
        if len(_suffix(plan)) > MOST_SUFFIX:
            raise ServiceError(
                f"the suffix {plan.settings['suffix']!r} is too long",
                where="--set suffix",
                fix=f"give at most {MOST_SUFFIX - len(plan.key) - 1} characters; the launch's key follows",
            )

    def arguments(self, plan: Plan, files: Mapping[str, str]) -> dict[str, Any]:
        """The arguments of `fine_tuning.create`."""
        found: dict[str, Any] = {"model": plan.model, "training_file": files["train"]}
        if "validation" in files:
            found |= {"validation_file": files["validation"], "n_evals": 1}
        found["training_method"] = METHODS[plan.target]
        if METHODS[plan.target] == "sft":
            found["train_on_inputs"] = "auto"
        return {**found, **plan.settings, "suffix": _suffix(plan)}

    def calls(self, plan: Plan) -> list[str]:
        lines = ["client = together.Together(max_retries=0)"]
        for split in plan.files:
            lines.append(
                f"{split} = client.files.upload({plan.file_name(split)!r}, purpose='fine-tune', check=False)"
                f"  # {plan.files[split]} under this name"
            )
        told = self.arguments(plan, {split: Expression(f"{split}.id") for split in plan.files})
        return [
            *lines,
            call_text("job = client.fine_tuning.create", told),
            "client.fine_tuning.retrieve(job.id)",
        ]

    def find_file(self, plan: Plan, split: str) -> str | None:
        wanted, size = plan.file_name(split), plan.files[split].stat().st_size
        with self.told("files.list"):
            for file in self.client().files.list().data:
                whole = file.bytes == size and file.processing_status not in REFUSED
                if file.filename == wanted and whole:
                    return text_of(file.id, "a file id")
        return None

    def upload(self, plan: Plan, split: str) -> str:
        path = plan.files[split]
        with self.told("files.upload"), _named(path, plan.file_name(split)) as named:
            client = self.client().with_options(timeout=upload_seconds(path.stat().st_size))
            made = client.files.upload(named, purpose="fine-tune", check=False)
            return text_of(made.id, "a file id")

    def find_job(self, plan: Plan, files: Mapping[str, str]) -> str | None:
        del files  # equal bytes have one id at Together, so a file does not tell whose job it is
        with self.told("fine_tuning.list"):
            for job in self.client().fine_tuning.list().data:
                if plan.key in f"{job.suffix or ''} {job.x_model_output_name or ''}":
                    return text_of(job.id, "a job id")
        return None

    def start(self, plan: Plan, files: Mapping[str, str]) -> str:
        for split, file_id in files.items():
            wait_for(lambda: self._checked(file_id, split), f"the {split} file")  # noqa: B023  called at once
        with self.told("fine_tuning.create"):
            return text_of(self.client().fine_tuning.create(**self.arguments(plan, files)).id, "a job id")

    def job(self, job_id: str) -> JobState:
        with self.told(f"fine_tuning.retrieve {job_id}"):
            job = self.client().fine_tuning.retrieve(job_id)
            status = STATUS.get(text_of(job.status, "a status"), "running")
            events = job.events or []
            message = events[-1].message if events else ""
        done, wanted = job.epochs_completed, job.n_epochs
        details = {
            "token_count": job.token_count,
            "total_price": job.total_price,
            "training_file": job.training_file,
            "validation_file": job.validation_file,
        }
        return JobState.of(
            status,
            model=job.x_model_output_name,
            said=message,
            progress=min(done / wanted, 1.0) if done is not None and wanted else None,
            details=details,
        )

    def _checked(self, file_id: str, split: str) -> bool:
        with self.told(f"files.retrieve {file_id}"):
            file = self.client().files.retrieve(file_id)
            status, report = file.processing_status, file.validation_report
        if status in REFUSED:
            why = report.error if report is not None and report.error else status
            raise ServiceError(
                f"together refuses the {split} file: {scrubbed(str(why), self.environment)}",
                where=f"files.retrieve {file_id}",
                fix="look at the row that it names, approve other rows and freeze again",
            )
        return status not in UNCHECKED

    def sdk(self) -> Any:
        """The SDK's module."""
        return load_sdk("together", self.extra, "tuneset launch --to together")

    def make_client(self) -> Any:
        sdk = self.sdk()
        return sdk.Together(**once(sdk))

    @contextmanager
    def told(self, what: str) -> Iterator[None]:
        """A call whose errors are told as ours; the SDK's own PUT to the storage raises those of httpx."""
        sdk = self.sdk()
        import httpx

        with translated(sdk, self.name, self.environment, what, lost=(httpx.TransportError,)):
            yield


def _suffix(plan: Plan) -> str:
    return f"{plan.settings.get('suffix', 'tuneset')}-{plan.key}"


@contextmanager
def _named(path: Path, name: str) -> Iterator[Path]:
    """The file under another name, which is the one that the SDK sends."""
    with tempfile.TemporaryDirectory(prefix="tuneset-") as folder:
        named = Path(folder) / name
        try:
            named.symlink_to(path)
        except OSError:  # a system without links
            shutil.copyfile(path, named)
        yield named


SERVICE = Together()
