"""Held-out rows as questions: a prompt, the wanted answer, and why some rows are not asked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol, TypeVar

from .chat import ChatFormat, Turn, Unusable, trained_turns
from .data import Selection, usable_for_sft
from .loading import LoadedModel
from .manifest import ModelManifest
from .version import FrozenRow

REFERENCE_RATIO = 1.5
REFERENCE_MARGIN = 8


@dataclass(frozen=True)
class Question:
    """One held-out row: the last assistant turn is the reference, what comes before it the prompt."""

    row: FrozenRow
    prompt: list[Turn]
    reference: str
    prompt_ids: list[int]
    reference_ids: list[int]


class Asked(Protocol):
    """A question as reports tell of it."""

    @property
    def row(self) -> FrozenRow: ...
    @property
    def prompt(self) -> list[Turn]: ...
    @property
    def reference(self) -> str: ...


Q = TypeVar("Q", bound=Asked)


@dataclass(frozen=True)
class Exam:
    """What is asked of whom.

    Args:
        manifest: The trained model.
        loaded: Its base model.
        questions: Held-out rows.
        selection: Which rows were left out, and why.
        split: Where the rows come from.
    """

    manifest: ModelManifest
    loaded: LoadedModel
    questions: list[Question]
    selection: Selection
    split: str


def answer_limit(reference_lengths: Sequence[int]) -> int:
    """Most new tokens an answer: one and a half times the longest reference, and a few more."""
    return int(REFERENCE_RATIO * max(reference_lengths, default=0)) + REFERENCE_MARGIN


def make_questions(
    rows: Sequence[FrozenRow], chat: ChatFormat, *, limit: int, seen: AbstractSet[str]
) -> tuple[Selection, list[Question]]:
    """The rows that can be asked, in file order, and why the others cannot.

    Args:
        rows: Frozen rows of one split.
        chat: The base model's chat format.
        limit: Most tokens of prompt and answer together.
        seen: Content ids that were trained on; they are not asked.

    Raises:
        ModelError: The chat template does not fit.
    """
    selection, questions = Selection(), []
    for row in rows:
        try:
            reason = usable_for_sft(row) or ("seen_in_training" if row.content_id in seen else None)
            if reason is not None:
                raise Unusable(reason)
            question = _question(row, chat)
            if len(question.prompt_ids) + answer_limit([len(question.reference_ids)]) > limit:
                raise Unusable("over_length")
        except Unusable as refusal:
            selection.leave_out(str(refusal), row.row_id)
            continue
        questions.append(question)
    return selection, questions


def take(questions: Sequence[Q], max_rows: int | None) -> list[Q]:
    """At most `max_rows` questions, chosen by the hash of their content and kept in order."""
    if max_rows is None or len(questions) <= max_rows:
        return list(questions)
    ranked = sorted(questions, key=lambda q: hashlib.sha256(q.row.content_id.encode()).digest())
    chosen = {q.row.row_id for q in ranked[:max_rows]}
    return [q for q in questions if q.row.row_id in chosen]


def _question(row: FrozenRow, chat: ChatFormat) -> Question:
    last = trained_turns(row.messages)[-1]
    turn = row.messages[last]
    prompt = row.messages[:last]
    reference_ids = chat.completion_ids(row.messages, last, row.tools)
    text = turn.get("content") or ""
    if turn.get("tool_calls"):
        text = str(chat.tokenizer.decode(reference_ids, skip_special_tokens=True))
    return Question(row, prompt, text, chat.prompt_ids(prompt, row.tools), reference_ids)
