"""Fine-tuning of SageMaker JumpStart models: folders in S3, one training job under the launch's name.

A training job's name is unique in an account and region, and AWS itself refuses it a second time. Source:
CreateTrainingJob and DescribeHubContent in botocore 1.44.8, read 2026-11.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ....schemas.errors import RecipeError, ServiceError
from ....schemas.providers.bedrock_jobs import value_text
from ....schemas.providers.sagemaker_jobs import KINDS, MODEL, hyperparameters
from ....schemas.recipe import TrainOptions
from .. import aws
from ..jumpstart import HUB, training_request
from ..sdk import require
from ..service import JobState, Plan, Status

STATUS: dict[str, Status] = {
    "InProgress": "running",
    "Stopping": "running",
    "Completed": "succeeded",
    "Failed": "failed",
    "Stopped": "cancelled",
    "Deleting": "cancelled",
}
WAITING = frozenset({"Starting", "Pending", "LaunchingMLInstances", "PreparingTrainingStack"})
MACHINE = ("instance_type", "instance_count", "accept_eula")
TAKES = (
    "epoch", "learning_rate", "lora_r", "lora_alpha", "lora_dropout", "max_input_length",
    "per_device_train_batch_size", "per_device_eval_batch_size", "peft_type", "int8_quantization",
    "enable_fsdp", "validation_split_ratio", "seed", *MACHINE,
)  # fmt: skip
TEMPLATE = "template.json"
REQUIRED = {
    "SAGEMAKER_BUCKET": "the-bucket-for-the-files",
    "SAGEMAKER_ROLE": "arn:aws:iam::123456789012:role/the-execution-role",
}
"""Variables to what they may hold."""
WHERE = "tuneset launch --to sagemaker"
GET = "sagemaker.describe_training_job"


class SageMaker:
    """The service; the folder in S3 and the training job carry the launch's key in their names."""

    name = "sagemaker"
    targets = tuple(KINDS)
    environment = (*aws.CHAIN, *REQUIRED)
    extra = aws.EXTRA
    takes = TAKES
    models = f"for example --model {MODEL}"

    def settings(self, train: TrainOptions, given: frozenset[str], seed: int) -> dict[str, Any]:
        """What the recipe states of epochs, learning rate, rank and length, and the seed."""
        stated = {name: getattr(train, name) for name in given}
        taken, refused = hyperparameters(stated)
        for name, hyperparameter in refused.items():
            raise RecipeError(
                f"train.{name} is {stated[name]!r}, and sagemaker takes {hyperparameter.says}",
                where=f"train.{name}",
                fix=f"state such a value, or --set {hyperparameter.name}=…",
            )
        return {**taken, "seed": str(seed)}

    def destination(self, plan: Plan) -> str:
        del plan
        return f"Amazon SageMaker {aws.place('SAGEMAKER')}, bucket {aws.stated('SAGEMAKER_BUCKET')}"

    def calls(self, plan: Plan) -> list[str]:
        bucket = aws.stated("SAGEMAKER_BUCKET")
        lines = [
            f"boto3.client('s3').upload_file({str(path)!r}, {bucket!r}, {key!r})"
            for split in plan.files
            for path, key in _objects(plan, split)
        ]
        folders = _folders(plan, {s: f"s3://{bucket}/{_objects(plan, s)[-1][1]}" for s in plan.files})
        return [
            *lines,
            f"content = boto3.client('sagemaker').describe_hub_content(\n    HubName={HUB!r}, "
            f"HubContentType='Model', HubContentName={plan.model!r})",
            "boto3.client('sagemaker').create_training_job(**training_request(\n"
            f"    json.loads(content['HubContentDocument']), name={plan.label!r},\n"
            f"    role={aws.stated('SAGEMAKER_ROLE')!r}, "
            f"region={aws.region() or '(AWS_REGION)'!r},\n"
            f"    folders={folders!r},\n    hyperparameters={_texts(plan)!r},\n"
            f"    machine={_machine(plan)!r}, accept_eula={_accepts(plan)!r}))",
            f"boto3.client('sagemaker').describe_training_job(TrainingJobName={plan.label!r})",
        ]

    def ready(self, plan: Plan) -> None:
        del plan
        aws.client("sagemaker")
        require(tuple(REQUIRED), "AWS", REQUIRED)
        aws.require_region()

    def find_file(self, plan: Plan, split: str) -> str | None:
        """The split's file, which is written after everything else that its folder needs."""
        key = _objects(plan, split)[-1][1]
        return aws.find_object(os.environ["SAGEMAKER_BUCKET"], key, plan.files[split].stat().st_size)

    def upload(self, plan: Plan, split: str) -> str:
        address = ""
        for path, key in _objects(plan, split):
            address = aws.put_object(path, os.environ["SAGEMAKER_BUCKET"], key)
        return address

    def find_job(self, plan: Plan, files: Mapping[str, str]) -> str | None:
        del files
        found = aws.look(f"{GET} {plan.label}", lambda: _job(plan.label), _is_missing)
        return plan.label if found is not None else None

    def start(self, plan: Plan, files: Mapping[str, str]) -> str:
        document = _document(plan.model)
        if document.get("GatedBucket") and not _accepts(plan):
            raise ServiceError(
                f"the licence of {plan.model!r} has not been accepted",
                where=WHERE,
                fix="read it, and launch with --set accept_eula=true",
            )
        request = training_request(
            document,
            name=plan.label,
            role=os.environ["SAGEMAKER_ROLE"],
            region=str(aws.region()),
            folders=_folders(plan, files),
            hyperparameters=_texts(plan),
            machine=_machine(plan),
            accept_eula=_accepts(plan),
        )
        with aws.told("sagemaker.create_training_job"):
            aws.client("sagemaker").create_training_job(**request)
        return plan.label

    def job(self, job_id: str) -> JobState:
        with aws.told(f"{GET} {job_id}"):
            found = _job(job_id)
        status = STATUS.get(found["TrainingJobStatus"], "running")
        stage = found.get("SecondaryStatus", "")
        details = {
            "training_seconds": found.get("TrainingTimeInSeconds"),
            "billed_seconds": found.get("BillableTimeInSeconds"),
        }
        model = (found.get("ModelArtifacts") or {}).get("S3ModelArtifacts")
        return JobState.of(
            "queued" if status == "running" and stage in WAITING else status,
            model=model if status == "succeeded" else None,
            said=found.get("FailureReason") or stage,
            details=details,
        )


