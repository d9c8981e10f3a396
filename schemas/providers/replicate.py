"""Lines of Replicate training data for language models.

Source: replicate.com/meta/llama-2-7b-chat/train, read in November 2026: each line is a record of `text`, or
of `prompt` and `completion`. It says no more; that texts are not empty is asked here.
"""

from __future__ import annotations

from .openai_turns import Text
from .problems import Closed, Rule
from .text_turns import RULES as TURN_RULES

RULES: dict[str, Rule] = TURN_RULES


class PromptRow(Closed):
    """A prompt and its completion."""

    prompt: Text
    completion: Text
