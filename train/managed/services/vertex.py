"""Tuning of Gemini on Vertex AI, with the files in Cloud Storage.

Source: google-genai 3.6 and the descriptions of projects.locations.tuningJobs and of Cloud Storage objects,
read 2026-11. A file's object has the launch's key in its name and is made only where none is; a job has the
key in its labels.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from ....schemas.errors import ServiceError
from ....schemas.recipe import TrainOptions
from ..call_text import call_text
from ..epochs import whole_epochs
from ..gemini_chat import ask_gemini
from ..google import Bucket, credentials, told
from ..sdk import READ_SECONDS, load_sdk, require, text_of
from ..service import JobState, Plan, Reply, Status

METHODS = {"vertex": "SUPERVISED_FINE_TUNING", "vertex-dpo": "PREFERENCE_TUNING"}
PLACE = ("GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION", "GOOGLE_CLOUD_BUCKET")
LABEL = "tuneset-key"
SIZES = {1: "ONE", 2: "TWO", 4: "FOUR", 8: "EIGHT", 16: "SIXTEEN", 32: "THIRTY_TWO"}
"""Adapter sizes of google-genai; which of them a model takes is the service's to say."""
STATUS: dict[str, Status] = {
    "JOB_STATE_UNSPECIFIED": "queued",
    "JOB_STATE_QUEUED": "queued",
    "JOB_STATE_PENDING": "queued",
    "JOB_STATE_SUCCEEDED": "succeeded",
    "JOB_STATE_PARTIALLY_SUCCEEDED": "succeeded",
    "JOB_STATE_FAILED": "failed",
    "JOB_STATE_EXPIRED": "failed",
    "JOB_STATE_CANCELLED": "cancelled",
}
"""Every other state is one of a job at work."""
NAME_LENGTH = 128
PAGE = 100


