"""What mistral-common's own validator says of rows, as mistral-finetune calls it."""

from __future__ import annotations

from typing import Any


def accepts(target_name: str, rows: list[dict[str, Any]]) -> list[str | None]:
    """Per row: None where the validator takes it, else why not.

    Args:
        target_name: Not looked at: there is one target.
        rows: Lines.

    Raises:
        ImportError: mistral-common is not installed.
    """
    from mistral_common.protocol.instruct.validator import ValidationMode, get_validator
    from mistral_common.tokens.tokenizers.base import TokenizerVersion

    del target_name
    validators = [
        get_validator(version, ValidationMode.finetuning)
        for version in (TokenizerVersion.v3, TokenizerVersion.v11)
    ]
    return [_verdict(validators, row) for row in rows]


def _verdict(validators: list[Any], row: dict[str, Any]) -> str | None:
    from mistral_common.exceptions import MistralCommonException
    from mistral_common.protocol.instruct.messages import (
        FinetuningAssistantMessage,
        SystemMessage,
        ToolMessage,
        UserMessage,
    )
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    from mistral_common.protocol.instruct.tool_calls import Tool

    kinds: dict[str, Any] = {
        "system": SystemMessage,
        "user": UserMessage,
        "assistant": FinetuningAssistantMessage,
        "tool": ToolMessage,
    }
    try:
        messages = [kinds[turn["role"]].model_validate(turn) for turn in row["messages"]]
        tools = [Tool.model_validate(tool) for tool in row.get("tools") or []]
        request = ChatCompletionRequest.model_construct(messages=messages, tools=tools or None)
        for validator in validators:
            validator.validate_request(request)
    except (KeyError, ValueError, TypeError, AttributeError, MistralCommonException) as error:
        return f"{type(error).__name__}: {error}"
    return None
