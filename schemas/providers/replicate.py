"""Lines of Replicate training data for language models.

DOCS is replicate.com/meta/llama-2-7b-chat/train, read in November 2026: each line is a record of `text`, or
of `prompt` and `completion`.
"""

from __future__ import annotations

from .openai_turns import Text
from .problems import Closed, Rule

_DOCS = "replicate.com/meta/llama-2-7b-chat/train, read 2026-11"

RULES: dict[str, Rule] = {
    "empty_content": Rule("a turn has no text", _DOCS),
    "no_assistant": Rule("no turn is the assistant's", _DOCS),
    "last_turn_not_assistant": Rule(
        "the last turn is not the assistant's, so nothing is learnt from it", _DOCS
    ),
}


class PromptRow(Closed):
    """A prompt and its completion."""

    prompt: Text
    completion: Text
