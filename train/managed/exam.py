"""Held-out rows as questions to hosted models, which count their own tokens."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from ..chat import Turn, Unusable, check_content, trained_turns
from ..data import Selection, usable_for_sft
from ..version import FrozenRow
from .chat import answer_text

BYTES_A_TOKEN = 3
"""UTF-8 bytes a token, few on purpose: English has about four, so an answer is not cut early."""
REFERENCE_RATIO = 1.5
MARGIN = 16


@dataclass(frozen=True)
class HostedQuestion:
    """One held-out row: the last assistant turn is the reference, what comes before it the prompt."""

    row: FrozenRow
    prompt: list[Turn]
    reference: str

    @property
    def tools(self) -> list[Any] | None:
        return self.row.tools


def hosted_questions(
    rows: Sequence[FrozenRow], seen: AbstractSet[str]
) -> tuple[Selection, list[HostedQuestion]]:
    """The rows that can be asked, in file order, and why the others cannot.

    Args:
        rows: Frozen rows of one split.
        seen: Content ids that were trained on; they are not asked.
    """
    selection, questions = Selection(), []
    for row in rows:
        try:
            reason = usable_for_sft(row) or ("seen_in_training" if row.content_id in seen else None)
            if reason is not None:
                raise Unusable(reason)
            questions.append(_question(row))
        except Unusable as refusal:
            selection.leave_out(str(refusal), row.row_id)
    return selection, questions


def token_limit(questions: Sequence[HostedQuestion]) -> int:
    """Most tokens an answer: one and a half times the longest reference, and a few more."""
    longest = max((len(q.reference.encode()) for q in questions), default=0)
    return int(REFERENCE_RATIO * longest / BYTES_A_TOKEN) + MARGIN


def _question(row: FrozenRow) -> HostedQuestion:
    last = trained_turns(row.messages)[-1]
    turn = row.messages[last]
    check_content(turn)
    return HostedQuestion(
        row, row.messages[:last], answer_text(turn.get("content"), turn.get("tool_calls") or ())
    )
