"""Parts of fine-tuning lines in the shape of Amazon Bedrock's Converse API: blocks, turns, tools.

What holds between them is checked in `converse_checks`; rules and sources are in `converse_rules`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

VERSION = "bedrock-conversation-2024"
ABSENT: Any = None
"""The default of a member that may be missing; null itself is refused, as the API refuses it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Location(_Strict):
    """An object in S3."""

    uri: Annotated[StrictStr, Field(pattern=r"^s3://[\w\-/.]+$")]
    bucketOwner: StrictStr = ABSENT


class MediumSource(_Strict):
    """Where a medium is."""

    s3Location: Location


class Image(_Strict):
    """An image."""

    format: Literal["jpeg", "png", "gif", "webp"]
    source: MediumSource


class Video(_Strict):
    """A video."""

    format: Literal["mov", "mkv", "mp4", "webm"]
    source: MediumSource


class Document(_Strict):
    """A document."""

    format: Literal["pdf"]
    source: MediumSource
    name: StrictStr = ABSENT


class ReasoningText(_Strict):
    """What the assistant thinks."""

    text: StrictStr


class Reasoning(_Strict):
    """Reasoning before an answer."""

    reasoningText: ReasoningText


class ToolUse(_Strict):
    """A call of a tool by the assistant."""

    toolUseId: StrictStr
    name: StrictStr
    input: dict[str, Any]


class ToolResultPart(_Strict):
    """A part of what a tool answered: text or JSON."""

    text: StrictStr = ABSENT
    json_: dict[str, Any] = Field(default=ABSENT, alias="json")


class ToolResult(_Strict):
    """What a tool answered; it stands in a user's turn."""

    toolUseId: StrictStr
    content: Annotated[list[ToolResultPart], Field(min_length=1)]
    status: Literal["success", "error"] = ABSENT


class Block(_Strict):
    """One block of content, of one kind."""

    text: StrictStr = ABSENT
    image: Image = ABSENT
    video: Video = ABSENT
    document: Document = ABSENT
    reasoningContent: Reasoning = ABSENT
    toolUse: ToolUse = ABSENT
    toolResult: ToolResult = ABSENT


Blocks = Annotated[list[Block], Field(min_length=1)]


class Turn(_Strict):
    """One turn."""

    role: Literal["user", "assistant"]
    content: Blocks


class SystemBlock(_Strict):
    """A system prompt."""

    text: StrictStr


class InputSchema(_Strict):
    """The JSON Schema of a tool's input."""

    json_: dict[str, Any] = Field(alias="json")


class ToolSpec(_Strict):
    """A tool that the model may call."""

    name: StrictStr
    description: StrictStr = ABSENT
    inputSchema: InputSchema
    strict: StrictBool = ABSENT


class Tool(_Strict):
    """A tool; Nova's files have no other kind."""

    toolSpec: ToolSpec


class ToolConfig(_Strict):
    """The tools of a row."""

    tools: Annotated[list[Tool], Field(min_length=1)]
    toolChoice: dict[str, Any] = ABSENT
