"""Versions as Fireworks AI datasets: supervised, preference and reinforcement."""

from __future__ import annotations

from functools import partial

from ....schemas.providers.fireworks import (
    MAX_ROWS,
    MIN_ROWS,
    PREFERENCE_RULES,
    REINFORCEMENT_RULES,
    RULES,
    ChatRow,
    PreferenceRow,
    ReinforcementRow,
)
from ..chat import Form, convert_chat, convert_pair, convert_reference
from ..shape import EVERYTHING, Carries, Limits, State, Target

_SOURCE = "docs.fireworks.ai/fine-tuning/fine-tuning-models, read 2026-11"
OPEN = State("open", _SOURCE)
LIMITS = Limits(min_train_rows=MIN_ROWS, max_train_rows=MAX_ROWS, source=_SOURCE)
CARRIES = Carries(tools=True, weights=True, names=True)
FORM = Form(late_system=False)

FIREWORKS = Target(
    name="fireworks",
    family="fireworks",
    summary="Fireworks AI supervised fine-tuning, chat JSONL",
    model=ChatRow,
    rules=RULES,
    convert=partial(convert_chat, form=Form(late_system=False, reasoning=True)),
    carries=EVERYTHING,
    limits=LIMITS,
    state=OPEN,
)
FIREWORKS_DPO = Target(
    name="fireworks-dpo",
    family="fireworks",
    summary="Fireworks AI preference fine-tuning (DPO)",
    model=PreferenceRow,
    rules=PREFERENCE_RULES,
    convert=partial(convert_pair, form=FORM),
    kinds=frozenset({"preference"}),
    carries=CARRIES,
    limits=LIMITS,
    state=OPEN,
)
FIREWORKS_RFT = Target(
    name="fireworks-rft",
    family="fireworks",
    summary="Fireworks AI reinforcement fine-tuning: prompts with ground_truth for your evaluator",
    model=ReinforcementRow,
    rules=REINFORCEMENT_RULES,
    convert=partial(convert_reference, form=FORM, member="ground_truth"),
    carries=CARRIES,
    limits=Limits(source="docs.fireworks.ai/fine-tuning/training-prerequisites, read 2026-11"),
    state=OPEN,
)
TARGETS = (FIREWORKS, FIREWORKS_DPO, FIREWORKS_RFT)
