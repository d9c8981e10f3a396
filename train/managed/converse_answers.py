"""Answers of models on Bedrock through the Converse API, tuned or not.

A customised model answers once it is deployed (CreateCustomModelDeployment) or has provisioned throughput;
which of the two it has is asked. Source: botocore 1.44.8, read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...curate.export.converse import converse_turns, tool_config
from ...schemas.errors import ServiceError
from ...schemas.example import canonical_json
from ...schemas.providers.problems import RowProblem
from . import aws
from .chat import answer_text
from .service import NoAnswer, Reply

STOPPED = frozenset({"end_turn", "tool_use", "stop_sequence"})
CUSTOM = re.compile(r"arn:[^:]+:bedrock:[^:]*:[^:]*:custom-model/")
CONTEXT = re.compile(r":\d+k$")
"""The end of a base model's name for customisation, such as `:128k`; for answers it is not there."""


def converse(
    model: str,
    messages: Sequence[Mapping[str, Any]],
    tools: Sequence[Mapping[str, Any]] | None,
    max_tokens: int,
) -> Reply:
    """One answer at temperature 0; see `service.Asks`."""
    request = converse_request(messages, tools, max_tokens)
    address = deployment(model) if CUSTOM.match(model) else CONTEXT.sub("", model)
    with aws.told(f"bedrock-runtime.converse {model}"):
        made = aws.client("bedrock-runtime").converse(modelId=address, **request)
    blocks = made.get("output", {}).get("message", {}).get("content")
    if not blocks:
        raise NoAnswer("an answer without a message")
    usage = made.get("usage", {})
    return Reply(
        text=answer_text("".join(block.get("text", "") for block in blocks), list(_calls(blocks))),
        stopped=made.get("stopReason") in STOPPED,
        prompt_tokens=usage.get("inputTokens"),
        completion_tokens=usage.get("outputTokens"),
    )


def converse_request(
    messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]] | None, max_tokens: int
) -> dict[str, Any]:
    """The arguments of `converse` but the model.

    Raises:
        ServiceError: The prompt cannot be told in Converse turns.
    """
    told = converse_turns({"messages": [dict(turn) for turn in messages]}, set(), reasoning=False)
    if isinstance(told, RowProblem):
        raise ServiceError(
            f"Bedrock cannot be asked this prompt: {told.sentence}",
            where=told.where,
            fix="leave such rows out of the test split, or compare with another service",
        )
    more = {"toolConfig": tool_config([dict(tool) for tool in tools], set())} if tools else {}
    return {**told, **more, "inferenceConfig": {"maxTokens": max_tokens, "temperature": 0.0}}


def _calls(blocks: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        if "toolUse" in block:
            use = block["toolUse"]
            yield {"function": {"name": use["name"], "arguments": canonical_json(use["input"])}}


def deployment(model: str) -> str:
    """The address that answers for a customised model.

    Raises:
        ServiceError: It is not deployed.
    """
    bedrock = aws.client("bedrock")
    with aws.told(f"bedrock.list_custom_model_deployments {model}"):
        found = bedrock.list_custom_model_deployments(modelArnEquals=model, statusEquals="Active")
    for one in found.get("modelDeploymentSummaries", ()):
        return one["customModelDeploymentArn"]
    with aws.told(f"bedrock.list_provisioned_model_throughputs {model}"):
        found = bedrock.list_provisioned_model_throughputs(modelArnEquals=model, statusEquals="InService")
    for one in found.get("provisionedModelSummaries", ()):
        return one["provisionedModelArn"]
    raise ServiceError(
        "the tuned model is not deployed, so nobody answers for it",
        where=model,
        fix="run: aws bedrock create-custom-model-deployment --model-deployment-name tuneset "
        f"--model-arn {model}",
    )
