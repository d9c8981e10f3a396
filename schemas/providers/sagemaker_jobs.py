"""Hyperparameters of SageMaker JumpStart's text models; the service takes every value as text.

Source: the Hyperparameters list of a model's document in SageMakerPublicHub (DescribeHubContent) and the
JumpStart notebooks in aws-samples, read in November 2026. `instruction_tuned` and `chat_dataset` exclude each
other, and which of them is on by default differs by model: so both are always stated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .bedrock_jobs import Hyperparameter, told

SETTINGS: dict[str, Hyperparameter] = {
    "epochs": Hyperparameter("epoch", 1, 1000),
    "learning_rate": Hyperparameter("learning_rate", 1e-8, 1, whole=False),
    "rank": Hyperparameter("lora_r", 1, 256),
    "max_length": Hyperparameter("max_input_length", 16, 1_000_000),
}
"""The recipe's training settings; batch_size is rows an update, which depends on the instance here."""

KINDS: dict[str, dict[str, str]] = {
    "sagemaker": {"instruction_tuned": "True", "chat_dataset": "False"},
    "sagemaker-chat": {"instruction_tuned": "False", "chat_dataset": "True"},
}
MODEL = "meta-textgeneration-llama-3-1-8b-instruct"
"""A JumpStart model that both kinds of files can tune."""


def hyperparameters(given: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Hyperparameter]]:
    """Stated training settings as hyperparameters, and those whose values the scripts do not take.

    Args:
        given: Names of the recipe's training settings to values.
    """
    return told(SETTINGS, given)
