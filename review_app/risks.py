"""How grave the reasons are for which steps send rows to a person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .kept import Kept

GRAVE = (
    "pii",
    "toxicity",
    "decontaminate",
    "near_duplicate",
    "label_errors",
    "structure",
    "defects",
    "language",
)
"""Steps whose wishes come first, the gravest first; other steps, such as the user's own, follow them."""
SCORES = {"quality": "its quality is in doubt"}
"""Steps whose sentence would tell what a model thinks of the row, and what is said instead."""
TOLD = 2
OWN, SAME_MEANING, DOUBTFUL, REDACTED, NOTHING = range(len(GRAVE), len(GRAVE) + 5)


@dataclass(frozen=True)
class Risks:
    """What steps fear of the kept rows.

    Args:
        grade: 0 for the gravest, NOTHING for rows that no step sends to a person; shape (n_kept,), int64.
        asking: How many steps send the row to a person; shape (n_kept,), int64.
        why: What is told of a row, by its place among the kept rows; only rows below NOTHING.
    """

    grade: np.ndarray
    asking: np.ndarray
    why: dict[int, str]

    @classmethod
    def of(cls, kept: Kept) -> Risks:
        """The risks of a run's kept rows."""
        verdicts = kept.verdicts
        redacted = verdicts.equal("action", "edit") & verdicts.equal("step", "pii")
        told = kept.told(verdicts.equal("action", "review") | redacted)
        grade, asking = np.full(len(kept), NOTHING, np.int64), np.zeros(len(kept), np.int64)
        words: dict[int, list[tuple[int, str]]] = {}
        columns = (told[name].to_pylist() for name in ("place", "step", "action", "reason"))
        for place, step, action, reason in zip(*columns, strict=True):
            if place >= 0:
                grave = _grade(step, action, reason)
                grade[place] = min(grade[place], grave)
                asking[place] += action == "review"
                words.setdefault(place, []).append((grave, _words(step, action, reason, kept.sentences)))
        return cls(grade, asking, {place: _joined(said) for place, said in words.items()})


def _grade(step: str, action: str, reason: str | None) -> int:
    if action == "edit":
        return REDACTED
    if reason == "same_meaning":
        return SAME_MEANING
    if step in SCORES:
        return DOUBTFUL
    return GRAVE.index(step) if step in GRAVE else OWN


def _words(step: str, action: str, reason: str | None, sentences: dict[tuple[str, str], str]) -> str:
    if step in SCORES:
        return SCORES[step]
    sentence = sentences.get((step, reason or ""), reason or "no reason given").rstrip(".")
    return f"{step} replaced something: {sentence}" if action == "edit" else f"{step} asks: {sentence}"


def _joined(said: list[tuple[int, str]]) -> str:
    """The gravest first; more than TOLD are counted."""
    words = [text for _, text in sorted(said, key=lambda pair: pair[0])]
    more = f"; and {len(words) - TOLD} more" if len(words) > TOLD else ""
    return "; ".join(words[:TOLD]) + more
