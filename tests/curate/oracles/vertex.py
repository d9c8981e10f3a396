"""What google-genai's own types say of rows for Vertex AI."""

from __future__ import annotations

from typing import Any


def accepts(target_name: str, rows: list[dict[str, Any]]) -> list[str | None]:
    """Per row: None where the types take it, else why not.

    Raises:
        ImportError: google-genai is not installed.
    """
    from google.genai import types
    from pydantic import BaseModel, ConfigDict
    from pydantic.alias_generators import to_camel

    class Line(BaseModel):
        model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)
        contents: list[types.Content]
        system_instruction: types.Content | None = None
        tools: list[types.Tool] | None = None

    class Pair(types.GeminiPreferenceExample):
        system_instruction: types.Content | None = None

    return [_verdict(Pair if target_name.endswith("-dpo") else Line, row) for row in rows]


def _verdict(model: Any, row: dict[str, Any]) -> str | None:
    try:
        model.model_validate(row)
    except (ValueError, AttributeError, TypeError) as error:  # its enumerations fail on what is no text
        return f"{type(error).__name__}: {error}"
    return None
