"""Versions as conversational datasets for TRL's trainers."""

from __future__ import annotations

from typing import Any

from ....schemas.providers.problems import RowProblem
from ....schemas.providers.trl import RULES, ChatRow, LabelRow, PreferenceRow, PromptRow
from ..arguments import arguments_object, is_respelled
from ..columns_card import card
from ..plain_turns import unfollowed_weight
from ..record_kinds import last_answer_alone, one_answer, one_pair, one_verdict
from ..scripts.trl import train_script
from ..shape import Carries, Converted, Record, Target, role_of, uncarried

CARRIES = Carries(tools=True, names=True, reasoning=True)
MEMBERS = ("content", "name", "reasoning_content", "tool_call_id", "weight")


def convert_sft(record: Record) -> Converted | RowProblem:
    """A row for SFTTrainer: a conversation."""
    problem = one_answer(record)
    if problem is not None:
        return problem
    return _row(record, {"messages": record["messages"]}, {})


def convert_prompt(record: Record) -> Converted | RowProblem:
    """A row for SFTTrainer: the last turn is learnt, the turns before it are its prompt."""
    problem = last_answer_alone(record)
    if problem is not None:
        return problem
    messages = record["messages"]
    return _row(record, {"prompt": messages[:-1], "completion": messages[-1:]}, {})


def convert_kto(record: Record) -> Converted | RowProblem:
    """A row for KTOTrainer: the verdict is on the last turn; a pair comes here as two rows."""
    problem = one_verdict(record)
    if problem is not None:
        return problem
    messages = record["messages"]
    return _row(record, {"prompt": messages[:-1], "completion": messages[-1:]}, {"label": record["label"]})


def convert_dpo(record: Record) -> Converted | RowProblem:
    """A row for DPOTrainer: the last turn won, and the prompt ends with the user's turn before it."""
    problem = one_pair(record, several=True)
    if problem is not None:
        return problem
    messages = record["messages"]
    parts = {"prompt": messages[:-1], "chosen": messages[-1:], "rejected": record["rejected"]}
    return _row(record, parts, {})


def _row(record: Record, parts: dict[str, list[Record]], more: Record) -> Converted | RowProblem:
    """The lists of turns, what stands beside them, and the tools."""
    changes: set[str] = set()
    row: dict[str, Any] = {}
    for name, given in parts.items():
        turns: list[Record] = []
        for i, turn in enumerate(given):
            told = _turn(turn, f"{name}.{i}", changes, learnt=name != "prompt")
            if isinstance(told, RowProblem):
                return told
            turns.append(told)
        row[name] = turns
    row |= more
    if record.get("tools"):
        row["tools"] = record["tools"]
    return Converted(row, tuple(sorted(changes)))


def _turn(turn: Record, where: str, changes: set[str], *, learnt: bool) -> Record | RowProblem:
    problem = unfollowed_weight(turn, where, learnt=learnt)
    if problem is not None:
        return problem
    told: Record = {"role": role_of(turn, changes)}
    told |= {member: turn[member] for member in MEMBERS if turn.get(member) is not None}
    if turn["role"] != "assistant":
        told.pop("weight", None)
    calls: list[Record] = []
    for k, call in enumerate(turn.get("tool_calls") or ()):
        arguments = arguments_object(call["function"]["arguments"])
        if isinstance(arguments, str):
            return uncarried(arguments, f"{where}.tool_calls.{k}.function.arguments")
        if is_respelled(call["function"]["arguments"], arguments):
            changes.add("arguments_respelled")
        calls.append(_call(call, arguments))
    return {**told, "tool_calls": calls} if calls else told


def _call(call: Record, arguments: Record) -> Record:
    told = {name: value for name, value in call.items() if value is not None}
    return {**told, "function": {**call["function"], "arguments": arguments}}


TRL = Target(
    name="trl",
    family="trl",
    summary="TRL SFTTrainer, conversations; every assistant turn is learnt",
    model=ChatRow,
    rules=RULES,
    convert=convert_sft,
    carries=CARRIES,
    sidecars=(card("messages", "tools"), train_script("sft")),
)
TRL_PROMPT = Target(
    name="trl-prompt",
    family="trl",
    summary="TRL SFTTrainer, prompt and completion; the last turn alone is learnt",
    model=PromptRow,
    rules=RULES,
    convert=convert_prompt,
    carries=CARRIES,
    sidecars=(card("prompt", "completion", "tools"), train_script("prompt")),
)
TRL_DPO = Target(
    name="trl-dpo",
    family="trl",
    summary="TRL DPOTrainer, a prompt with a winning and a losing answer",
    model=PreferenceRow,
    rules=RULES,
    convert=convert_dpo,
    kinds=frozenset({"preference"}),
    carries=CARRIES,
    sidecars=(card("prompt", "chosen", "rejected", "tools"), train_script("dpo")),
)
TRL_KTO = Target(
    name="trl-kto",
    family="trl",
    summary="TRL KTOTrainer, a prompt, an answer and whether it is good; a preference is two rows",
    model=LabelRow,
    rules=RULES,
    convert=convert_kto,
    kinds=frozenset({"label", "preference"}),
    carries=CARRIES,
    sidecars=(card("prompt", "completion", "label", "tools"), train_script("kto")),
    always=("pairs_as_labels",),
)
TARGETS = (TRL, TRL_PROMPT, TRL_DPO, TRL_KTO)
