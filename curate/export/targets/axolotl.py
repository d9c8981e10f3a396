"""Versions as conversations, preferences and judged answers for Axolotl."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ....schemas.providers.axolotl import RULES, ChatRow, LabelledRow, PreferenceRow
from ....schemas.providers.problems import RowProblem
from ..axolotl_config import axolotl_yaml
from ..settings import Objective
from ..shape import Carries, Converted, Record, Target, one_answer, role_of, uncarried
from ..sidecars import Sidecar

MEMBERS = ("content", "name", "reasoning_content", "tool_calls", "tool_call_id")


def convert_chat(record: Record) -> Converted | RowProblem:
    """A row for `type: chat_template`; a weight of 0 or 1 is the turn's `train`.

    Tools are JSON text in every row, "[]" where there are none: Arrow needs one type for the column, and
    would join definitions with different keys.
    """
    problem = one_answer(record)
    if problem is not None:
        return problem
    changes: set[str] = set()
    messages: list[Record] = []
    for i, turn in enumerate(record["messages"]):
        weight = turn.get("weight")
        if weight not in (None, 0, 1):
            return uncarried("fractional_weight", f"messages.{i}.weight")
        told: Record = {"role": role_of(turn, changes)}
        told |= {name: turn[name] for name in MEMBERS if turn.get(name) is not None}
        if weight is not None and (turn["role"] == "assistant" or weight):
            told["train"] = weight == 1
        messages.append(told)
    tools = json.dumps(record.get("tools") or [], ensure_ascii=False, separators=(",", ":"))
    return Converted({"messages": messages, "tools": tools}, tuple(sorted(changes)))


def convert_dpo(record: Record) -> Converted | RowProblem:
    """A row for `rl: dpo`: the prompt, and the answer that won and the one that lost, one turn each."""
    rejected = record.get("rejected")
    if rejected is None:
        return uncarried("not_a_preference_row")
    messages = record["messages"]
    if len(messages) < 2 or messages[-1]["role"] != "assistant" or messages[-2]["role"] != "user":
        return uncarried("unclear_prompt", "messages")
    if len(rejected) != 1:
        return uncarried("several_losing_turns", "rejected")
    problem = plain_problem(messages, "messages", record) or plain_problem(rejected, "rejected", record)
    if problem is not None:
        return problem
    changes: set[str] = set()
    turns = [plain(turn, changes) for turn in (*messages, *rejected)]
    row = {"messages": turns[:-2], "chosen": turns[-2], "rejected": turns[-1]}
    return Converted(row, tuple(sorted(changes)))


def convert_kto(record: Record) -> Converted | RowProblem:
    """A row for `rl: kto`: a conversation, and whether its last answer is good."""
    if record.get("rejected") is not None:
        return uncarried("preference_row", "rejected")
    if record.get("label") is None:
        return uncarried("not_labelled", "label")
    problem = plain_problem(record["messages"], "messages", record)
    if problem is not None:
        return problem
    changes: set[str] = set()
    turns = [plain(turn, changes) for turn in record["messages"]]
    return Converted({"completion": turns, "label": record["label"]}, tuple(sorted(changes)))


def plain_problem(turns: Sequence[Record], where: str, record: Record) -> RowProblem | None:
    """Why turns are more than roles and texts, all of which this loader reads."""
    if record.get("tools"):
        return uncarried("tool_definitions", "tools")
    for i, turn in enumerate(turns):
        at = f"{where}.{i}"
        if turn.get("tool_calls") or turn["role"] == "tool":
            return uncarried("tool_calls", at)
        if turn.get("reasoning_content"):
            return uncarried("reasoning_content", f"{at}.reasoning_content")
        if turn.get("name") is not None:
            return uncarried("speaker_name", f"{at}.name")
        weight = turn.get("weight")
        if weight not in (None, 1):
            return uncarried("zero_weight" if weight == 0 else "fractional_weight", f"{at}.weight")
    return None


def plain(turn: Record, changes: set[str]) -> Record:
    """Role and content of a turn."""
    if turn.get("weight") == 1:
        changes.add("full_weight_left_out")
    return {"role": role_of(turn, changes), "content": turn.get("content")}


def _config(objective: Objective) -> tuple[Sidecar, ...]:
    says = "run `axolotl train axolotl.yaml` inside the folder"
    return (Sidecar("axolotl.yaml", lambda told: axolotl_yaml(told, objective), says),)


AXOLOTL = Target(
    name="axolotl",
    family="axolotl",
    summary="Axolotl, type chat_template: conversations with a train flag for each turn",
    model=ChatRow,
    rules=RULES,
    convert=convert_chat,
    carries=Carries(tools=True, weights=True, names=True, reasoning=True),
    sidecars=_config("sft"),
)
AXOLOTL_DPO = Target(
    name="axolotl-dpo",
    family="axolotl",
    summary="Axolotl, rl dpo, type chat_template.default: a prompt and two answers",
    model=PreferenceRow,
    rules=RULES,
    convert=convert_dpo,
    kinds=frozenset({"preference"}),
    sidecars=_config("dpo"),
)
AXOLOTL_KTO = Target(
    name="axolotl-kto",
    family="axolotl",
    summary="Axolotl, rl kto, type chatml.argilla_chat: conversations judged good or bad, in ChatML",
    model=LabelledRow,
    rules=RULES,
    convert=convert_kto,
    kinds=frozenset({"label"}),
    sidecars=_config("kto"),
)
TARGETS = (AXOLOTL, AXOLOTL_DPO, AXOLOTL_KTO)
