"""The form that annotators fill in elsewhere: its questions, and a filled form as a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...curate.annotation.form import DECISION, DECISIONS, EDIT, NOTE, REASON
from ...schemas.review import REJECT_REASONS, Answers
from ...schemas.review_lines import DecisionLine
from .problems import Problem, problem, read_line, shown
from .told import Told

ALL_REASONS = "reasons"
"""Label set of `Answers` that keeps every reason where an annotator chose several."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One annotator's form on one row, by the names of its questions; lists where a tool gives lists."""

    row_id: Any
    content_id: Any
    actor: str | None
    values: Mapping[str, Any]
    at: str | None = None
    dwell_ms: int | None = None


def decided(form: Filled, number: int, part: int) -> Told:
    """A submitted form as a decision, or what is wrong with it."""
    problems: list[Problem] = []
    action = _one(form, DECISION, number, problems)
    reasons = _many(form.values.get(REASON))
    problems += [
        problem(number, REASON, "unknown_reason", f"no reject code {shown(r)}", reasons=tuple(REJECT_REASONS))
        for r in reasons
        if r not in REJECT_REASONS
    ]
    if action is None and not problems:
        sentence = f"{shown(form.actor)} submitted without a decision"
        problems.append(problem(number, DECISION, "no_decision", sentence))
    if action is not None and action not in DECISIONS:
        problems.append(problem(number, DECISION, "unknown_action", f"no decision {shown(action)}"))
    if problems:
        return Told(number, part, problems=tuple(problems))
    ordered = [code for code in REJECT_REASONS if code in reasons]
    members = {
        "row_id": form.row_id,
        "content_id": form.content_id,
        "action": action,
        "reason": ordered[0] if ordered else None,
        "note": _text(form.values.get(NOTE)),
        "edited_answer": _text(form.values.get(EDIT)),
        "answers": Answers(labels={ALL_REASONS: ordered}) if len(ordered) > 1 else None,
        "actor": form.actor,
        "at": form.at,
        "dwell_ms": form.dwell_ms,
    }
    line, wrong = read_line(DecisionLine, members, number)
    if wrong:
        return Told(number, part, problems=tuple(wrong))
    assert isinstance(line, DecisionLine)
    return Told(number, part, line=line, typed=True)


def _many(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]


def _one(form: Filled, question: str, number: int, problems: list[Problem]) -> str | None:
    values = _many(form.values.get(question))
    if len(values) > 1:
        sentence = f"{shown(form.actor)} chose {', '.join(values)}"
        problems.append(problem(number, question, "two_decisions", sentence))
    return values[0] if values else None


def _text(value: Any) -> str | None:
    """The text of a field; a field of several paragraphs gives them as a list. Blank is no text."""
    if value is None:
        return None
    text = "\n".join(str(v) for v in value) if isinstance(value, list) else str(value)
    return text if text.strip() else None
