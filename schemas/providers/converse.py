"""Parts of fine-tuning lines in the shape of Amazon Bedrock's Converse API: blocks, turns, tools.

What holds between them is checked in `converse_checks`; rules and sources are in `converse_rules`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictStr

from .problems import Closed

VERSION = "bedrock-conversation-2024"
ABSENT: Any = None
"""The default of a member that may be missing; null itself is refused, as the API refuses it."""


class Location(Closed):
    """An object in S3."""

    uri: Annotated[StrictStr, Field(pattern=r"^s3://[\w\-/.]+$")]
    bucketOwner: StrictStr = ABSENT


class MediumSource(Closed):
    """Where a medium is."""

    s3Location: Location


class Image(Closed):
    """An image."""

    format: Literal["jpeg", "png", "gif", "webp"]
    source: MediumSource


class Video(Closed):
    """A video."""

    format: Literal["mov", "mkv", "mp4", "webm"]
    source: MediumSource


class Document(Closed):
    """A document."""

    format: Literal["pdf"]
    source: MediumSource
    name: StrictStr = ABSENT


class ReasoningText(Closed):
    """What the assistant thinks."""

    text: StrictStr


class Reasoning(Closed):
    """Reasoning before an answer."""

    reasoningText: ReasoningText


class ToolUse(Closed):
    """A call of a tool by the assistant."""

    toolUseId: StrictStr
    name: StrictStr
    input: dict[str, Any]


class ToolResultPart(Closed):
    """A part of what a tool answered: text or JSON."""

    text: StrictStr = ABSENT
    json_: dict[str, Any] = Field(default=ABSENT, alias="json")


class ToolResult(Closed):
    """What a tool answered; it stands in a user's turn."""

    toolUseId: StrictStr
    content: Annotated[list[ToolResultPart], Field(min_length=1)]
    status: Literal["success", "error"] = ABSENT


class Block(Closed):
    """One block of content, of one kind."""

    text: StrictStr = ABSENT
    image: Image = ABSENT
    video: Video = ABSENT
    document: Document = ABSENT
    reasoningContent: Reasoning = ABSENT
    toolUse: ToolUse = ABSENT
    toolResult: ToolResult = ABSENT


Blocks = Annotated[list[Block], Field(min_length=1)]


class Turn(Closed):
    """One turn."""

    role: Literal["user", "assistant"]
    content: Blocks


class SystemBlock(Closed):
    """A system prompt."""

    text: StrictStr


class InputSchema(Closed):
    """The JSON Schema of a tool's input."""

    json_: dict[str, Any] = Field(alias="json")


class ToolSpec(Closed):
    """A tool that the model may call."""

    name: StrictStr
    description: StrictStr = ABSENT
    inputSchema: InputSchema
    strict: StrictBool = ABSENT


class Tool(Closed):
    """A tool; Nova's files have no other kind."""

    toolSpec: ToolSpec


class ToolConfig(Closed):
    """The tools of a row."""

    tools: Annotated[list[Tool], Field(min_length=1)]
    toolChoice: dict[str, Any] = ABSENT
