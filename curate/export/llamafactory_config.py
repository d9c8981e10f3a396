"""`dataset_info.json` and `llamafactory.yaml`: a run of LLaMA-Factory 0.9.5 with the recipe's settings."""

from __future__ import annotations

import json
import re
from typing import Any

from .settings import Objective, training_settings
from .sidecars import Exported
from .yaml_text import line

_COLUMNS: dict[str, dict[str, str]] = {
    "sft": {},
    "dpo": {"chosen": "chosen", "rejected": "rejected"},
    "kto": {"kto_tag": "label"},
}
_TEMPLATES = (
    (r"smollm2", "smollm2"),
    (r"smollm(?!\d)", "smollm"),
    (r"qwen3.*(instruct-2507|coder)", "qwen3_nothink"),
    (r"qwen3(?!\.|-next|-omni|-vl)", "qwen3"),
    (r"qwen(2|2\.5|1\.5)(?!\.|.*(vl|audio|omni))", "qwen"),
    (r"llama-3(?!.*vision)", "llama3"),
    (r"gemma-3-1b", "gemma"),
    (r"gemma-2", "gemma2"),
    (r"tinyllama", "zephyr"),
)
"""Part of a base model's name to the template that LLaMA-Factory has for it (extras/constants.py, 0.9.5)."""


def template_of(base: str) -> str | None:
    """LLaMA-Factory's template for a base model; None where it reads the tokenizer's own."""
    name = base.rsplit("/", 1)[-1].lower()
    return next((template for part, template in _TEMPLATES if re.search(part, name)), None)


def dataset_name(split: str) -> str:
    """The name of a split in `dataset_info.json`."""
    return f"tuneset_{split}"


def dataset_info(told: Exported, objective: Objective) -> str:
    """Which file a data set is in, and what its columns are."""
    columns = {"messages": "conversations", "system": "system", "tools": "tools", **_COLUMNS[objective]}
    info: dict[str, Any] = {}
    for split, file in told.files.items():
        ranking = {"ranking": True} if objective == "dpo" else {}
        info[dataset_name(split)] = {
            "file_name": file,
            "formatting": "sharegpt",
            **ranking,
            "columns": columns,
        }
    return json.dumps(info, ensure_ascii=False, indent=2) + "\n"


def llamafactory_yaml(told: Exported, objective: Objective, *, last_alone: bool = False) -> str:
    """The text of the config; its paths are relative to the folder.

    Precision is not stated: LLaMA-Factory takes bfloat16 where the device has it.

    Args:
        told: What was exported.
        objective: What is learnt.
        last_alone: Whether only the last answer of a conversation is learnt.
    """
    settings = training_settings(told, objective)
    origins = settings.origins

    def say(key: str, name: str) -> str:
        return line(key, settings[name], origins[name].note)

    lines = [
        f"# Version {told.version} for LLaMA-Factory. Inside this folder:",
        "# llamafactory-cli train llamafactory.yaml",
        say("model_name_or_path", "base"),
        line("stage", objective),
        line("do_train", True),
        line("finetuning_type", "lora"),
        say("lora_rank", "rank"),
        say("lora_alpha", "alpha"),
        line("lora_dropout", 0),
        line("lora_target", "all"),
        "",
        line("dataset_dir", "."),
        line("dataset", dataset_name("train")),
        *_template(settings["base"]),
        line("cutoff_len", settings["max_length"], f"{origins['max_length'].note}; longer rows are cut"),
        *([line("mask_history", last_alone)] if objective == "sft" else []),
        line(
            "output_dir",
            f"../{told.folder.name}-adapter",
            "beside the folder, which the next export replaces",
        ),
        "",
        say("per_device_train_batch_size", "micro_batch"),
        say("gradient_accumulation_steps", "accumulation"),
        say("num_train_epochs", "epochs"),
        say("learning_rate", "learning_rate"),
        say("lr_scheduler_type", "schedule"),
        say("warmup_steps", "warmup_steps"),
        line("logging_steps", 1),
        line("report_to", "none"),
        say("seed", "seed"),
        "",
        *_evaluation(settings, origins),
    ]
    return "\n".join([*lines, ""])


def _template(base: str) -> list[str]:
    template = template_of(base)
    if template is None:
        return [
            "# template: not known here for this model; LLaMA-Factory reads the tokenizer's chat template"
        ]
    return [line("template", template)]


def _evaluation(settings: dict[str, Any], origins: dict[str, Any]) -> list[str]:
    """Early stopping on the validation loss; without validation rows one checkpoint an epoch."""
    every = settings["evaluate_every"]
    if every is None:
        return [line("save_strategy", "epoch", origins["evaluate_every"].note)]
    return [
        line("eval_dataset", dataset_name("validation")),
        line("eval_strategy", "steps"),
        line("eval_steps", every, origins["evaluate_every"].note),
        line("per_device_eval_batch_size", settings["micro_batch"]),
        line("save_strategy", "steps"),
        line("save_steps", every),
        line("save_total_limit", 2),
        line("load_best_model_at_end", True),
        line("metric_for_best_model", "eval_loss"),
        line("greater_is_better", False),
        line("early_stopping_steps", settings["patience"], f"{origins['patience'].note}; evaluations"),
    ]
