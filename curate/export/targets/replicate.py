"""Versions as Replicate training data for language models."""

from __future__ import annotations

from ....schemas.providers.replicate import RULES, PromptRow
from ..shape import Carries, State, Target
from .together import convert_prompt

REPLICATE = Target(
    name="replicate",
    family="replicate",
    summary="Replicate language model training, prompt and completion",
    model=PromptRow,
    rules=RULES,
    convert=convert_prompt,
    carries=Carries(system=False, turns=False),
    state=State(
        "unknown",
        "replicate.com/docs/guides/fine-tune-a-language-model, read 2026-11",
        "the guide stands, for Llama 2 alone; nothing recent says that trainings are taken",
    ),
)
TARGETS = (REPLICATE,)
