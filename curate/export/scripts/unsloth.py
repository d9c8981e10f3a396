"""`train.py` for Unsloth: a script that runs as it is on the folder that it stands in."""

from __future__ import annotations

from string import Template

from ..settings import training_settings
from ..sidecars import Exported, Sidecar
from . import trl_parts as parts
from .trl import block, functions, head

PINS = ("unsloth==2026.10.9", "unsloth_zoo==2026.10.9", "trl==1.15.0", "datasets==4.8.5")
"""The versions that the script was tested with; this Unsloth takes TRL up to 1.15 and datasets before 5."""

SCRIPT = (
    parts.HEAD
    + """from unsloth import FastLanguageModel, is_bfloat16_supported  # first: it changes the libraries below
from unsloth.chat_templates import get_chat_template, train_on_responses_only

import argparse
import sys
from pathlib import Path

from datasets import load_dataset
from transformers import AutoConfig, EarlyStoppingCallback
from trl import SFTConfig, SFTTrainer
from trl.chat_template_utils import supports_tool_calling

$constants

HERE = Path(__file__).resolve().parent
EVERY_LINEAR_LAYER = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def main():
    arguments = read_arguments()
    limit = longest_allowed(arguments.model)
    model, tokenizer = FastLanguageModel.from_pretrained(
        model_name=arguments.model, max_seq_length=limit, dtype=None, load_in_4bit=False
    )
    if not tokenizer.chat_template:
        tokenizer = get_chat_template(tokenizer, chat_template="chatml")
    check_template(tokenizer)
    rows = fitting(load_dataset(str(HERE)), tokenizer, limit)
    texts = rows.map(shown, fn_kwargs={"tokenizer": tokenizer}, remove_columns=rows["train"].column_names)
    has_validation = EVALUATE_EVERY is not None and len(rows.get("validation", ())) > 0
    model = FastLanguageModel.get_peft_model(
        model,
        r=RANK,
        lora_alpha=ALPHA,
        lora_dropout=0.0,
        bias="none",
        target_modules=EVERY_LINEAR_LAYER,
        use_gradient_checkpointing="unsloth",
        random_state=SEED,
    )
    trainer = SFTTrainer(
        model=model,
        args=settings(arguments, has_validation, max_length=limit),
        train_dataset=texts["train"],
        eval_dataset=texts["validation"] if has_validation else None,
        processing_class=tokenizer,
        callbacks=[EarlyStoppingCallback(PATIENCE)] if has_validation else [],
    )
    trainer = train_on_responses_only(trainer)  # it finds the marks of turns in the chat template
    check_mask(trainer, rows["train"], tokenizer)
    trainer.train()
    model.save_pretrained(arguments.output)
    tokenizer.save_pretrained(arguments.output)
    print(f"the adapter is in {arguments.output}")


$functions


if __name__ == "__main__":
    main()
"""
)
PRECISION = '''    """How to train: bfloat16 where the machine has it, float16 elsewhere."""
    bf16 = is_bfloat16_supported()'''
NUMBERS = """        bf16=bf16,
        fp16=not bf16,
        dataset_text_field="text","""
SHOWN = '''def shown(row, tokenizer):
    """A conversation as the chat template shows it."""
    tools = row.get("tools") or None
    return {"text": tokenizer.apply_chat_template(row["messages"], tools=tools, tokenize=False)}'''
CHECK_MASK = '''def check_mask(trainer, rows, tokenizer):
    """Stop where the result of a tool would be learnt.

    Unsloth learns what stands between an answer's mark and the next mark that it knows; some chat templates
    give results a mark of their own.
    """
    for row, told in zip(rows.select(range(min(100, len(rows)))), trainer.train_dataset):
        learnt = tokenizer.decode([token for token in told["labels"] if token != -100])
        results = [turn["content"] for turn in row["messages"] if turn["role"] == "tool"]
        if any(result and result in learnt for result in results):
            sys.exit("This chat template would have the results of tools learnt: export to trl instead.")'''


def unsloth_script() -> Sidecar:
    """The script for rows of conversations."""
    return Sidecar("train.py", script, "trains an adapter on this folder with Unsloth")


def script(told: Exported) -> str:
    """The text of `train.py`."""
    config = "SFTConfig"
    return Template(SCRIPT).substitute(
        head(told, "Unsloth", PINS, "every assistant turn is learnt"),
        constants=block(training_settings(told), told, {}),
        functions=functions(
            (
                parts.ARGUMENTS,
                parts.SETTINGS,
                parts.TEMPLATE,
                parts.LONGEST,
                parts.FITTING.replace("TRL can only", "The trainer can only"),
                parts.TOKENS,
                parts.LENGTH,
                SHOWN,
                CHECK_MASK,
            ),
            {"config": config, "precision": PRECISION, "numbers": NUMBERS},
        ),
    )
