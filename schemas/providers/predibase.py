"""Rows of a Predibase dataset: one file, with a column that says which rows are for evaluation.

DOCS is docs.predibase.com/fine-tuning/datasets, read in November 2026: a prompt and its completion, or
messages of a chat; `split` is `train` or `evaluation`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from .openai_turns import Text
from .problems import Closed, Rule, sourced
from .text_turns import RULES as TURN_RULES
from .text_turns import TextTurns, teaches

_DOCS = "docs.predibase.com/fine-tuning/datasets, read 2026-11"

RULES: dict[str, Rule] = {**TURN_RULES, **sourced(TURN_RULES, {"empty_content": _DOCS})}
Split = Literal["train", "evaluation"]


class ChatRow(Closed):
    """A conversation."""

    messages: TextTurns
    split: Split | None = None

    @model_validator(mode="after")
    def _learns(self) -> ChatRow:
        teaches(self.messages, "messages")
        return self


class PromptRow(Closed):
    """A prompt and its completion."""

    prompt: Text
    completion: Text
    split: Split | None = None
