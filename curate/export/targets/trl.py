"""Versions as conversational datasets for TRL's trainers."""

from __future__ import annotations

import json
from typing import Any

from ....schemas.providers.problems import RowProblem, is_json_object
from ....schemas.providers.trl import RULES, ChatRow, PreferenceRow
from ..shape import Carries, Converted, Record, Target, one_answer, role_of, uncarried
from ..sidecars import Exported, Sidecar

CARRIES = Carries(tools=True, names=True, reasoning=True)
MEMBERS = ("content", "name", "reasoning_content", "tool_call_id")


def convert_sft(record: Record) -> Converted | RowProblem:
    """A row for SFTTrainer: a conversation."""
    problem = one_answer(record)
    if problem is not None:
        return problem
    changes: set[str] = set()
    turns = _turns(record["messages"], "messages", changes)
    if isinstance(turns, RowProblem):
        return turns
    return Converted(_with_tools({"messages": turns}, record), tuple(sorted(changes)))


def convert_dpo(record: Record) -> Converted | RowProblem:
    """A row for DPOTrainer: the last turn won, and the prompt ends with the user's turn before it."""
    rejected = record.get("rejected")
    if rejected is None:
        return uncarried("not_a_preference_row")
    messages = record["messages"]
    if len(messages) < 2 or messages[-1]["role"] != "assistant" or messages[-2]["role"] != "user":
        return uncarried("unclear_prompt", "messages")
    changes: set[str] = set()
    row: dict[str, Any] = {}
    for name, given in (("prompt", messages[:-1]), ("chosen", messages[-1:]), ("rejected", rejected)):
        turns = _turns(given, name, changes)
        if isinstance(turns, RowProblem):
            return turns
        row[name] = turns
    return Converted(_with_tools(row, record), tuple(sorted(changes)))


def _with_tools(row: Record, record: Record) -> Record:
    return {**row, "tools": record["tools"]} if record.get("tools") else row


def _turns(given: list[Record], name: str, changes: set[str]) -> list[Record] | RowProblem:
    turns: list[Record] = []
    for i, turn in enumerate(given):
        problem = _weight_problem(turn, f"{name}.{i}.weight")
        if problem is not None:
            return problem
        told: Record = {"role": role_of(turn, changes)}
        told |= {member: turn[member] for member in MEMBERS if turn.get(member) is not None}
        for k, call in enumerate(turn.get("tool_calls") or ()):
            if not is_json_object(call["function"]["arguments"]):
                return uncarried("arguments_not_object", f"{name}.{i}.tool_calls.{k}.function.arguments")
        if turn.get("tool_calls"):
            told["tool_calls"] = [_call(call) for call in turn["tool_calls"]]
        turns.append(told)
    return turns


def _weight_problem(turn: Record, where: str) -> RowProblem | None:
    """TRL has no weights; a turn of another role is not trained on anyway."""
    weight = turn.get("weight")
    if weight in (None, 1) or turn["role"] != "assistant":
        return None
    return uncarried("zero_weight" if weight == 0 else "fractional_weight", where)


def _call(call: Record) -> Record:
    function = {**call["function"], "arguments": json.loads(call["function"]["arguments"])}
    return {**call, "function": function}


def _readme(columns: tuple[str, ...], use: str) -> Sidecar:
    def write(told: Exported) -> str:
        lines = ["---", "configs:", "- config_name: default", "  data_files:"]
        for split, file in told.files.items():
            lines += [f"  - split: {split}", f"    path: {file}"]
        lines += ["dataset_info:", "  features:"]
        for column in columns:
            lines += [f"  - name: {column}", "    list: json"]
        lines += ["---", "", "Load this folder by its path, so that the features above are read:", ""]
        return "\n".join([*lines, "```python", *use.splitlines(), "```", ""])

    return Sidecar("README.md", write, "the column types, which datasets.load_dataset reads")


_SFT_USE = """from datasets import load_dataset
from trl import SFTConfig, SFTTrainer

rows = load_dataset("path/to/this/folder")
trainer = SFTTrainer(
    model="...",
    args=SFTConfig(assistant_only_loss=True),
    train_dataset=rows["train"],
    eval_dataset=rows["validation"],
)"""
_DPO_USE = """from datasets import load_dataset
from trl import DPOConfig, DPOTrainer

rows = load_dataset("path/to/this/folder")
trainer = DPOTrainer(
    model="...",
    args=DPOConfig(),
    train_dataset=rows["train"],
    eval_dataset=rows["validation"],
)"""

TRL = Target(
    name="trl",
    family="trl",
    summary="TRL SFTTrainer, conversational JSONL that datasets.load_dataset reads",
    model=ChatRow,
    rules=RULES,
    convert=convert_sft,
    carries=CARRIES,
    sidecars=(_readme(("messages", "tools"), _SFT_USE),),
)
TRL_DPO = Target(
    name="trl-dpo",
    family="trl",
    summary="TRL DPOTrainer, conversational preference JSONL",
    model=PreferenceRow,
    rules=RULES,
    convert=convert_dpo,
    kinds=frozenset({"preference"}),
    carries=CARRIES,
    sidecars=(_readme(("prompt", "chosen", "rejected", "tools"), _DPO_USE),),
)
TARGETS = (TRL, TRL_DPO)
