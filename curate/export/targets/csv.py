"""Versions as CSV files: for spreadsheets, for tables, and for trainers that read nothing else."""

from __future__ import annotations

from ....schemas.providers.csv import RULES, MessagesRow, PromptRow
from ....schemas.providers.problems import RowProblem
from ..chat import Form, chat_turns
from ..layout_csv import CsvFiles
from ..layouts import json_line
from ..record_kinds import one_answer
from ..shape import EVERYTHING, SYSTEM, Carries, Converted, Record, Target, uncarried
from .together import convert_prompt


def convert_pair(record: Record) -> Converted | RowProblem:
    """A row of one question and one answer, the system prompt in a cell of its own."""
    opening, rest = record["messages"][0], record["messages"][1:]
    if opening["role"] not in SYSTEM:
        return convert_prompt(record)
    changes: set[str] = set()
    told = chat_turns([opening], "messages", Form(names=False), changes)
    if isinstance(told, RowProblem):
        return told
    if not (opening.get("content") or "").strip():
        return RowProblem("empty_content", "messages.0", RULES["empty_content"].sentence)
    if not rest:
        return RowProblem("no_assistant", "messages", RULES["no_assistant"].sentence)
    if rest[0]["role"] in SYSTEM:
        return uncarried("late_system_prompt", "messages.1")
    converted = convert_prompt({**record, "messages": rest})
    if isinstance(converted, RowProblem):
        return RowProblem(converted.code, _later(converted.where), converted.sentence)
    row = {"system": opening["content"], **converted.row}
    return Converted(row, tuple(sorted(changes.union(converted.changes))))


def _later(where: str) -> str:
    """The place of a turn, counted with the system turn before it."""
    head, dot, rest = where.removeprefix("messages.").partition(".")
    return f"messages.{int(head) + 1}{dot}{rest}" if head.isdigit() else where


def convert_messages(record: Record) -> Converted | RowProblem:
    """A row as JSON text: nothing of its turns is told in another way."""
    problem = one_answer(record)
    if problem is not None:
        return problem
    row = {"messages": _text(record["messages"])}
    if record.get("tools"):
        row["tools"] = _text(record["tools"])
    return Converted(row)


def _text(values: list[Record]) -> str:
    return f"[{','.join(map(json_line, values))}]"


CSV = Target(
    name="csv",
    family="csv",
    summary="CSV of prompt and completion, with a system column where a row has a system prompt",
    model=PromptRow,
    rules=RULES,
    convert=convert_pair,
    carries=Carries(turns=False),
    layout=CsvFiles(("system", "prompt", "completion"), frozenset({"system"})),
)
CSV_MESSAGES = Target(
    name="csv-messages",
    family="csv",
    summary="CSV of conversations: messages as JSON text, and tools where a row has them",
    model=MessagesRow,
    rules=RULES,
    convert=convert_messages,
    carries=EVERYTHING,
    layout=CsvFiles(("messages", "tools"), frozenset({"tools"})),
)
TARGETS = (CSV, CSV_MESSAGES)
