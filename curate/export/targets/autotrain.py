"""Versions for Hugging Face AutoTrain: JSONL of conversations, and a configuration that runs as it is."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import yaml

from ....schemas.providers.autotrain import PREFERENCE_RULES, RULES, ChatRow, PreferenceRow
from ....schemas.providers.problems import RowProblem
from ..chat import split_pair
from ..settings import Objective, training_settings
from ..shape import Converted, Record, State, Target
from ..sidecars import Exported, Sidecar
from ..text_chat import convert_text_chat, text_turns

STATE = State(
    "unknown",
    "github.com/huggingface/autotrain-advanced, read 2026-11",
    "the last commit is of 2025-01-21; version 0.8.36 asks for datasets 3.2 and transformers 4.48",
    local=True,
)
CONFIG = "config.yml"
COLUMNS: dict[Objective, dict[str, str]] = {
    "sft": {"text_column": "text"},
    "dpo": {"text_column": "text", "rejected_text_column": "rejected_text", "prompt_text_column": "prompt"},
}


def convert_pair(record: Record) -> Converted | RowProblem:
    """A preference as two conversations that differ in their last turn."""
    pair = split_pair(record)
    if isinstance(pair, RowProblem):
        return pair
    prompt, winner, losers = pair
    changes: set[str] = set()
    asked = text_turns(record, prompt, changes)
    if isinstance(asked, RowProblem):
        return asked
    row: Record = {"prompt": asked[-1].get("content")}
    for name, given in (("text", [winner]), ("rejected_text", losers)):
        answer = text_turns(record, given, changes, name, first=False)
        if isinstance(answer, RowProblem):
            return answer
        row[name] = [*asked, *answer]
    return Converted(row, tuple(sorted(changes)))


def config(told: Exported, objective: Objective) -> str:
    """The configuration for `autotrain --config config.yml`, run from the folder."""
    settings = training_settings(told, objective)
    steps = max(1, settings["steps"])
    params: dict[str, Any] = {
        "block_size": settings["max_length"],
        "model_max_length": settings["max_length"],
        "epochs": math.ceil(settings["epochs"]),
        "batch_size": settings["micro_batch"],
        "gradient_accumulation": settings["accumulation"],
        "lr": settings["learning_rate"],
        "warmup_ratio": round(settings["warmup_steps"] / steps, 4),
        "scheduler": settings["schedule"],
        "optimizer": "adamw_torch",
        "peft": True,
        "quantization": None,
        "target_modules": "all-linear",
        "lora_r": settings["rank"],
        "lora_alpha": settings["alpha"],
        "lora_dropout": 0.0,
        "seed": settings["seed"],
        "mixed_precision": "bf16",
    }
    if objective == "dpo":
        params |= {"max_prompt_length": settings["max_length"], "dpo_beta": 0.1}
    said = {
        "task": f"llm-{objective}",
        "base_model": settings["base"],
        "project_name": f"tuneset-{told.version}",
        "log": "tensorboard",
        "backend": "local",
        "data": {
            "path": ".",
            "train_split": "train",
            "valid_split": "validation" if told.rows.get("validation") else None,
            "chat_template": "tokenizer",
            "column_mapping": COLUMNS[objective],
        },
        "params": params,
    }
    head = "# From this folder: autotrain --config config.yml\n"
    return head + yaml.safe_dump(said, sort_keys=False, allow_unicode=True)


def _sidecar(objective: Objective) -> Sidecar:
    return Sidecar(
        CONFIG, partial(config, objective=objective), "run from the folder: autotrain --config config.yml"
    )


AUTOTRAIN = Target(
    name="autotrain",
    family="autotrain",
    summary="Hugging Face AutoTrain, conversations with a configuration",
    model=ChatRow,
    rules=RULES,
    convert=partial(convert_text_chat, member="text"),
    state=STATE,
    sidecars=(_sidecar("sft"),),
)
AUTOTRAIN_DPO = Target(
    name="autotrain-dpo",
    family="autotrain",
    summary="Hugging Face AutoTrain, preferences (DPO) with a configuration",
    model=PreferenceRow,
    rules=PREFERENCE_RULES,
    convert=convert_pair,
    kinds=frozenset({"preference"}),
    state=STATE,
    sidecars=(_sidecar("dpo"),),
)
TARGETS = (AUTOTRAIN, AUTOTRAIN_DPO)
