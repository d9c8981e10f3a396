"""What a record is to a format: one good answer, a preference, or an answer with a verdict."""

from __future__ import annotations

from ...schemas.providers.problems import RowProblem
from .shape import Record, uncarried


def one_answer(record: Record) -> RowProblem | None:
    """Why a record is no single good answer; None when it is one."""
    if record.get("rejected") is not None:
        return uncarried("preference_row", "rejected")
    if record.get("label") is False:
        return uncarried("negative_label", "label")
    return None


def last_answer_alone(record: Record) -> RowProblem | None:
    """Why a record is no good answer with nothing to learn before it; None when it is one."""
    problem = one_answer(record)
    if problem is not None:
        return problem
    for i, turn in enumerate(record["messages"][:-1]):
        if turn["role"] == "assistant" and turn.get("weight") in (None, 1):
            return uncarried("trained_prompt", f"messages.{i}")
    return None


def one_pair(record: Record, *, several: bool = False) -> RowProblem | None:
    """Why a record is no preference whose answers certainly follow one prompt; None when it is one.

    Args:
        record: A record.
        several: Whether the losing answer may be more than one turn.
    """
    rejected = record.get("rejected")
    if rejected is None:
        return uncarried("not_a_preference_row")
    if not last_answer_is_clear(record["messages"]):
        return uncarried("unclear_prompt", "messages")
    if len(rejected) != 1 and not several:
        return uncarried("several_losing_turns", "rejected")
    return None


def last_answer_is_clear(messages: list[Record]) -> bool:
    """Whether a preference's prompt certainly ends where its last turn begins."""
    return len(messages) > 1 and messages[-1]["role"] == "assistant" and messages[-2]["role"] == "user"


def one_verdict(record: Record) -> RowProblem | None:
    """Why a record is no answer with a verdict; None when it is one. A pair comes here as two records."""
    if record.get("rejected") is not None:
        return uncarried("unclear_prompt", "messages")
    if record.get("label") is None:
        return uncarried("not_labelled", "label")
    return None
