"""What a queue asks beside the decision: reasons, label sets, scales and fields, as the recipe says."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...schemas.review_options import Question, ReviewOptions
from ..content import Content
from ..questions import suggestions
from .pane.contract import FreeText, LabelSet, Rating, Reason
from .words import plain

NEEDS_A_SENTENCE = "other"


@dataclass(frozen=True)
class Asks:
    """What is asked of each row, as the pane takes it.

    Args:
        reasons: Why a row may be rejected, in the order of the keys 1 to 9.
        label_sets: Labels of which one or many hold.
        ratings: Scales.
        texts: Free texts.
        questions: As the recipe has them.
    """

    reasons: tuple[Reason, ...]
    label_sets: tuple[LabelSet, ...] = ()
    ratings: tuple[Rating, ...] = ()
    texts: tuple[FreeText, ...] = ()
    questions: tuple[Question, ...] = ()

    @classmethod
    def of(cls, options: ReviewOptions) -> Asks:
        """What a recipe asks."""
        questions = options.questions
        return cls(
            tuple(
                Reason(code=r.code, text=r.words, wants_note=r.code == NEEDS_A_SENTENCE)
                for r in options.reasons
            ),
            tuple(_labels(q) for q in questions if q.kind == "labels"),
            tuple(
                Rating(name=q.name, title=_title(q), low=q.low, high=q.high)
                for q in questions
                if q.kind == "rating"
            ),
            tuple(FreeText(name=q.name, title=_title(q)) for q in questions if q.kind == "text"),
            questions,
        )

    def labels_for(self, content: Content) -> tuple[LabelSet, ...]:
        """The label sets with what steps propose for a row."""
        proposed = suggestions(self.questions, content.facts)
        steps = {q.name: q.suggest for q in self.questions}
        return tuple(
            replace(labels, suggested=tuple(proposed[labels.name]), suggested_by=steps[labels.name])
            if labels.name in proposed
            else labels
            for labels in self.label_sets
        )


def _title(question: Question) -> str:
    words = plain(question.name)
    return f"{words[:1].upper()}{words[1:]}"


def _labels(question: Question) -> LabelSet:
    return LabelSet(name=question.name, title=_title(question), labels=question.labels, many=question.many)
