"""Training jobs of SageMaker JumpStart models: a model's document in the public hub, as one request.

The request has what the SageMaker SDK 2.257.7 (JumpStartEstimator.fit) sends for the same document; there, as
here, every hyperparameter is JSON. The document is HubContentDocument of DescribeHubContent, read 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

HUB = "SageMakerPublicHub"
MOST_SECONDS = 86_400
VOLUME_GB = 30
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
    channels = [_channel(channel, uri) for channel, uri in folders.items() if channel != "output"]
    model = _channel("model", document["TrainingArtifactUri"])
    model |= {"ContentType": MODEL_TYPE, "InputMode": "File"}
    if document.get("GatedBucket"):
        model["DataSource"]["S3DataSource"]["ModelAccessConfig"] = {"AcceptEula": accept_eula}
    algorithm: dict[str, Any] = {"TrainingInputMode": "File", "TrainingImage": document["TrainingEcrUri"]}
    if document.get("TrainingMetrics"):
        algorithm["MetricDefinitions"] = document["TrainingMetrics"]
    return {
        "TrainingJobName": name,
        "RoleArn": role,
        "AlgorithmSpecification": algorithm,
        "HyperParameters": _hyperparameters(document, hyperparameters, name, region),
        "InputDataConfig": [*channels, model, _channel("code", document["TrainingScriptUri"])],
        "OutputDataConfig": {"S3OutputPath": folders["output"]},
        "ResourceConfig": {
            "InstanceType": machine.get("instance_type") or document["DefaultTrainingInstanceType"],
            "InstanceCount": int(machine.get("instance_count") or 1),
            "VolumeSizeInGB": int(document.get("TrainingVolumeSize") or VOLUME_GB),
        },
        "StoppingCondition": {
            "MaxRuntimeInSeconds": int(document.get("MaxRuntimeInSeconds") or MOST_SECONDS)
        },
        "EnableNetworkIsolation": bool(document.get("TrainingEnableNetworkIsolation")),
    }


def _channel(name: str, uri: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def _hyperparameters(
    document: Mapping[str, Any], stated: Mapping[str, str], name: str, region: str
) -> dict[str, str]:
    values: dict[str, Any] = {h["Name"]: h["Default"] for h in document.get("Hyperparameters", ())}
    values |= {**stated, "sagemaker_job_name": name, "sagemaker_region": region}
    return {name: json.dumps(str(value)) for name, value in values.items()}
