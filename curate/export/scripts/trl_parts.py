"""The text of `train.py`: what every form shares, and what each puts into it.

`$name` is filled in by `string.Template`.
"""

from __future__ import annotations

HEAD = '''"""Train a LoRA adapter with $tool on the rows of this folder.

    pip install $pins
    python train.py

Version $version for $target: $counts rows; $what.
The settings below are those of the recipe that the version was exported with. Each says where its value
comes from: given in the recipe, the default of the recipe, or derived by the rule that is named.
"""

'''
SCRIPT = (
    HEAD
    + """import argparse
import sys
from pathlib import Path

import torch
from datasets import load_dataset
from peft import LoraConfig
from transformers import AutoConfig, AutoTokenizer, EarlyStoppingCallback
from trl import $config, $trainer
$imports

$constants

HERE = Path(__file__).resolve().parent


def main():
    arguments = read_arguments()
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    check_template(tokenizer)
    rows = fitting(load_dataset(str(HERE)), tokenizer, longest_allowed(arguments.model))
$prepare    has_validation = EVALUATE_EVERY is not None and len(rows.get("validation", ())) > 0
    trainer = $trainer(
        model=arguments.model,
        args=settings(arguments, has_validation$options),
        train_dataset=rows["train"],
        eval_dataset=rows["validation"] if has_validation else None,
        processing_class=tokenizer,
        peft_config=LoraConfig(
            r=RANK,
            lora_alpha=ALPHA,
            lora_dropout=0.0,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
        callbacks=[EarlyStoppingCallback(PATIENCE)] if has_validation else [],
    )
    trainer.train()
    trainer.save_model(arguments.output)
    print(f"the adapter is in {arguments.output}")


$functions


if __name__ == "__main__":
    main()
"""
)
ARGUMENTS = """def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=MODEL, help="base model: a hub id or a folder")
    parser.add_argument(
        "--output", default=HERE.with_name(HERE.name + "-adapter"), help="folder for the adapter"
    )
    parser.add_argument("--max-steps", type=int, default=-1, help="stop after so many updates")
    return parser.parse_args()"""
SETTINGS = """def settings(arguments, has_validation, **more):
$precision
    if has_validation:
        more |= {
            "eval_strategy": "steps",
            "eval_steps": EVALUATE_EVERY,
            "save_strategy": "steps",
            "save_steps": EVALUATE_EVERY,
            "save_total_limit": 1,
            "load_best_model_at_end": True,
            "metric_for_best_model": "eval_loss",
            "greater_is_better": False,
        }
    else:
        more |= {"save_strategy": "no"}
    return $config(
        output_dir=str(Path(arguments.output) / "checkpoints"),
        per_device_train_batch_size=ROWS_A_PASS,
        per_device_eval_batch_size=ROWS_A_PASS,
        gradient_accumulation_steps=PASSES_AN_UPDATE,
        num_train_epochs=EPOCHS,
        max_steps=arguments.max_steps,
        learning_rate=LEARNING_RATE,
        lr_scheduler_type=SCHEDULE,
        warmup_steps=WARMUP_STEPS,
        weight_decay=0.0,
        seed=SEED,
$numbers
        logging_steps=1,
        report_to="none",
        **more,
    )"""
PRECISION = '''    """How to train: bfloat16 where the GPU has it, else float16; float32 without one."""
    gpu = torch.cuda.is_available()
    bf16 = gpu and torch.cuda.is_bf16_supported()
    number = "bfloat16" if bf16 else "float16" if gpu else "float32"'''
NUMBERS = """        max_length=None,  # rows that are too long are dealt with above; here none is cut
        bf16=bf16,
        fp16=gpu and not bf16,
        model_init_kwargs={"dtype": number},"""
TEMPLATE = '''def check_template(tokenizer):
    """Stop where the model's chat template drops a part of the rows without a word."""
    if not tokenizer.chat_template:
        sys.exit("The model has no chat template: choose an instruction-tuned one.")
    if HAS_TOOL_CALLS and not supports_tool_calling(tokenizer):
        sys.exit("The rows call tools, and the model's chat template does not show calls: choose another.")
    parameters = {"type": "object", "properties": {}}
    function = {"name": "so-it-is-called", "description": "d", "parameters": parameters}
    call = {"type": "function", "function": {"name": "f", "arguments": {}}}
    said = {"role": "assistant", "content": "so-it-says"}
    if HAS_TOOLS:
        tools = [{"type": "function", "function": function}]
        must_show("so-it-is-called", "tools", tokenizer, said, tools=tools)
    if HAS_REASONING:
        must_show("so-it-seems", "reasoning", tokenizer, {**said, "reasoning_content": "so-it-seems"})
    if HAS_CONTENT_BESIDE_CALLS:
        must_show("so-it-says", "text beside tool calls", tokenizer, {**said, "tool_calls": [call]})


def must_show(text, what, tokenizer, turn, tools=None):
    turns = [{"role": "user", "content": "q"}, turn]
    if text not in tokenizer.apply_chat_template(turns, tools=tools, tokenize=False):
        sys.exit(f"The rows have {what}, which the model's chat template does not show: choose another.")'''
