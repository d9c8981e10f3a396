"""`axolotl.yaml`: a run of Axolotl 0.19.0 on the exported rows with the recipe's training settings."""

from __future__ import annotations

from typing import Any

from .settings import Objective, training_settings
from .sidecars import Exported
from .yaml_text import item, line

_DATASETS: dict[str, dict[str, Any]] = {
    "sft": {
        "type": "chat_template",
        "field_messages": "messages",
        "field_tools": "tools",
        "message_field_training": "train",
        "roles_to_train": ["assistant"],
        "train_on_eos": "turn",
    },
    "dpo": {
        "type": "chat_template.default",
        "field_messages": "messages",
        "field_chosen": "chosen",
        "field_rejected": "rejected",
    },
    "kto": {"type": "chatml.argilla_chat"},
}
_TOO_LONG = {
    "error": ("raise", ""),
    "drop": ("drop", ""),
    "truncate_prompt": ("raise", "Axolotl would cut the end, which is the completion"),
}


def axolotl_yaml(told: Exported, objective: Objective) -> str:
    """The text of the config; its paths are relative to the folder."""
    settings = training_settings(told, objective)
    origins = settings.origins

    def say(key: str, name: str) -> str:
        return line(key, settings[name], origins[name].note)

    strategy, why = _TOO_LONG[settings["over_length"]]
    lines = [
        f"# Version {told.version} for Axolotl. Inside this folder: axolotl train axolotl.yaml",
        say("base_model", "base"),
        *([line("rl", objective)] if objective != "sft" else []),
        line("chat_template", "tokenizer_default"),
        *_tool_note(told),
        *_datasets(told, objective),
        line("val_set_size", 0),
        line("dataset_prepared_path", "prepared"),
        line(
            "output_dir",
            f"../{told.folder.name}-adapter",
            "beside the folder, which the next export replaces",
        ),
        "",
        line("adapter", "lora"),
        say("lora_r", "rank"),
        say("lora_alpha", "alpha"),
        line("lora_dropout", 0),
        line("lora_target_linear", True),
        "",
        say("sequence_len", "max_length"),
        line("excess_length_strategy", strategy, why or origins["over_length"].note),
        say("sample_packing", "packing"),
        line("pad_to_sequence_len", False),
        line("train_on_inputs", False),
        *([line("remove_unused_columns", False)] if objective == "kto" else []),
        "",
        say("micro_batch_size", "micro_batch"),
        say("gradient_accumulation_steps", "accumulation"),
        say("num_epochs", "epochs"),
        line("optimizer", "adamw_torch"),
        say("learning_rate", "learning_rate"),
        say("lr_scheduler", "schedule"),
        say("warmup_steps", "warmup_steps"),
        line("bf16", "auto"),
        line("gradient_checkpointing", True),
        line("logging_steps", 1),
        say("seed", "seed"),
        "",
        *_evaluation(settings, origins),
    ]
    return "\n".join([*lines, ""])


def _tool_note(told: Exported) -> list[str]:
    note = "# Rows call or define tools: the model's own chat template must render them."
    return [note] if "tools" in told.has else []


def _datasets(told: Exported, objective: Objective) -> list[str]:
    lines: list[str] = []
    for key, split in (("datasets", "train"), ("test_datasets", "validation")):
        if split in told.files:
            file = {"path": told.files[split], "ds_type": "json", "split": "train"}
            lines += [f"{key}:", *item({**file, **_DATASETS[objective]})]
    return lines


def _evaluation(settings: dict[str, Any], origins: dict[str, Any]) -> list[str]:
    """Early stopping on the validation loss; without validation rows one checkpoint an epoch."""
    every = settings["evaluate_every"]
    if every is None:
        return [line("saves_per_epoch", 1, origins["evaluate_every"].note)]
    return [
        line("eval_steps", every, origins["evaluate_every"].note),
        line("save_steps", every),
        line("save_total_limit", 2),
        line("early_stopping_patience", settings["patience"], origins["patience"].note),
        line("load_best_model_at_end", True),
        line("metric_for_best_model", "eval_loss"),
        line("greater_is_better", False),
    ]
