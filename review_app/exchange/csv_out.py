"""The queue and the decisions as CSV for people with a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, TextIO

from ...curate.annotation.turns import answer_of, shown_turns
from ...schemas.review_lines import DecisionLine, EditedContent, PreferenceLine
from .csv_cells import LONGEST, harmless, identifier
from .results import Tally
from .run_rows import BATCH, RunRows, with_answer
from .waiting import Waiting

QUEUE = (
    "row_id",
    "content_id",
    "why",
    "conversation",
    "answer",
    "decision",
    "reason",
    "note",
    "edited_answer",
)
DECIDED = ("row_id", "content_id", "decision", "reason", "note", "edited_answer", "annotator", "at")
CUT = f"more than {LONGEST:,} characters, which Excel cuts when it opens the file"
NOT_IN_CSV = {
    "preference": "a comparison, which CSV does not carry",
    "rule": "decided by a rule, which CSV does not carry",
    "final": "an adjudicator's final word, which CSV does not carry",
    "answers": "labels, ratings or texts beside the decision, which CSV does not carry",
    "edit": "an edit of more than the answer's text, which CSV does not carry",
}


def writer(f: TextIO, columns: Sequence[str]) -> Any:
    """A CSV writer whose every cell is quoted; the head is written."""
    out = csv.writer(f, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    out.writerow(columns)
    return out


def queue_cells(row: Waiting, tally: Tally) -> list[str]:
    """A waiting row's cells, under `QUEUE`."""
    conversation = "\n\n".join(f"{role}: {text}" for role, text in shown_turns(row.row["messages"]))
    if len(conversation) > LONGEST:
        tally.add(CUT, row.row_id)
    told = (row.why or "", conversation, row.answer or "", "", "", "", "")
    return [identifier(row.row_id), identifier(row.content_id), *map(harmless, told)]


def decision_cells(
    lines: Iterator[DecisionLine | PreferenceLine], run: RunRows, tally: Tally
) -> Iterator[list[str]]:
    """Cells under `DECIDED` of the decisions that CSV can carry; the others are counted."""
    while batch := list(islice(lines, BATCH)):
        edited = [line.row_id for line in batch if isinstance(line, DecisionLine) and line.edited is not None]
        rows = {row["row_id"]: row for row in run.rows(list(dict.fromkeys(edited)))}
        for line in batch:
            why = _not_carried(line, rows)
            if why is not None:
                name = line.row_id if isinstance(line, DecisionLine) else line.item_id
                tally.add(NOT_IN_CSV[why], name)
            else:
                assert isinstance(line, DecisionLine)
                yield _cells(line)


def _cells(line: DecisionLine) -> list[str]:
    edit = "" if line.edited is None else line.edited.messages[-1]["content"]
    told = (line.action, line.reason, line.note, edit, line.actor, line.at)
    return [identifier(line.row_id), identifier(line.content_id), *(harmless(cell or "") for cell in told)]


def _not_carried(line: DecisionLine | PreferenceLine, rows: dict[str, dict[str, Any]]) -> str | None:
    if isinstance(line, PreferenceLine):
        return "preference"
    if line.rule is not None:
        return "rule"
    if line.final:
        return "final"
    if line.answers is not None:
        return "answers"
    if line.edited is not None and not _answer_alone(line.edited, rows[line.row_id]):
        return "edit"
    return None


def _answer_alone(edited: EditedContent, row: dict[str, Any]) -> bool:
    """Whether an edit changed the text of the answer turn and nothing else."""
    text = edited.messages[-1].get("content")
    if not text or not text.strip() or edited.actor is not None or answer_of(row) is None:
        return False
    told = {"messages": edited.messages, "tools": edited.tools, "rejected": edited.rejected}
    return with_answer(row, text) == {**told, "label": edited.label}
