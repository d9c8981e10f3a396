"""Versions as Predibase datasets: one file with a split column."""

from __future__ import annotations

from functools import partial

from ....schemas.providers.predibase import RULES, ChatRow, PromptRow
from ..layouts import JsonLines
from ..shape import Carries, Limits, State, Target
from ..text_chat import convert_text_chat
from .together import convert_prompt

_DOCS = "docs.predibase.com/fine-tuning/datasets, read 2026-11"
FILE = "dataset.jsonl"

STATE = State("unknown", _DOCS, "the documentation stands; nothing recent says that jobs are taken")
LIMITS = Limits(max_file_bytes=100 * 1000**2, source=_DOCS)
LAYOUT = JsonLines(
    files={"train": FILE, "validation": FILE},
    column="split",
    values={"train": "train", "validation": "evaluation"},
)

PREDIBASE = Target(
    name="predibase",
    family="predibase",
    summary="Predibase fine-tuning, conversations; one file with a split column",
    model=ChatRow,
    rules=RULES,
    convert=partial(convert_text_chat, member="messages"),
    limits=LIMITS,
    state=STATE,
    layout=LAYOUT,
)
PREDIBASE_PROMPT = Target(
    name="predibase-prompt",
    family="predibase",
    summary="Predibase fine-tuning, prompt and completion; one file with a split column",
    model=PromptRow,
    rules=RULES,
    convert=convert_prompt,
    carries=Carries(system=False, turns=False),
    limits=LIMITS,
    state=STATE,
    layout=LAYOUT,
)
TARGETS = (PREDIBASE, PREDIBASE_PROMPT)
