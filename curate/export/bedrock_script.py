"""Scripts that start jobs on Amazon Bedrock with the files of an export."""

from __future__ import annotations

from ...schemas.providers.bedrock_jobs import JOBS, TEACHER, JobKind, hyperparameters
from .sidecars import Exported, Sidecar

_JOB = '''"""Start a model customization job on Amazon Bedrock with the files of this folder.

    pip install boto3
    BEDROCK_BUCKET=my-bucket BEDROCK_ROLE_ARN=arn:aws:iam::123456789012:role/my-role \\
    AWS_DEFAULT_REGION=us-east-1 python job.py

Keys come from the AWS environment. The same files and settings start one job, however often this
is run: the job's name and token are made from them.
"""

import hashlib
import json
import os
from pathlib import Path

import boto3

HERE = Path(__file__).resolve().parent
BASE_MODEL = os.environ.get("BEDROCK_BASE_MODEL", {model!r})
FILES = {files!r}
HYPERPARAMETERS = {hyperparameters!r}  # texts, as the service wants them
{notes}

def token():
    """The same for the same files and settings."""
    digest = hashlib.sha256(json.dumps([BASE_MODEL, HYPERPARAMETERS]).encode())
    for name in FILES.values():
        digest.update(hashlib.sha256((HERE / name).read_bytes()).digest())
    return digest.hexdigest()[:16]


def request(bucket, role, key):
    """The parameters of CreateModelCustomizationJob."""
    folder = f"s3://{{bucket}}/tuneset/{{key}}"
    job = {{
        "jobName": f"tuneset-{{key}}",
        "customModelName": f"tuneset-{{key}}",
        "clientRequestToken": key,
        "roleArn": role,
        "baseModelIdentifier": BASE_MODEL,
        "customizationType": {customization!r},
        "trainingDataConfig": {{"s3Uri": f"{{folder}}/{{FILES['train']}}"}},
        "outputDataConfig": {{"s3Uri": f"{{folder}}/output"}},
        "hyperParameters": HYPERPARAMETERS,
    }}
{more}    return job


def main():
    """Upload the files and start the job."""
    bucket, role = os.environ["BEDROCK_BUCKET"], os.environ["BEDROCK_ROLE_ARN"]
    key = token()
    s3 = boto3.client("s3")
    for name in FILES.values():
        s3.upload_file(str(HERE / name), bucket, f"tuneset/{{key}}/{{name}}")
    print(boto3.client("bedrock").create_model_customization_job(**request(bucket, role, key))["jobArn"])


if __name__ == "__main__":
    main()
'''
_VALIDATION = """    if "validation" in FILES:
        uri = f"{folder}/{FILES['validation']}"
        job["validationDataConfig"] = {"validators": [{"s3Uri": uri}]}
"""
_DISTILLATION = f"""    teacher = os.environ.get("BEDROCK_TEACHER_MODEL", {TEACHER!r})
    job["customizationConfig"] = {{
        "distillationConfig": {{"teacherModelConfig": {{"teacherModelIdentifier": teacher}}}}
    }}
"""
_RFT = '''"""Start reinforcement fine-tuning of an open-weight model on Bedrock with this folder's file.

    pip install openai
    OPENAI_BASE_URL=https://bedrock-mantle.us-west-2.api.aws/v1 OPENAI_API_KEY=the-bedrock-key \\
    BEDROCK_GRADER=arn:aws:lambda:us-west-2:123456789012:function:my-grader python job.py
"""

import os
from pathlib import Path

from openai import OpenAI

HERE = Path(__file__).resolve().parent
MODEL = os.environ.get("BEDROCK_BASE_MODEL", "openai.gpt-oss-20b")
HYPERPARAMETERS = {hyperparameters!r}


def main():
    """Upload the training file and start the job."""
    client = OpenAI(max_retries=0)
    with open(HERE / {train!r}, "rb") as rows:
        file = client.files.create(file=rows, purpose="fine-tune")
    grader = {{"type": "lambda", "lambda": {{"function": os.environ["BEDROCK_GRADER"]}}}}
    reinforcement = {{"grader": grader, "hyperparameters": HYPERPARAMETERS}}
    job = client.fine_tuning.jobs.create(
        model=MODEL,
        training_file=file.id,
        extra_body={{"method": {{"type": "reinforcement", "reinforcement": reinforcement}}}},
    )
    print(job.id)


if __name__ == "__main__":
    main()
'''


def _write_job(told: Exported) -> str:
    kind = JOBS[told.target]
    given = {name: getattr(told.train, name) for name in told.given}
    taken, refused = hyperparameters(told.target, given)
    notes = [
        f"# the recipe's {name} {given[name]!r} is left out: {h.name} is {h.says} there"
        for name, h in refused.items()
    ]
    files = {split: file for split, file in told.files.items() if split == "train" or kind.validation}
    return _JOB.format(
        model=kind.model,
        files=files,
        hyperparameters=taken,
        notes="\n".join([*notes, ""]) if notes else "",
        customization=kind.customization,
        more=_more(kind),
    )


def _more(kind: JobKind) -> str:
    return _DISTILLATION if kind.customization == "DISTILLATION" else (_VALIDATION if kind.validation else "")


def _write_rft(told: Exported) -> str:
    settings = {"epochs": "n_epochs", "batch_size": "batch_size"}
    given = {settings[name]: getattr(told.train, name) for name in settings if name in told.given}
    if "n_epochs" in given:
        given["n_epochs"] = max(1, round(given["n_epochs"]))
    return _RFT.format(hyperparameters=given, train=told.files["train"])


JOB_SCRIPT = Sidecar("job.py", _write_job, "uploads the files and starts the job, with boto3")
RFT_SCRIPT = Sidecar("job.py", _write_rft, "uploads the file and starts the job, with the OpenAI SDK")
