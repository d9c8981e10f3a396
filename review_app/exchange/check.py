"""Lines against run and record: which are right, what is wrong with the others, and what is no news."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...curate.annotation.turns import answer_of
from ...schemas.example import canonical_json
from ...schemas.review_lines import DecisionLine, EditedContent, PreferenceLine
from ..store import Store
from .line_checks import given, reason, same_typed, text, times
from .people_known import Annotators
from .plan import PREFERENCE_VALUE, Planned, Source, batch_of, plan_decision, plan_preference
from .problems import Problem, problem, shown
from .record import Row, editions_on, standing_on, votes_on
from .run_rows import RunRows, with_answer
from .told import Told

Fate = Literal["already", "older"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one decision of the file: exactly one of problems, fate and planned."""

    told: Told
    problems: tuple[Problem, ...] = ()
    fate: Fate | None = None
    planned: Planned | None = None


@dataclass(slots=True)
class _Batch:
    """What the record says of the rows and pairs of one batch."""

    votes: dict[tuple[str, str], Row]
    standing: dict[str, Row]
    compared: dict[tuple[str, str], Row]
    editions: dict[tuple[str, str], Row]
    rows: dict[str, dict[str, Any]]


class Checker:
    """Checks the decisions of one file, batch by batch.

    Args:
        run: The run's rows.
        store: The record.
        annotators: Who may have decided.
        sha256: Hash of the file.
        now: The time of the import, UTC; the time of lines that name none.
    """

    def __init__(self, run: RunRows, store: Store, annotators: Annotators, *, sha256: str, now: str) -> None:
        self._run = run
        self._store = store
        self._annotators = annotators
        self._sha256 = sha256
        self._batch_id = batch_of(sha256)
        self._now = now
        self._seen: dict[tuple[str, ...], int] = {}
        self._written: set[tuple[str, str]] = set()
        self.edits_left = 0
        """Changed answers in forms whose row was rejected; the decision holds for the row as it is."""

    def check(self, told: Sequence[Told]) -> Iterator[Checked]:
        """The fate of each decision of a batch, in order; those without one are left out."""
        lines = [t.line for t in told if t.line is not None]
        batch = self._look_up(lines)
        for one in told:
            if one.problems:
                yield Checked(one, problems=one.problems)
            elif isinstance(one.line, DecisionLine):
                yield self._decision(one, one.line, batch)
            elif isinstance(one.line, PreferenceLine):
                yield self._preference(one, one.line, batch)

    def _look_up(self, lines: Sequence[DecisionLine | PreferenceLine]) -> _Batch:
        decisions = [line for line in lines if isinstance(line, DecisionLine)]
        pairs = [line for line in lines if isinstance(line, PreferenceLine)]
        touched = [line.row_id for line in decisions]
        written = [line.row_id for line in decisions if line.edited or line.edited_answer]
        chosen = [r for line in pairs for r in (line.chosen_row_id, line.rejected_row_id) if r is not None]
        to_edit = [line.row_id for line in decisions if line.edited_answer and line.row_id in self._run.kept]
        return _Batch(
            votes=votes_on(self._store, "review", touched),
            standing=standing_on(self._store, [line.row_id for line in decisions if line.rule]),
            compared=votes_on(self._store, "pair", [line.item_id for line in pairs]),
            editions=editions_on(self._store, [*written, *chosen]),
            rows={row["row_id"]: row for row in self._run.rows(list(dict.fromkeys(to_edit)))},
        )

    def _decision(self, told: Told, line: DecisionLine, batch: _Batch) -> Checked:
        actor, at = self._annotators.name(line.actor), line.at or self._now
        problems = [
            *self._row(told.number, "row_id", "content_id", line.row_id, line.content_id),
            *reason(told.number, line),
            *times(told.number, line, self._now),
            *self._annotators.check(line, told.number, at),
            *text(told.number, line),
            *self._twice(told.number, (line.row_id, actor, str(line.final), str(line.rule is not None))),
        ]
        edited, wrong = (None, []) if problems else self._edited(told, line, batch)
        problems += wrong
        if problems:
            return Checked(told, problems=tuple(problems))
        held = line.content_id if edited is None else edited.hash()
        fate = self._fate(line, actor, at, held, batch)
        if fate is not None:
            return Checked(told, fate=fate)
        known = edited is not None and self._is_written(line.row_id, held, batch)
        source = Source(self._sha256, told.number, told.part, self._batch_id)
        return Checked(
            told, planned=plan_decision(line, source, actor=actor, at=at, edited=edited, known=known)
        )

    def _row(
        self, number: int, row_field: str, content_field: str, row_id: str, content: str | None
    ) -> list[Problem]:
        held = self._run.kept.get(row_id)
        if held is None:
            dropped = row_id in self._run.dropped
            reason, told = ("dropped_row", "is dropped by") if dropped else ("unknown_row", "is not in")
            return [problem(number, row_field, reason, f"row {shown(row_id)} {told} this run")]
        if held != content:
            sentence = f"row {shown(row_id)} has the content {held} in this run, not {shown(content)}"
            return [problem(number, content_field, "other_content", sentence)]
        return []

    def _twice(self, number: int, key: tuple[str, ...]) -> list[Problem]:
        first = self._seen.get(key)
        if first is None:
            self._seen[key] = number
            return []
        sentence = f"{shown(key[1])} decided on {shown(key[0])} before: number {first} of this file"
        return [problem(number, "", "duplicate_line", sentence)]

    def _edited(
        self, told: Told, line: DecisionLine, batch: _Batch
    ) -> tuple[EditedContent | None, list[Problem]]:
        """The content that the decision holds for, where it is not the run's."""
        if line.edited is not None:
            return given(told.number, line.edited, line.content_id)
        if line.edited_answer is None:
            return None, []
        row = batch.rows[line.row_id]
        answer = answer_of(row)
        if told.typed and same_typed(line.edited_answer, answer or ""):
            return None, []
        if answer is None:
            sentence = f"row {shown(line.row_id)} has no answer turn with text to edit"
            return None, [problem(told.number, "edited_answer", "no_answer_turn", sentence)]
        if told.typed and line.action == "reject":
            self.edits_left += 1
            return None, []
        if line.edited_answer == answer:
            return None, []
        content = {k: v for k, v in with_answer(row, line.edited_answer).items() if v is not None}
        return EditedContent(**content), []

    def _fate(self, line: DecisionLine, actor: str, at: str, held: str, batch: _Batch) -> Fate | None:
        """Whether the record has this decision already, or a newer one of the same person."""
        if line.rule is not None:
            stands = batch.standing.get(line.row_id)
            same = stands is not None and (stands["rule"], stands["action"], stands["content_id"]) == (
                line.rule,
                line.action,
                held,
            )
            return "already" if same else None
        vote = batch.votes.get((line.row_id, actor))
        if vote is None or (vote["shown_id"] != line.content_id):
            return None
        told = line.answers.told() if line.answers is not None else {}
        mine = (line.action, held, line.reason, line.note, canonical_json(told) if told else None)
        theirs = tuple(vote[name] for name in ("action", "content_id", "reason", "note", "value"))
        if mine == theirs and line.final == bool(vote["final"]):
            return "already"
        return "older" if line.at is not None and vote["at"] > at else None

    def _is_written(self, row_id: str, content: str, batch: _Batch) -> bool:
        """Whether the record or a line before has an edited content; from now on one has."""
        key = (row_id, content)
        known = key in self._written or key in batch.editions
        self._written.add(key)
        return known

    def _preference(self, told: Told, line: PreferenceLine, batch: _Batch) -> Checked:
        actor, at = self._annotators.name(line.actor), line.at or self._now
        edited, problems = (None, []) if line.edited is None else given(told.number, line.edited, "")
        if line.row_id is not None:
            problems += self._row(told.number, "row_id", "content_id", line.row_id, line.content_id)
        problems += [
            *self._side(told.number, "chosen", line.chosen_row_id, line.chosen_content_id, edited, batch),
            *self._side(told.number, "rejected", line.rejected_row_id, line.rejected_content_id, None, batch),
            *times(told.number, line, self._now),
            *self._annotators.check(line, told.number, at),
            *self._twice(told.number, (line.item_id, actor, "pair")),
        ]
        if problems:
            return Checked(told, problems=tuple(problems))
        vote = batch.compared.get((line.item_id, actor))
        if vote is not None and vote["action"] == "prefer":
            value = canonical_json({name: getattr(line, name) for name in PREFERENCE_VALUE})
            if vote["value"] == value:
                return Checked(told, fate="already")
            if line.at is not None and vote["at"] > at:
                return Checked(told, fate="older")
        if edited is not None and self._is_written(line.chosen_row_id or "", edited.hash(), batch):
            edited = None
        source = Source(self._sha256, told.number, told.part, self._batch_id)
        shown_id = self._run.kept.get(line.chosen_row_id or "")
        return Checked(
            told,
            planned=plan_preference(line, source, actor=actor, at=at, edited=edited, shown_id=shown_id),
        )

    def _side(
        self,
        number: int,
        side: str,
        row_id: str | None,
        content: str | None,
        edited: EditedContent | None,
        batch: _Batch,
    ) -> list[Problem]:
        """A side of a comparison: a row of the run, with the run's content or one that a reviewer wrote."""
        if row_id is None or content is None:
            return []
        key = (row_id, content)
        written = key in batch.editions or key in self._written
        if written or (edited is not None and edited.hash() == content):
            content = self._run.kept.get(row_id, content)
        return self._row(number, f"{side}_row_id", f"{side}_content_id", row_id, content)
