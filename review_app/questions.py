"""The recipe's questions to reviewers: what is proposed, and whether answers fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..schemas.errors import ReviewError, did_you_mean
from ..schemas.review import Answers
from ..schemas.review_options import Question
from .facts import Fact

MAX_TEXT = 10_000


def suggestions(questions: Sequence[Question], facts: Iterable[Fact]) -> dict[str, list[str]]:
    """What steps propose for the sets of labels: pre-filled, and never an answer until it is sent.

    Args:
        questions: The recipe's.
        facts: What steps found of the row.

    Returns:
        Question to labels; only where the step assigned one of the set's labels.
    """
    values = {fact.step: fact.value for fact in facts if fact.value is not None}
    proposed = {q.name: values.get(q.suggest) for q in questions if q.suggest is not None}
    known = {q.name: q.labels for q in questions}
    return {name: [value] for name, value in proposed.items() if value is not None and value in known[name]}


def check_answers(questions: Sequence[Question], answers: Answers) -> None:
    """Refuse answers that fit no question of the recipe; none has to be answered.

    Raises:
        ReviewError: An answer to no question, a label that is not in its set, two where one is asked for, a
            rating off its scale, or a text of more than 10,000 characters.
    """
    by_kind = {
        kind: {q.name: q for q in questions if q.kind == kind} for kind in ("labels", "rating", "text")
    }
    for name, labels in answers.labels.items():
        question = _asked(by_kind["labels"], name)
        for label in labels:
            if label not in question.labels:
                raise _wrong(f"{label!r} is no label of {name!r}", name, did_you_mean(label, question.labels))
        if len(set(labels)) < len(labels) or (len(labels) > 1 and not question.many):
            raise _wrong(f"{labels} are too many labels for {name!r}", name, "choose one, or each once")
    for name, rating in answers.ratings.items():
        question = _asked(by_kind["rating"], name)
        if not question.low <= rating <= question.high:
            raise _wrong(
                f"{rating} is off the scale of {name!r}", name, f"choose {question.low} to {question.high}"
            )
    for name, text in answers.texts.items():
        _asked(by_kind["text"], name)
        if len(text) > MAX_TEXT:
            raise _wrong(f"{len(text):,} characters are too many for {name!r}", name, f"write {MAX_TEXT:,}")


def _asked(questions: dict[str, Question], name: str) -> Question:
    if name not in questions:
        raise _wrong(f"{name!r} is no question of the recipe", name, did_you_mean(name, questions))
    return questions[name]


def _wrong(what: str, name: str, fix: str) -> ReviewError:
    return ReviewError(what, where=f"the answer to {name!r}", fix=fix)
