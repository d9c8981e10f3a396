"""The script beside Vertex AI tuning files: it uploads them and starts the job."""

from __future__ import annotations

from ..sidecars import Exported, Sidecar

SIZES = {1: "ONE", 2: "TWO", 4: "FOUR", 8: "EIGHT", 16: "SIXTEEN"}
"""Adapter sizes; source: About supervised fine-tuning for Gemini models, docs.cloud.google.com, 2026-11."""
BASE_MODEL = "gemini-2.5-flash"

_SCRIPT = '''"""Upload the rows beside this file to Cloud Storage and start a Vertex AI tuning job.

    pip install "google-genai>=3.4"
    gcloud auth application-default login
    export GOOGLE_CLOUD_PROJECT=my-project GOOGLE_CLOUD_LOCATION=us-central1 GOOGLE_CLOUD_BUCKET=my-bucket
    python tune.py

A file that is in the bucket already is not uploaded again. Each run starts a job.
"""

import base64
import hashlib
import os
from pathlib import Path
from urllib.parse import quote

import google.auth
from google import genai
from google.auth.transport.requests import AuthorizedSession
from google.genai import types

BASE_MODEL = {base!r}
METHOD = {method!r}
EPOCHS = {epochs}
ADAPTER_SIZE = {adapter!r}
# A factor on the rate that Vertex AI chooses; None leaves it alone.{rate}
LEARNING_RATE_MULTIPLIER = None
TRAIN = {train!r}
VALIDATION = {validation!r}
NAME = {name!r}

HERE = Path(__file__).resolve().parent
STORAGE = os.environ.get("STORAGE_EMULATOR_HOST", "https://storage.googleapis.com")


def upload(session: AuthorizedSession, bucket: str, name: str) -> str:
    """Put a file in the bucket under a name that holds its hash."""
    data = (HERE / name).read_bytes()
    target = f"tuneset/{{hashlib.sha256(data).hexdigest()[:16]}}/{{name}}"
    answer = session.post(
        f"{{STORAGE}}/upload/storage/v1/b/{{bucket}}/o?uploadType=media&ifGenerationMatch=0"
        f"&name={{quote(target, safe='')}}",
        data=data,
        headers={{"Content-Type": "application/jsonl"}},
        timeout=3600,
    )
    if answer.status_code != 412:  # 412: it is there already
        answer.raise_for_status()
        if answer.json()["md5Hash"] != base64.b64encode(hashlib.md5(data).digest()).decode():
            raise SystemExit(f"{{name}} was damaged on its way: remove gs://{{bucket}}/{{target}}")
    return f"gs://{{bucket}}/{{target}}"


def main() -> None:
    project, location = os.environ["GOOGLE_CLOUD_PROJECT"], os.environ["GOOGLE_CLOUD_LOCATION"]
    bucket = os.environ["GOOGLE_CLOUD_BUCKET"]
    credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    session = AuthorizedSession(credentials)
    train = upload(session, bucket, TRAIN)
    validation = upload(session, bucket, VALIDATION) if VALIDATION else None
    client = genai.Client(vertexai=True, project=project, location=location, credentials=credentials)
    job = client.tunings.tune(
        base_model=BASE_MODEL,
        training_dataset=types.TuningDataset(gcs_uri=train),
        config=types.CreateTuningJobConfig(
            method=METHOD,
            epoch_count=EPOCHS,
            adapter_size=ADAPTER_SIZE,
            learning_rate_multiplier=LEARNING_RATE_MULTIPLIER,
            validation_dataset=types.TuningValidationDataset(gcs_uri=validation) if validation else None,
            tuned_model_display_name=NAME,
        ),
    )
    print(job.name)


if __name__ == "__main__":
    main()
'''


def adapter_size(rank: int) -> str:
    """The largest adapter size that is no larger than a LoRA rank."""
    return f"ADAPTER_SIZE_{SIZES[max(size for size in SIZES if size <= rank)]}"


def epoch_count(epochs: float) -> int:
    """Whole passes, at least one; Vertex AI takes no parts of one."""
    return max(1, round(epochs))


def tune_script(method: str) -> Sidecar:
    """The script for one way of tuning.

    Args:
        method: A `TuningMethod` of google-genai.
    """

    def write(told: Exported) -> str:
        train = told.train
        base = train.base if "base" in told.given and "gemini" in train.base else BASE_MODEL
        rate = (
            f"\n# The recipe's learning_rate {train.learning_rate} is absolute and cannot be told as one."
            if train.learning_rate is not None
            else ""
        )
        return _SCRIPT.format(
            base=base,
            method=method,
            epochs=epoch_count(train.epochs),
            adapter=adapter_size(train.rank),
            rate=rate,
            train=told.files["train"],
            validation=told.files.get("validation"),
            name=f"{told.target}-{told.version}"[:128],
        )

    return Sidecar("tune.py", write, "uploads the files and starts the tuning job: python tune.py")
