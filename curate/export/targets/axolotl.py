"""Versions as conversations, preferences and judged answers for Axolotl."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ....schemas.providers.axolotl import RULES, ChatRow, LabelledRow, PreferenceRow
from ....schemas.providers.problems import RowProblem
from ..layout_widest_first import WidestFirst
from ..plain_turns import weight_problem
from ..record_kinds import one_answer, one_pair, one_verdict
from ..scripts.axolotl import axolotl_yaml
from ..settings import Objective
from ..shape import EVERYTHING, Converted, Record, Target, role_of, uncarried
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
        if weight is not None and turn["role"] == "assistant":
            told["train"] = weight == 1
        messages.append(told)
    tools = json.dumps(record.get("tools") or [], ensure_ascii=False, separators=(",", ":"))
    return Converted({"messages": messages, "tools": tools}, tuple(sorted(changes)))


def convert_dpo(record: Record) -> Converted | RowProblem:
    """A row for `rl: dpo`: the prompt, and the answer that won and the one that lost, one turn each."""
    problem = one_pair(record)
    if problem is not None:
        return problem
    changes: set[str] = set()
    turns = plain_turns(record, [*record["messages"], *record["rejected"]], learnt=2, changes=changes)
    if isinstance(turns, RowProblem):
        return turns
    row = {"messages": turns[:-2], "chosen": turns[-2], "rejected": turns[-1]}
    return Converted(row, tuple(sorted(changes)))


def convert_kto(record: Record) -> Converted | RowProblem:
    """A row for `rl: kto`: a conversation, and whether its last answer is good."""
    problem = one_verdict(record)
    if problem is not None:
        return problem
    changes: set[str] = set()
    turns = plain_turns(record, record["messages"], learnt=1, changes=changes)
    if isinstance(turns, RowProblem):
        return turns
    return Converted({"completion": turns, "label": record["label"]}, tuple(sorted(changes)))


def plain_turns(
    record: Record, turns: Sequence[Record], *, learnt: int, changes: set[str]
) -> list[Record] | RowProblem:
    """Roles and texts, which are all that this loader reads; or what a turn has besides.

    Args:
        record: The row.
        turns: Its turns; those of a losing answer come last.
        learnt: How many of them, at the end, are learnt.
        changes: Takes what is told in another way.
    """
    if record.get("tools"):
        return uncarried("tool_definitions", "tools")
    told: list[Record] = []
    for i, turn in enumerate(turns):
        at = f"messages.{i}" if i < len(record["messages"]) else f"rejected.{i - len(record['messages'])}"
        if turn.get("tool_calls") or turn["role"] == "tool":
            return uncarried("tool_calls", at)
        if turn.get("reasoning_content"):
            return uncarried("reasoning_content", f"{at}.reasoning_content")
        if turn.get("name") is not None:
            return uncarried("speaker_name", f"{at}.name")
        problem = weight_problem(turn, at, changes, learnt=i >= len(turns) - learnt)
        if problem is not None:
            return problem
        told.append({"role": role_of(turn, changes), "content": turn.get("content")})
    return told


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
    carries=EVERYTHING,
    layout=WidestFirst(),
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
    summary="Axolotl, rl kto, type chatml.argilla_chat: ChatML judged good or bad; a preference is two rows",
    model=LabelledRow,
    rules=RULES,
    convert=convert_kto,
    kinds=frozenset({"label", "preference"}),
    sidecars=_config("kto"),
    always=("pairs_as_labels",),
)
TARGETS = (AXOLOTL, AXOLOTL_DPO, AXOLOTL_KTO)
