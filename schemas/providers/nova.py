"""Lines of Amazon Nova's fine-tuning files: supervised for Nova 1 and Nova 2 Lite, and preferences.

Rules and sources are in `converse_rules`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .converse import ABSENT, Block, Blocks, SystemBlock, ToolConfig, Turn
from .converse_checks import (
    broke,
    check_blocks,
    check_declared,
    check_order,
    check_system,
    check_tools,
    check_words,
    texts_of,
)
from .problems import Closed

System = Annotated[list[SystemBlock], Field(min_length=1)]


class NovaRow(Closed):
    """One line for supervised fine-tuning of Nova 1: Micro, Lite and Pro."""

    schemaVersion: Literal["bedrock-conversation-2024"]
    system: System = []
    toolConfig: ToolConfig = ABSENT
    messages: Annotated[list[Turn], Field(min_length=1)]

    @model_validator(mode="after")
    def _follows_the_rules(self) -> NovaRow:
        check_system(self.system)
        check_order([turn.role for turn in self.messages])
        rich = [
            check_blocks(turn.content, turn.role, f"messages.{i}.content")
            for i, turn in enumerate(self.messages)
        ]
        texts = [(f"system.{i}.text", block.text) for i, block in enumerate(self.system)]
        for i, turn in enumerate(self.messages):
            texts += texts_of(turn.content, f"messages.{i}.content")
        check_words(texts)
        if self.toolConfig is not None or any(rich):
            declared = check_declared(self.toolConfig) if self.toolConfig else set[str]()
            check_tools(self.messages, declared)
            self._check_edition()
        return self

    def _check_edition(self) -> None:
        """What the edition of the model does not take, and one document a row."""
        documents = 0
        for i, turn in enumerate(self.messages):
            for k, block in enumerate(turn.content):
                documents += block.document is not None
                self._check_block(block, f"messages.{i}.content.{k}")
        if documents > 1:
            raise broke("too_much_media", "messages")

    def _check_block(self, block: Block, at: str) -> None:
        if block.reasoningContent is not None:
            raise broke("reasoning_unsupported", f"{at}.reasoningContent")


class Nova2Row(NovaRow):
    """One line for supervised fine-tuning of Nova 2 Lite: with reasoning, without tools."""

    def _check_edition(self) -> None:
        if self.toolConfig is not None:
            raise broke("tools_unsupported", "toolConfig")
        super()._check_edition()

    def _check_block(self, block: Block, at: str) -> None:
        """Every block that stands in a checked row is taken."""


class Candidate(Closed):
    """One of the answers to choose from."""

    content: Blocks
    preferenceLabel: Literal["preferred", "non-preferred"]


class PreferenceTurn(Closed):
    """A turn of a preference row: content, or in the last one candidates."""

    role: Literal["user", "assistant"]
    content: Blocks = ABSENT
    candidates: list[Candidate] = ABSENT


class NovaPreferenceRow(Closed):
    """One line for preference optimisation of Nova 1: the last turn has the answers to choose from."""

    schemaVersion: Literal["bedrock-conversation-2024"]
    system: System = []
    messages: Annotated[list[PreferenceTurn], Field(min_length=1)]

    @model_validator(mode="after")
    def _follows_the_rules(self) -> NovaPreferenceRow:
        check_system(self.system)
        texts = [(f"system.{i}.text", block.text) for i, block in enumerate(self.system)]
        last = len(self.messages) - 1
        for i, turn in enumerate(self.messages):
            if (turn.candidates is None) == (i == last) or (turn.content is None) != (i == last):
                raise broke("candidates_not_last", f"messages.{i}")
        check_order([turn.role for turn in self.messages])
        for i, turn in enumerate(self.messages[:-1]):
            texts += _plain_texts(turn.content or [], turn.role, f"messages.{i}.content")
        candidates = self.messages[last].candidates or []
        if len({candidate.preferenceLabel for candidate in candidates}) < 2:
            raise broke("too_few_candidates", f"messages.{last}.candidates")
        for k, candidate in enumerate(candidates):
            at = f"messages.{last}.candidates.{k}.content"
            texts += _plain_texts(candidate.content, "assistant", at)
        check_words(texts)
        return self


def _plain_texts(blocks: list[Block], role: str, at: str) -> list[tuple[str, str]]:
    """Places and texts of blocks without tools, reasoning and videos, which preference rows do not have."""
    check_blocks(blocks, role, at)
    for k, block in enumerate(blocks):
        if block.toolUse is not None or block.toolResult is not None:
            raise broke("undeclared_tool", f"{at}.{k}")
        if block.reasoningContent is not None:
            raise broke("reasoning_unsupported", f"{at}.{k}")
        if block.video is not None:
            raise broke("video_unsupported", f"{at}.{k}.video")
    return list(texts_of(blocks, at))
