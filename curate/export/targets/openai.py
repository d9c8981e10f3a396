"""Versions as OpenAI fine-tuning files: supervised, preference and reinforcement."""

from __future__ import annotations

from functools import partial

from ....schemas.providers.openai import (
    MIN_TRAIN_ROWS,
    PREFERENCE_RULES,
    REINFORCEMENT_RULES,
    RULES,
    ChatRow,
    PreferenceRow,
    ReinforcementRow,
)
from ..chat import Form, convert_chat, convert_pair, convert_reference
from ..shape import Carries, Limits, State, Target

FORM = Form()
CARRIES = Carries(tools=True, weights=True, names=True)
CLOSING = State(
    "closing",
    "developers.openai.com/api/docs/deprecations, read 2026-11",
    "no new jobs for most organisations since 2026-07-02, for nobody from 2027-01-06",
)
LIMITS = Limits(
    min_train_rows=MIN_TRAIN_ROWS,
    max_file_bytes=512 * 1024**2,
    max_row_tokens=65_536,
    over_length="cut",
    source="platform.openai.com/docs/guides/supervised-fine-tuning and openai-cookbook, read 2026-11",
)
TOKENIZER = "o200k_base"

OPENAI = Target(
    name="openai",
    family="openai",
    summary="OpenAI supervised fine-tuning, chat JSONL",
    model=ChatRow,
    rules=RULES,
    convert=partial(convert_chat, form=FORM),
    carries=CARRIES,
    limits=LIMITS,
    state=CLOSING,
    tokenizer=TOKENIZER,
)
OPENAI_DPO = Target(
    name="openai-dpo",
    family="openai",
    summary="OpenAI preference fine-tuning (DPO): a prompt, a better and a worse answer",
    model=PreferenceRow,
    rules=PREFERENCE_RULES,
    convert=partial(convert_pair, form=FORM),
    kinds=frozenset({"preference"}),
    carries=CARRIES,
    limits=LIMITS,
    state=CLOSING,
    tokenizer=TOKENIZER,
)
OPENAI_RFT = Target(
    name="openai-rft",
    family="openai",
    summary="OpenAI reinforcement fine-tuning: prompts with reference_answer; a validation file is needed",
    model=ReinforcementRow,
    rules=REINFORCEMENT_RULES,
    convert=partial(convert_reference, form=Form(developer=True), member="reference_answer"),
    carries=CARRIES,
    limits=Limits(
        max_file_bytes=512 * 1024**2,
        source="developers.openai.com/api/docs/guides/reinforcement-fine-tuning, read 2026-11",
    ),
    state=CLOSING,
    tokenizer=TOKENIZER,
)
TARGETS = (OPENAI, OPENAI_DPO, OPENAI_RFT)
