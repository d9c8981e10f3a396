"""One row to show: its conversation as it will be trained on, and what is known of it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..curate.contents import records
from ..curate.ledger import Ledger
from ..curate.rows import turn_text
from ..curate.selection.budget import token_estimate
from ..curate.verdict_table import VerdictTable
from ..schemas.errors import WorkspaceError
from .facts import NAMES_OTHERS, Fact, Score, facts_of

Turn = dict[str, Any]


@dataclass(frozen=True)
class Tokens:
    """How long a row is.

    Args:
        count: Tokens of all turns.
        by_turn: Tokens of each turn.
        how: How they were counted.
    """

    count: int
    by_turn: tuple[int, ...]
    how: str = "estimate: a quarter of the bytes"


@dataclass(frozen=True)
class Near:
    """Another row of the run that a step compared with this one.

    Args:
        row_id: The other row.
        relation: near, same_meaning, conflicting_answer, or the reason for which it was dropped.
        similarity: In [0, 1]; None where the step gave none.
        dropped: Whether the other row was dropped.
    """

    row_id: str
    relation: str
    similarity: float | None
    dropped: bool


@dataclass(frozen=True)
class Content:
    """One row to show.

    Args:
        row_id: The row.
        content_id: Hash of what is shown.
        messages: The turns, edits applied.
        original: The turns before any step edited them; None where none did.
        tools: Tool definitions, or None.
        rejected: The losing turns of a preference row, or None.
        label: Unpaired feedback, or None.
        file: The input file.
        line: The row in it, from 1.
        meta: What the row had besides.
        tokens: Its length.
        language: What the `language` step assigned, or None.
        facts: What steps found, without scores.
        scores: What models think of it: not to be shown before the decision.
        near: Rows that steps compared with it, the most alike first.
    """

    row_id: str
    content_id: str
    messages: list[Turn]
    original: list[Turn] | None
    tools: list[Any] | None
    rejected: list[Turn] | None
    label: bool | None
    file: str
    line: int
    meta: dict[str, Any]
    tokens: Tokens
    language: str | None
    facts: tuple[Fact, ...]
    scores: tuple[Score, ...]
    near: tuple[Near, ...]


class Reading:
    """The rows of one run, to be shown one after the other. Threads may share it.

    Row groups that were read stay in memory up to 64 MiB; verdicts are read once, at the first row.

    Args:
        ledger: The run.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._lock = threading.Lock()
        self._sentences = {
            (count.step, code): text for count in ledger.card.steps for code, text in count.sentences.items()
        }

    def warm(self) -> None:
        """Read ahead what the first row would wait for; another thread may call it."""
        if len(self.ledger.row_ids):
            self.contents([self.ledger.row_ids[0].as_py()])

    @property
    def verdicts(self) -> VerdictTable:
        """Every verdict of the run."""
        with self._lock:
            return self.ledger.verdict_table

    def content(self, row_id: str) -> Content:
        """One row.

        Raises:
            WorkspaceError: The run has no such row.
        """
        return self.contents([row_id])[0]

    def contents(self, row_ids: Sequence[str]) -> list[Content]:
        """Some rows, in the order asked for.

        Raises:
            WorkspaceError: The run has no such row.
        """
        positions = np.array([self.ledger.position(row_id) for row_id in row_ids], np.int64)
        shown = records(self.ledger.contents.at(positions))
        return [self._content(int(p), row) for p, row in zip(positions, shown, strict=True)]

    def conversation(self, row_id: str) -> dict[str, Any]:
        """One row as JSON values, edits applied, and nothing that steps said.

        Raises:
            WorkspaceError: The run has no such row.
        """
        return self.ledger.row(row_id, edited=True)

    def _content(self, position: int, row: dict[str, Any]) -> Content:
        told = self.verdicts.of(position)
        facts, scores = facts_of(told, self._sentences)
        turns = tuple(token_estimate([turn_text(turn)]) for turn in row["messages"])
        return Content(
            row_id=row["row_id"],
            content_id=row["content_id"],
            messages=row["messages"],
            original=self._original(position),
            tools=row["tools"],
            rejected=row["rejected"],
            label=row["label"],
            file=row["source"]["file"],
            line=row["source"]["row"],
            meta=row["meta"],
            tokens=Tokens(token_estimate(map(turn_text, row["messages"])), turns),
            language=next((t["value"] for t in told if t["step"] == "language"), None),
            facts=facts,
            scores=scores,
            near=self._near(position, told),
        )

    def _original(self, position: int) -> list[Turn] | None:
        if self.ledger.contents.last_edit[position] < 0:
            return None
        table = self.ledger.contents.at(np.array([position]), edited=False)
        return next(records(table))["messages"]

    def _near(self, position: int, told: Sequence[dict[str, Any]]) -> tuple[Near, ...]:
        found: dict[str, Near] = {}
        own = [(self._place(t["related_id"]), t, False) for t in told if t["related_id"] is not None]
        others = [(row, t, t["action"] == "drop") for row, t in self.verdicts.naming(position)]
        for row, verdict, dropped in [*own, *others]:
            if row is None or row == position or verdict["step"] not in NAMES_OTHERS:
                continue
            name = self.ledger.row_ids[row].as_py()
            near = Near(name, verdict["reason"] or "near", verdict["score"], dropped)
            found.setdefault(name, near)
        return tuple(sorted(found.values(), key=lambda n: (n.dropped, -(n.similarity or 0.0), n.row_id)))

    def _place(self, row_id: str) -> int | None:
        """Where a row stands; None for one of another file, such as a benchmark's."""
        try:
            return self.ledger.position(row_id)
        except WorkspaceError:
            return None