LONGEST = '''def longest_allowed(model):
    """Most tokens of a row: MAX_LENGTH, or what the model reads."""
    limit = getattr(AutoConfig.from_pretrained(model).get_text_config(), "max_position_embeddings", None)
    return min(n for n in (MAX_LENGTH, limit, sys.maxsize) if n is not None)'''
FITTING = '''def fitting(rows, tokenizer, limit):
    """The rows of at most `limit` tokens; longer ones end the run, unless OVER_LENGTH lets them go.

    TRL can only cut the end of a row, which is the answer, so none is cut.
    """
    kept = rows.filter(lambda row: length(row, tokenizer) <= limit)
    for split in rows:
        longer = len(rows[split]) - len(kept[split])
        if longer and OVER_LENGTH == "error":
            sys.exit(f"{longer} rows of {split} have more than {limit} tokens: see OVER_LENGTH.")
        if longer:
            print(f"{longer} rows of {split} have more than {limit} tokens and are left out")
    if not len(kept["train"]):
        sys.exit(f"No row of train has at most {limit} tokens.")
    return kept'''
TOKENS = '''def tokens(turns, row, tokenizer):
    """How many tokens turns have, with the row's tools."""
    told = tokenizer.apply_chat_template(turns, tools=row.get("tools") or None, return_dict=True)
    return len(told["input_ids"])'''
LENGTH = '''def length(row, tokenizer):
    """Tokens of a row."""
    return tokens(row["messages"], row, tokenizer)'''
PAIR_LENGTH = LENGTH.replace('row["messages"]', 'row["prompt"] + row["completion"]')
LONGER = '''def length(row, tokenizer):
    """Tokens of a row with the longer answer."""
    return max(tokens(row["prompt"] + row[name], row, tokenizer) for name in ("chosen", "rejected"))'''
MASK = '''def can_mask(tokenizer):
    """Whether TRL can tell what the assistant says from the rest (assistant_only_loss).

    The chat template must mark it with {% generation %}, or be one for which TRL has a marked copy.
    """
    try:
        get_training_chat_template(tokenizer)
    except ValueError:
        return False
    return True'''
LABELLED = '''def labelled(row, tokenizer):
    """Tokens of a conversation, with labels on what the assistant says, as far as its end mark."""
    turns, tools = row["messages"], row.get("tools") or None
    text, ids, labels = "", [], []
    for i, turn in enumerate(turns):
        if turn["role"] != "assistant":
            continue
        asked = tokenizer.apply_chat_template(
            turns[:i], tools=tools, tokenize=False, add_generation_prompt=True
        )
        told = tokenizer.apply_chat_template(turns[: i + 1], tools=tools, tokenize=False)
        if not (asked.startswith(text) and told.startswith(asked)):
            sys.exit("The chat template shows a turn differently once others follow: choose another model.")
        context = tokenizer(asked[len(text) :], add_special_tokens=False)["input_ids"]
        answer = tokenizer(told[len(asked) :], add_special_tokens=False)["input_ids"]
        after = answer[::-1].index(tokenizer.eos_token_id) if tokenizer.eos_token_id in answer else 0
        learnt = answer[: len(answer) - after]
        ids += context + answer
        labels += [-100] * len(context) + learnt + [-100] * after
        text = told
    return {"input_ids": ids, "labels": labels}'''
BALANCE = '''def balance(labels):
    """Weights by which good and bad answers count alike, however many there are of each.

    Source: KTO, Ethayarajh et al. 2024, section 4.2: their ratio lies between 1 and 4/3.
    """
    good, bad = sum(labels), len(labels) - sum(labels)
    if not good or not bad:
        return {}
    rare = max(good, bad) / min(good, bad)
    return {"desirable_weight": rare} if good < bad else {"undesirable_weight": rare}'''
