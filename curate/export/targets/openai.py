"""Versions as OpenAI supervised fine-tuning files."""

from __future__ import annotations

from ....schemas.providers.openai import MIN_TRAIN_ROWS, RULES, ChatRow
from ....schemas.providers.problems import RowProblem
from ..shape import Carries, Converted, Limits, Record, State, Target, one_answer, role_of, uncarried

MEMBERS = ("content", "name", "tool_calls", "tool_call_id")


def convert(record: Record) -> Converted | RowProblem:
    """A row as one line of chat JSONL: messages and tools, nothing else."""
    problem = one_answer(record)
    if problem is not None:
        return problem
    changes: set[str] = set()
    messages: list[Record] = []
    for i, turn in enumerate(record["messages"]):
        if turn.get("reasoning_content"):
            return uncarried("reasoning_content", f"messages.{i}.reasoning_content")
        weight = turn.get("weight")
        if weight is not None and weight not in (0, 1):
            return uncarried("fractional_weight", f"messages.{i}.weight")
        messages.append(_turn(turn, weight, changes))
    row: Record = {"messages": messages}
    if record.get("tools"):
        row["tools"] = record["tools"]
    return Converted(row, tuple(sorted(changes)))


def _turn(turn: Record, weight: float | None, changes: set[str]) -> Record:
    told: Record = {"role": role_of(turn, changes)}
    told |= {name: turn[name] for name in MEMBERS if turn.get(name) is not None}
    if told["role"] == "tool" and told.pop("name", None) is not None:
        changes.add("tool_name_left_out")
    untrained = told["role"] != "assistant" and weight == 0
    if weight is not None and not untrained:
        told["weight"] = int(weight)
    return told


CLOSING = State(
    "closing",
    "developers.openai.com/api/docs/deprecations, read 2026-11",
    "no new jobs for most organisations since 2026-07-02, for nobody from 2027-01-06",
)
LIMITS = Limits(
    min_train_rows=MIN_TRAIN_ROWS,
    max_file_bytes=512 * 1024**2,
    max_row_tokens=65_536,
    over_length="cut",
    source="platform.openai.com/docs/guides/supervised-fine-tuning and openai-cookbook, read 2026-11",
)

OPENAI = Target(
    name="openai",
    family="openai",
    summary="OpenAI supervised fine-tuning, chat JSONL",
    model=ChatRow,
    rules=RULES,
    convert=convert,
    carries=Carries(tools=True, weights=True, names=True),
    limits=LIMITS,
    state=CLOSING,
    tokenizer="o200k_base",
)
TARGETS = (OPENAI,)
