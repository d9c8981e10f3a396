"""What steps said of one row, told apart: facts that a reviewer may see, and scores that wait."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SCORING = frozenset({"quality"})
"""Steps whose whole verdict is a model's opinion of the row."""
NAMES_OTHERS = frozenset({"exact_duplicate", "near_duplicate"})
"""Steps whose score is how alike two rows are, which `Near` tells."""


@dataclass(frozen=True)
class Fact:
    """What a step found, without a score.

    Args:
        step: The step.
        action: keep, drop, review, edit or assign.
        reason: Its code; None where it found nothing.
        sentence: The reason in words; the code where the step gave no sentence.
        value: What it assigned, such as a language.
        detail: What it tells besides, such as the kinds of personal data.
    """

    step: str
    action: str
    reason: str | None
    sentence: str | None
    value: str | None
    detail: str | None


@dataclass(frozen=True)
class Score:
    """What a model thinks of the row: hidden until the reviewer decided.

    Args:
        step: The step.
        score: In [0, 1].
        words: What told most, in words; empty where the step gives none.
        sentence: Its reason in words, where it has one.
    """

    step: str
    score: float | None
    words: tuple[str, ...]
    sentence: str | None


def facts_of(
    verdicts: Sequence[Mapping[str, Any]], sentences: Mapping[tuple[str, str], str]
) -> tuple[tuple[Fact, ...], tuple[Score, ...]]:
    """Facts and scores of one row, in step order.

    Args:
        verdicts: The row's verdicts.
        sentences: By step and reason code.
    """
    facts, scores = [], []
    for told in verdicts:
        step, reason = told["step"], told["reason"]
        sentence = None if reason is None else sentences.get((step, reason), reason)
        scoring = step in SCORING
        if scoring or (told["score"] is not None and step not in NAMES_OTHERS):
            words = _words(told["detail"]) if scoring else ()
            scores.append(Score(step, told["score"], words, sentence if scoring else None))
        if not scoring:
            facts.append(Fact(step, told["action"], reason, sentence, told["value"], _detail(told)))
    return tuple(facts), tuple(scores)


def _detail(told: Mapping[str, Any]) -> str | None:
    """What a verdict tells besides: of `topic` the kind of work, of pairs nothing, since `Near` tells it."""
    detail = told["detail"]
    if told["step"] in NAMES_OTHERS:
        return None
    return json.loads(detail).get("task") if told["step"] == "topic" and detail else detail


def _words(detail: str | None) -> tuple[str, ...]:
    """The signals that told most, each with which way it told."""
    told = json.loads(detail) if detail else {}
    parts = told.get("why", []) if isinstance(told, dict) else []
    return tuple(f"{words} ({'for' if part >= 0 else 'against'} it)" for words, part in parts)
