"""What OpenAI's own descriptions say of a line: the SDK's request types, and the published line schemas.

The SDK's types are always asked. The line schemas (FineTuneChatRequestInput and its two kin) stand in the
OpenAPI description of openai/openai-openapi, pull request 465 (MIT). The environment variable
TUNESET_OPENAI_SPEC names a copy of that `openapi.yaml`; without it they are not asked.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

SCHEMAS = {"dpo": "FineTunePreferenceRequestInput", "rft": "FineTuneReinforcementRequestInput"}
SPEC = "TUNESET_OPENAI_SPEC"


def accepts(target: str, rows: list[dict[str, Any]]) -> list[str | None]:
    """For each row None, or why OpenAI's own descriptions refuse it.

    Args:
        target: `openai`, `openai-dpo`, `openai-rft`; Azure's and Fireworks' lines are the same.
        rows: Lines.

    Raises:
        ImportError: The SDK is not installed.
    """
    kind = target.partition("-")[2]
    sdk = _sdk()
    schema = _schema(SCHEMAS.get(kind, "FineTuneChatRequestInput")) if os.environ.get(SPEC) else None
    return [sdk(row, kind) or (_schema_says(schema, row) if schema else None) for row in rows]


@functools.cache
def _sdk() -> Any:
    from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
    from pydantic import TypeAdapter, ValidationError

    turns, tools = TypeAdapter(list[ChatCompletionMessageParam]), TypeAdapter(list[ChatCompletionToolParam])

    def says(row: Any, kind: str) -> str | None:
        try:
            for given in _conversations(row, kind):
                _exhaust(turns.validate_python(given))
            holder = row["input"] if kind == "dpo" else row
            if "tools" in holder:
                _exhaust(tools.validate_python(holder["tools"]))
        except (ValidationError, KeyError, TypeError) as error:
            return f"openai's types: {str(error)[:200]}"
        return None

    return says


def _conversations(row: Any, kind: str) -> list[Any]:
    if kind == "dpo":
        return [row["input"]["messages"], row["preferred_output"], row["non_preferred_output"]]
    return [row["messages"]]


def _exhaust(value: Any) -> None:
    """Pydantic checks the members of an Iterable as they are drawn."""
    if isinstance(value, Mapping):
        value = value.values()
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        for one in value:
            _exhaust(one)


@functools.cache
def _schema(name: str) -> Any:
    import jsonschema
    import yaml

    spec = yaml.safe_load(Path(os.environ[SPEC]).read_text(encoding="utf-8"))
    described = {"components": {"schemas": _nullable(spec["components"]["schemas"])}}
    return jsonschema.Draft202012Validator({**described, "$ref": f"#/components/schemas/{name}"})


def _nullable(schema: Any) -> Any:
    """OpenAPI 3.0's `nullable`, which JSON Schema does not have, as a choice with null."""
    if isinstance(schema, list):
        return [_nullable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    told = {k: _nullable(v) for k, v in schema.items() if k != "nullable"}
    return {"anyOf": [{"type": "null"}, told]} if schema.get("nullable") is True else told


def _schema_says(schema: Any, row: Any) -> str | None:
    import jsonschema

    error = jsonschema.exceptions.best_match(schema.iter_errors(row))
    return None if error is None else f"the line schema: {error.json_path}: {error.message[:200]}"