class Vertex:
    """The service."""

    name = "vertex"
    targets = tuple(METHODS)
    environment = (
        *PLACE, "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_VERTEX_BASE_URL", "STORAGE_EMULATOR_HOST",
    )  # fmt: skip
    extra = "launch-vertex"
    takes = ("epoch_count", "adapter_size", "learning_rate_multiplier", "beta")
    models = "for example --model gemini-2.5-flash"

    def settings(self, train: TrainOptions, given: frozenset[str], seed: int) -> dict[str, Any]:
        """Epochs and adapter size where the recipe states epochs and rank.

        Its learning rate is absolute and the service takes a factor on its own; a seed is not taken.
        """
        del seed
        found: dict[str, Any] = {}
        if "epochs" in given:
            found["epoch_count"] = whole_epochs(train.epochs, self.name, "epoch_count")
        if "rank" in given:
            found["adapter_size"] = max(size for size in SIZES if size <= train.rank)
        return found

    def destination(self, plan: Plan) -> str:
        del plan
        project, location, bucket = (os.environ.get(name) or name for name in PLACE)
        return f"Vertex AI in {location}, project {project}, files in gs://{bucket}"

    def ready(self, plan: Plan) -> None:
        load_sdk("google.genai", self.extra, "tuneset launch --to vertex")
        require(PLACE, "Google Cloud")
        if "adapter_size" in plan.settings:
            _size(plan.settings["adapter_size"])

    def arguments(self, plan: Plan, files: Mapping[str, str]) -> dict[str, Any]:
        """The arguments of `tunings.tune`, as JSON values.

        Raises:
            ServiceError: An adapter size that there is not.
        """
        config: dict[str, Any] = {"method": METHODS[plan.target], **plan.settings}
        if "adapter_size" in config:
            config["adapter_size"] = _size(config["adapter_size"])
        if "validation" in files:
            config["validation_dataset"] = {"gcs_uri": files["validation"]}
        config["tuned_model_display_name"] = plan.name[:NAME_LENGTH]
        config["labels"] = {LABEL: plan.key}
        return {
            "base_model": plan.model,
            "training_dataset": {"gcs_uri": files["train"]},
            "config": config,
        }

    def calls(self, plan: Plan) -> list[str]:
        project, location, bucket = (os.environ.get(name) or name for name in PLACE)
        files = {split: f"gs://{bucket}/{_object(plan, split)}" for split in plan.files}
        return [
            "session = google.auth.transport.requests.AuthorizedSession(google.auth.default()[0])",
            *(
                f"session.post('https://storage.googleapis.com/upload/storage/v1/b/{bucket}/o',\n"
                f"    params={{'uploadType': 'media', 'name': {_object(plan, split)!r}, "
                f"'ifGenerationMatch': '0'}},\n    data=open({str(plan.files[split])!r}, 'rb'))"
                for split in plan.files
            ),
            f"client = google.genai.Client(vertexai=True, project={project!r}, location={location!r})",
            call_text("job = client.tunings.tune", self.arguments(plan, files)),
            "client.tunings.get(name=job.name)",
        ]

    def find_file(self, plan: Plan, split: str) -> str | None:
        path = _object(plan, split)
        with told("objects.get"):
            bucket = self._bucket()
            return bucket.uri(path) if bucket.holds(path, plan.files[split]) else None

    def upload(self, plan: Plan, split: str) -> str:
        path = _object(plan, split)
        with told("objects.insert"):
            bucket = self._bucket()
            bucket.insert(path, plan.files[split])
            return bucket.uri(path)

    def find_job(self, plan: Plan, files: Mapping[str, str]) -> str | None:
        del files
        with told("tunings.list"):
            client = self.client()
            for job in client.tunings.list(config={"page_size": PAGE}):
                if (job.labels or {}).get(LABEL) == plan.key:
                    return text_of(job.name, "a job name")
        return None

    def start(self, plan: Plan, files: Mapping[str, str]) -> str:
        with told("tunings.tune"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the SDK calls its tuning experimental
            client = self.client()
            made = client.tunings.tune(**self.arguments(plan, files))
            return text_of(made.name, "a job name")

    def job(self, job_id: str) -> JobState:
        with told(f"tunings.get {job_id}"):
            client = self.client()
            job = client.tunings.get(name=job_id)
            state = text_of(getattr(job.state, "value", job.state), "a state")
        status = STATUS.get(state, "running")
        tuned = job.tuned_model
        model = (tuned.endpoint or tuned.model) if tuned is not None else None
        if status == "succeeded" and not model:
            status = "running"  # told before the endpoint is there
        said = job.error.message if job.error is not None else ""
        details = {"model": tuned.model if tuned is not None else None, **_facts(job)}
        return JobState.of(
            status,
            model=model,
            said=said,
            details=details,
        )

    def ask(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] | None,
        max_tokens: int,
    ) -> Reply:
        """One answer at temperature 0; see `service.Asks`."""
        with told(f"models.generate_content {model}"):
            return ask_gemini(self.client(), model, messages, tools, max_tokens)

    def client(self) -> Any:
        """A client that never repeats a call by itself; it closes once nothing refers to it."""
        genai = load_sdk("google.genai", self.extra, "tuneset launch --to vertex")
        return genai.Client(
            vertexai=True,
            project=os.environ[PLACE[0]],
            location=os.environ[PLACE[1]],
            credentials=credentials(),
            http_options={"timeout": int(READ_SECONDS * 1000), "retry_options": {"attempts": 1}},
        )

    def _bucket(self) -> Bucket:
        return Bucket(os.environ[PLACE[2]].removeprefix("gs://").rstrip("/"))


def _object(plan: Plan, split: str) -> str:
    return f"tuneset/{plan.file_name(split)}"


def _size(given: Any) -> str:
    names = {f"ADAPTER_SIZE_{name}" for name in SIZES.values()}
    if given in names:
        return given
    if isinstance(given, bool) or given not in SIZES:
        raise ServiceError(
            f"there is no adapter size {given!r}",
            where="--set adapter_size",
            fix=f"choose one of {', '.join(map(str, SIZES))}",
        )
    return f"ADAPTER_SIZE_{SIZES[given]}"


def _facts(job: Any) -> dict[str, Any]:
    """What the service tells of the data: paid tokens, and why it left examples out."""
    stats = job.tuning_data_stats
    found = None
    if stats is not None:
        found = stats.supervised_tuning_data_stats or stats.preference_optimization_data_stats
    return {
        "billable_tokens": getattr(found, "total_billable_token_count", None),
        "dropped_examples": getattr(found, "dropped_example_reasons", None) or None,
    }


SERVICE = Vertex()
