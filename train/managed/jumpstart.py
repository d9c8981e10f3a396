"""Training jobs of SageMaker JumpStart models: a model's document in the public hub, as one request.

The request has what the SageMaker SDK 2.257.7 (JumpStartEstimator.fit) sends for the same document; there, as
here, every hyperparameter is JSON. The document is HubContentDocument of DescribeHubContent, read 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

HUB = "SageMakerPublicHub"
MOST_SECONDS = 86_400
VOLUME_GB = 30
LOG_LEVEL = "sagemaker_container_log_level"
"""The one hyperparameter that is a number in JSON, for the container itself."""
MODEL_TYPE = "application/x-sagemaker-model"


def training_request(
    document: Mapping[str, Any],
    *,
    name: str,
    role: str,
    region: str,
    folders: Mapping[str, str],
    hyperparameters: Mapping[str, str],
    machine: Mapping[str, Any],
    accept_eula: bool,
) -> dict[str, Any]:
    """The arguments of CreateTrainingJob.

    Args:
        document: The model's document.
        name: The job's name.
        role: ARN of the execution role.
        region: Of the job.
        folders: Channel to its folder in S3, and `output`.
        hyperparameters: Names to texts, over those of the document.
        machine: `instance_type` and `instance_count` where they are stated.
        accept_eula: Whether the licence of a gated model is accepted.
    """
    instance = str(machine.get("instance_type") or document["DefaultTrainingInstanceType"])
    special = of_instance(document, instance)
    channels = [_channel(channel, uri) for channel, uri in folders.items() if channel != "output"]
    model = _channel("model", special.get("TrainingArtifactUri") or document["TrainingArtifactUri"])
    model |= {"ContentType": MODEL_TYPE, "InputMode": "File"}
    if document.get("GatedBucket"):
        model["DataSource"]["S3DataSource"]["ModelAccessConfig"] = {"AcceptEula": accept_eula}
    image = special.get("ImageUri") or document["TrainingEcrUri"]
    algorithm: dict[str, Any] = {"TrainingInputMode": "File", "TrainingImage": image}
    if document.get("TrainingMetrics"):
        algorithm["MetricDefinitions"] = document["TrainingMetrics"]
    return {
        "TrainingJobName": name,
        "RoleArn": role,
        "AlgorithmSpecification": algorithm,
        "HyperParameters": _hyperparameters(
            [*document.get("Hyperparameters", ()), *special.get("Hyperparameters", ())],
            {**hyperparameters, "sagemaker_job_name": name, "sagemaker_region": region},
        ),
        "InputDataConfig": [*channels, model, _channel("code", document["TrainingScriptUri"])],
        "OutputDataConfig": {"S3OutputPath": folders["output"]},
        "ResourceConfig": {
            "InstanceType": instance,
            "InstanceCount": int(machine.get("instance_count") or 1),
            "VolumeSizeInGB": int(document.get("TrainingVolumeSize") or VOLUME_GB),
        },
        "StoppingCondition": {
            "MaxRuntimeInSeconds": int(document.get("MaxRuntimeInSeconds") or MOST_SECONDS)
        },
        "EnableNetworkIsolation": bool(document.get("TrainingEnableNetworkIsolation")),
    }


def of_instance(document: Mapping[str, Any], instance: str) -> dict[str, Any]:
    """What the document says for one type of instance, over what it says for the type's family.

    Args:
        document: The model's document.
        instance: Such as `ml.g5.12xlarge`.
    """
    told = document.get("TrainingInstanceTypeVariants") or {}
    variants, aliases = told.get("Variants") or {}, told.get("Aliases") or {}
    found: dict[str, Any] = {}
    for name in (instance.split(".")[1] if instance.count(".") == 2 else "", instance):
        found |= (variants.get(name) or {}).get("Properties") or {}
    image = found.get("ImageUri")
    if isinstance(image, str) and image.startswith("$"):
        found["ImageUri"] = aliases.get(image[1:])
    return found


def _channel(name: str, uri: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def _hyperparameters(defaults: Sequence[Mapping[str, Any]], stated: Mapping[str, str]) -> dict[str, str]:
    """Every value as JSON text; the later of two defaults stands, and what is stated over both."""
    values: dict[str, Any] = {default["Name"]: default["Default"] for default in defaults} | dict(stated)
    texts = {name: json.dumps(str(value)) for name, value in values.items()}
    return texts | ({LOG_LEVEL: str(values[LOG_LEVEL])} if LOG_LEVEL in values else {})
