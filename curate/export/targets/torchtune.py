"""Versions for torchtune's chat_dataset: text turns alone."""

from __future__ import annotations

from ....schemas.providers.problems import RowProblem
from ....schemas.providers.torchtune import RULES, ChatRow
from ..plain_turns import unfollowed_weight
from ..record_kinds import one_answer
from ..scripts.torchtune import CONFIG
from ..shape import Carries, Converted, Record, State, Target, role_of, uncarried

CLOSING = State(
    "closing",
    "github.com/meta-pytorch/torchtune/issues/2883 of 2025-07-15, read 2026-11",
    "active development stopped in July 2025; the last release is 0.6.1 of April 2025, which still runs",
    local=True,
)
_LOST = {"reasoning_content": "reasoning_content", "name": "speaker_name", "tool_calls": "tool_calls"}


def convert(record: Record) -> Converted | RowProblem:
    """A row with `role` and `content`, which is all that torchtune reads."""
    problem = one_answer(record)
    if problem is not None:
        return problem
    if record.get("tools"):
        return uncarried("tool_definitions", "tools")
    changes: set[str] = set()
    messages: list[Record] = []
    for i, turn in enumerate(record["messages"]):
        problem = _problem(turn, f"messages.{i}")
        if problem is not None:
            return problem
        told: Record = {"role": role_of(turn, changes)}
        if turn.get("content") is not None:
            told["content"] = turn["content"]
        if turn["role"] == "assistant" and turn.get("weight") is not None:
            told["weight"] = turn["weight"]
        messages.append(told)
    return Converted({"messages": messages}, tuple(sorted(changes)))


def _problem(turn: Record, where: str) -> RowProblem | None:
    if turn["role"] == "tool":
        return uncarried("tool_calls", where)
    for member, code in _LOST.items():
        if turn.get(member):
            return uncarried(code, f"{where}.{member}")
    return unfollowed_weight(turn, where)


TORCHTUNE = Target(
    name="torchtune",
    family="torchtune",
    summary="torchtune chat_dataset, conversations of text; every assistant turn is learnt",
    model=ChatRow,
    rules=RULES,
    convert=convert,
    carries=Carries(),
    state=CLOSING,
    sidecars=(CONFIG,),
)
TARGETS = (TORCHTUNE,)
