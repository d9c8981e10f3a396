"""Versions as Azure OpenAI (Foundry) fine-tuning files: OpenAI's lines with Azure's own rules."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ....schemas.providers.azure import (
    AZURE_PREFERENCE_RULES,
    AZURE_REINFORCEMENT_RULES,
    AZURE_RULES,
    AzureChatRow,
    AzurePreferenceRow,
    AzureReinforcementRow,
)
from ..chat import convert_pair
from ..shape import Limits, State
from .openai import FORM, OPENAI, OPENAI_DPO, OPENAI_RFT

OPEN = State("open", "learn.microsoft.com, Foundry, how-to/reinforcement-fine-tuning, read 2026-11")
_SOURCE = "learn.microsoft.com, Azure OpenAI quotas and limits and Foundry fine-tuning, read 2026-11"
LIMITS = Limits(min_train_rows=10, max_file_bytes=512 * 1024**2, max_row_tokens=65_536, source=_SOURCE)

AZURE = replace(
    OPENAI,
    name="azure",
    family="azure",
    summary="Azure OpenAI supervised fine-tuning, chat JSONL",
    model=AzureChatRow,
    rules=AZURE_RULES,
    limits=LIMITS,
    state=OPEN,
)
AZURE_DPO = replace(
    OPENAI_DPO,
    name="azure-dpo",
    family="azure",
    summary="Azure OpenAI preference fine-tuning (DPO)",
    model=AzurePreferenceRow,
    rules=AZURE_PREFERENCE_RULES,
    convert=partial(convert_pair, form=FORM, several=True),
    limits=LIMITS,
    state=OPEN,
)
AZURE_RFT = replace(
    OPENAI_RFT,
    name="azure-rft",
    family="azure",
    summary="Azure OpenAI reinforcement fine-tuning, as openai-rft; a validation file is needed",
    model=AzureReinforcementRow,
    rules=AZURE_REINFORCEMENT_RULES,
    limits=Limits(max_train_rows=50_000, max_file_bytes=512 * 1024**2, source=_SOURCE),
    state=OPEN,
)
TARGETS = (AZURE, AZURE_DPO, AZURE_RFT)
