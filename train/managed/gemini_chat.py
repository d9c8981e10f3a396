"""Answers of a Gemini model on Vertex AI, tuned or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...curate.export.targets.vertex import contents_of
from ...schemas.errors import ServiceError
from ...schemas.example import canonical_json
from ...schemas.providers.problems import RowProblem
from .chat import answer_text
from .service import NoAnswer, Reply

NO_THOUGHTS = 0
"""Tokens for thinking: none, as Google advises for tuned models, so that they do not eat up the answer's.

Source: About supervised fine-tuning for Gemini models, docs.cloud.google.com, read 2026-11.
"""


def ask_gemini(
    client: Any,
    model: str,
    messages: Sequence[Mapping[str, Any]],
    tools: Sequence[Mapping[str, Any]] | None,
    max_tokens: int,
) -> Reply:
    """One answer at temperature 0; see `service.Asks`.

    Args:
        client: A `google.genai.Client`.
        model: A base model, or the endpoint of a tuned one.
        messages: The prompt in the OpenAI chat shape.
        tools: Tool definitions.
        max_tokens: Where the answer is cut.

    Raises:
        ServiceError: The prompt cannot be told in the words of Gemini.
        NoAnswer: An answer without a candidate.
    """
    told = contents_of([dict(turn) for turn in messages], [dict(t) for t in tools or ()], calls=True)
    if isinstance(told, RowProblem):
        raise ServiceError(
            f"a prompt cannot be asked at Vertex AI: {told.sentence}",
            where=told.where,
            fix="export the version for vertex: refused.jsonl lists such rows",
        )
    config: dict[str, Any] = {
        "temperature": 0,
        "max_output_tokens": max_tokens,
        "thinking_config": {"thinking_budget": NO_THOUGHTS},
        "automatic_function_calling": {"disable": True},
    }
    if "systemInstruction" in told.row:
        config["system_instruction"] = told.row["systemInstruction"]
    if "tools" in told.row:
        config["tools"] = told.row["tools"]
    made = client.models.generate_content(model=model, contents=told.row["contents"], config=config)
    return _reply(made)


def _reply(made: Any) -> Reply:
    """The first candidate; of a blocked prompt an empty answer, since asking again changes nothing."""
    if not made.candidates and made.prompt_feedback is not None:
        return Reply(text="", stopped=False)
    if not made.candidates:
        raise NoAnswer("an answer without a candidate")
    first = made.candidates[0]
    parts = (first.content.parts or []) if first.content is not None else []
    text = "".join(part.text for part in parts if part.text and not part.thought)
    calls = [
        {
            "function": {
                "name": part.function_call.name,
                "arguments": canonical_json(part.function_call.args or {}),
            }
        }
        for part in parts
        if part.function_call is not None
    ]
    usage = made.usage_metadata
    return Reply(
        text=answer_text(text or None, calls),
        stopped=getattr(first.finish_reason, "value", None) == "STOP",
        prompt_tokens=getattr(usage, "prompt_token_count", None),
        completion_tokens=getattr(usage, "candidates_token_count", None),
    )