def _objects(plan: Plan, split: str) -> list[tuple[Path, str]]:
    """Files of a channel and their keys; the split's own file comes last."""
    path = plan.files[split]
    folder = f"{path.parent.name}/"
    beside = path.parent / TEMPLATE
    own = (path, aws.object_key(plan, split, folder))
    return [(beside, f"tuneset/{plan.key}/{folder}{TEMPLATE}"), own] if beside.is_file() else [own]


def _folders(plan: Plan, files: Mapping[str, str]) -> dict[str, str]:
    """Channel to folder, and where the output goes."""
    channels = {"train": "training", "validation": "validation"}
    bucket = files["train"].removeprefix("s3://").partition("/")[0]
    return {
        **{channels[split]: aws.folder_of(address) for split, address in files.items()},
        "output": f"s3://{bucket}/tuneset/{plan.key}/output",
    }


def _texts(plan: Plan) -> dict[str, str]:
    stated = {name: value_text(value) for name, value in plan.settings.items() if name not in MACHINE}
    return {**KINDS[plan.target], **stated}


def _machine(plan: Plan) -> dict[str, Any]:
    return {name: plan.settings[name] for name in MACHINE[:2] if name in plan.settings}


def _accepts(plan: Plan) -> bool:
    return value_text(plan.settings.get("accept_eula", False)).lower() == "true"


def _document(model: str) -> dict[str, Any]:
    """What the public hub says of a model.

    Raises:
        ServiceError: There is no such model, or it cannot be tuned.
    """
    with aws.told(f"sagemaker.describe_hub_content {model}"):
        content = aws.client("sagemaker").describe_hub_content(
            HubName=HUB, HubContentType="Model", HubContentName=model
        )
    document: dict[str, Any] = json.loads(content["HubContentDocument"])
    if not document.get("TrainingSupported"):
        raise ServiceError(
            f"the JumpStart model {model!r} cannot be tuned",
            where=WHERE,
            fix=f"name another, such as {MODEL}",
        )
    return document


def _job(name: str) -> Any:
    """A training job, as AWS tells it."""
    return aws.client("sagemaker").describe_training_job(TrainingJobName=name)


def _is_missing(error: Any) -> bool:
    return aws.error_code(error) == "ResourceNotFound" or "not found" in aws.error_message(error).lower()


SERVICE = SageMaker()
