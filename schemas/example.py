"""One training example: the OpenAI chat shape, its canonical form and its two identities."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Role = Literal["system", "developer", "user", "assistant", "tool"]
ROLES: tuple[str, ...] = ("system", "developer", "user", "assistant", "tool")


class Function(BaseModel):
    """The function of a tool call; `arguments` is a JSON text, as the OpenAI API sends it."""

    model_config = ConfigDict(extra="forbid")
    name: str
    arguments: str


class ToolCall(BaseModel):
    """One call of a tool by the assistant."""

    model_config = ConfigDict(extra="forbid")
    id: str | None = None
    type: Literal["function"] = "function"
    function: Function


class Message(BaseModel):
    """One turn. `weight` is the loss weight of an assistant turn in [0, 1]; None means 1."""

    model_config = ConfigDict(extra="forbid")
    role: Role
    content: str | None = None
    name: str | None = None
    reasoning_content: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None
    weight: float | None = Field(default=None, ge=0, le=1)


class Source(BaseModel):
    """Where a row came from; `row` counts from 1."""

    model_config = ConfigDict(extra="forbid")
    file: str
    row: int = Field(ge=1)


class Example(BaseModel):
    """One canonical row.

    A prompt and its completion are two messages. A preference row carries the losing turns in
    `rejected`; unpaired feedback carries `label`. Everything else the input row had is in `meta`.
    """

    model_config = ConfigDict(extra="forbid")
    row_id: str
    content_id: str
    messages: list[Message]
    tools: list[dict[str, Any]] | None = None
    rejected: list[Message] | None = None
    label: bool | None = None
    source: Source
    meta: dict[str, Any] = Field(default_factory=dict)


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no spaces and no escapes beyond the necessary ones.

    Raises:
        ValueError: NaN or an infinity, which JSON does not have.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def compact(value: Any) -> Any:
    """The value without the None members of its mappings, at every depth."""
    if isinstance(value, Mapping):
        return {k: compact(v) for k, v in value.items() if v is not None}
    if isinstance(value, (list, tuple)):
        return [compact(v) for v in value]
    return value


def content_id(
    messages: Sequence[Mapping[str, Any]],
    *,
    tools: Any = None,
    rejected: Sequence[Mapping[str, Any]] | None = None,
    label: bool | None = None,
) -> str:
    """Hash of the canonical conversation: 32 hex digits, the same on every machine.

    Args:
        messages: Turns in order; members that are None do not count.
        tools: Tool definitions as JSON values, or None.
        rejected: The losing turns of a preference row, or None.
        label: Unpaired feedback, or None.

    Source: BLAKE2b (RFC 7693), 128 bits.
    """
    content = {"messages": messages, "tools": tools, "rejected": rejected, "label": label}
    text = canonical_json(compact(content))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def row_id(file_sha256: str, row: int, *, copy: int = 1) -> str:
    """Name of a row of an input file: `<12 hex digits of the file's hash>:<row from 1>`.

    Args:
        file_sha256: Hex digest of the file's bytes as stored.
        row: Position in the file, from 1.
        copy: 2, 3, ... for the second, third, ... input with the same bytes.
    """
    mark = "" if copy == 1 else f"~{copy}"
    return f"{file_sha256[:12]}{mark}:{row}"
