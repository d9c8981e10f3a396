"""Model customisation on Amazon Bedrock: files in S3, one job under a client token.

A job carries the launch's key as its name and as its `clientRequestToken`, by which Bedrock itself starts one
job alone. Source: CreateModelCustomizationJob in botocore 1.44.8 and the Bedrock user guide, read 2026-11.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ....schemas.errors import ServiceError
from ....schemas.providers.bedrock_jobs import JOBS, TEACHER, value_text
from ....schemas.recipe import TrainOptions
from .. import aws
from ..call_text import call_text
from ..converse_answers import converse
from ..epochs import whole_epochs
from ..sdk import require
from ..service import JobState, Plan, Reply, Status

STATUS: dict[str, Status] = {
    "InProgress": "running",
    "Stopping": "running",
    "Completed": "succeeded",
    "Failed": "failed",
    "Stopped": "cancelled",
}
DISTILLATION = ("teacherModelIdentifier", "maxResponseLengthForInference")
TAKES = (
    "epochCount", "batchSize", "learningRate", "learningRateMultiplier", "learningRateWarmupSteps",
    "earlyStoppingPatience", "earlyStoppingThreshold", *DISTILLATION,
)  # fmt: skip
REQUIRED = {
    "BEDROCK_BUCKET": "the-bucket-for-the-files",
    "BEDROCK_ROLE_ARN": "arn:aws:iam::123456789012:role/the-role-that-reads-the-bucket",
}
"""Variables to what they may hold."""
WHERE = "tuneset launch --to bedrock"
GET = "bedrock.get_model_customization_job"


class Bedrock:
    """The service; a file carries the launch's key in its name, a job as its name and token."""

    name = "bedrock"
    targets = tuple(JOBS)
    environment = (*aws.CHAIN, *REQUIRED)
    extra = aws.EXTRA
    takes = TAKES
    models = "for example --model amazon.nova-micro-v1:0:128k"

    def settings(self, train: TrainOptions, given: frozenset[str], seed: int) -> dict[str, Any]:
        """What the recipe states of epochs and learning rate; the service takes no seed."""
        del seed
        found: dict[str, Any] = {}
        if "epochs" in given:
            found["epochCount"] = value_text(whole_epochs(train.epochs, self.name, "epochCount"))
        if "learning_rate" in given and train.learning_rate is not None:
            found["learningRate"] = value_text(train.learning_rate)
        return found

    def destination(self, plan: Plan) -> str:
        del plan
        return f"Amazon Bedrock {aws.place('BEDROCK')}, bucket {aws.stated('BEDROCK_BUCKET')}"

    def arguments(self, plan: Plan, files: Mapping[str, str]) -> dict[str, Any]:
        """The arguments of `create_model_customization_job`."""
        kind = JOBS[plan.target]
        told = {name: value for name, value in plan.settings.items() if name not in DISTILLATION}
        request: dict[str, Any] = {
            "jobName": plan.label,
            "customModelName": plan.label,
            "clientRequestToken": plan.key,
            "roleArn": aws.stated("BEDROCK_ROLE_ARN"),
            "baseModelIdentifier": plan.model,
            "customizationType": kind.customization,
            "trainingDataConfig": {"s3Uri": files["train"]},
            "outputDataConfig": {"s3Uri": f"{aws.folder_of(files['train'])}output"},
            "hyperParameters": {name: value_text(value) for name, value in told.items()},
        }
        if "validation" in files:
            request["validationDataConfig"] = {"validators": [{"s3Uri": files["validation"]}]}
        if kind.customization == "DISTILLATION":
            teacher: dict[str, Any] = {"teacherModelIdentifier": plan.settings.get(DISTILLATION[0], TEACHER)}
            if DISTILLATION[1] in plan.settings:
                teacher[DISTILLATION[1]] = int(plan.settings[DISTILLATION[1]])
            request["customizationConfig"] = {"distillationConfig": {"teacherModelConfig": teacher}}
        return request

    def calls(self, plan: Plan) -> list[str]:
        bucket = aws.stated("BEDROCK_BUCKET")
        keys = {split: aws.object_key(plan, split) for split in plan.files}
        lines = [
            f"boto3.client('s3').upload_file({str(plan.files[split])!r}, {bucket!r}, {key!r})"
            for split, key in keys.items()
        ]
        told = self.arguments(plan, {split: f"s3://{bucket}/{key}" for split, key in keys.items()})
        return [
            *lines,
            call_text("boto3.client('bedrock').create_model_customization_job", told),
            f"boto3.client('bedrock').get_model_customization_job(jobIdentifier={plan.label!r})",
        ]

    def ready(self, plan: Plan) -> None:
        aws.client("bedrock")
        require(tuple(REQUIRED), "AWS", REQUIRED)
        aws.require_region()
        ranges = {h.name: h for h in JOBS[plan.target].settings.values()}
        for name, value in plan.settings.items():
            if name in ranges and ranges[name].text(float(value)) is None:
                raise ServiceError(
                    f"{name} is {value}, and for {plan.target} it is {ranges[name].says}",
                    where=WHERE,
                    fix=f"--set {name}=… with a value in that range, or change the recipe's train section",
                )
            if name in ("epochCount", "learningRate") and name not in ranges:
                raise ServiceError(
                    f"jobs of {plan.target} take no {name}",
                    where=WHERE,
                    fix="take it out of the recipe's train section",
                )

    def find_file(self, plan: Plan, split: str) -> str | None:
        size = plan.files[split].stat().st_size
        return aws.find_object(os.environ["BEDROCK_BUCKET"], aws.object_key(plan, split), size)

    def upload(self, plan: Plan, split: str) -> str:
        return aws.put_object(plan.files[split], os.environ["BEDROCK_BUCKET"], aws.object_key(plan, split))

    def find_job(self, plan: Plan, files: Mapping[str, str]) -> str | None:
        del files
        found = aws.look(
            f"{GET} {plan.label}",
            lambda: _job(plan.label),
            lambda error: aws.error_code(error) == "ResourceNotFoundException",
        )
        return found["jobArn"] if found is not None else None

    def start(self, plan: Plan, files: Mapping[str, str]) -> str:
        with aws.told("bedrock.create_model_customization_job"):
            return aws.client("bedrock").create_model_customization_job(**self.arguments(plan, files))[
                "jobArn"
            ]

    def job(self, job_id: str) -> JobState:
        with aws.told(f"{GET} {job_id}"):
            found = _job(job_id)
        details = {
            "job": found["jobName"],
            "training_metrics": found.get("trainingMetrics"),
            "output": found.get("outputDataConfig", {}).get("s3Uri"),
        }
        return JobState.of(
            STATUS.get(found["status"], "running"),
            model=found.get("outputModelArn"),
            said=found.get("failureMessage") or _stage(found),
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
        return converse(model, messages, tools, max_tokens)


def _job(name: str) -> Any:
    """A job by its name or address, as AWS tells it."""
    return aws.client("bedrock").get_model_customization_job(jobIdentifier=name)


def _stage(found: Mapping[str, Any]) -> str:
    """How far a running job is, in AWS's words."""
    stages = found.get("statusDetails") or {}
    names = {
        "validationDetails": "validation",
        "dataProcessingDetails": "data processing",
        "trainingDetails": "training",
    }
    told = [
        f"{said} {stages[name]['status']}" for name, said in names.items() if "status" in stages.get(name, {})
    ]
    return ", ".join(told)


SERVICE = Bedrock()
