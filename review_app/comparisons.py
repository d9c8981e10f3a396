"""What follows from comparing two answers: the preference, and the decisions on the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..schemas.errors import ReviewError
from ..schemas.example import canonical_json
from ..schemas.review import Decision, Preference
from .queue import Ticket
from .verify import payload_id

NOT_PREFERRED = "not_preferred"
RowDecision = tuple[str, str, Decision, str | None, Mapping[str, Any] | None]
"""row_id, content on the screen, action, reason, content after an edit."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison.

    Args:
        value: The members of `schemas.review.PREFERENCES` that the event carries.
        decisions: What it says about the rows.
    """

    value: dict[str, Any]
    decisions: tuple[RowDecision, ...]


def comparison(
    ticket: Ticket, outcome: Preference, *, left: str, payload: Mapping[str, Any] | None
) -> Comparison:
    """What a comparison says.

    Two rows of one prompt: the better one is approved (as edited, with a payload), the other rejected;
    of two bad ones both are; a tie decides nothing. One row with a chosen and a rejected answer: where the
    chosen one is better it is approved; where the rejected one is, `payload` is the row with the two
    exchanged, which is approved; a tie or two bad answers reject it.

    Raises:
        ReviewError: A ticket that is no pair, or an exchange without its content.
    """
    if ticket.task != "pair" or not 1 <= len(ticket.row_ids) <= 2 or left not in ("a", "b"):
        raise ReviewError(
            f"{ticket.item_id!r} is not a pair with sides a and b", where="the comparison", fix="reload"
        )
    decide = _of_rows if len(ticket.row_ids) == 2 else _of_answers
    source = "conflict" if len(ticket.row_ids) == 2 else "preference"
    chosen, rejected, decisions = decide(ticket, outcome, payload)
    value = {
        "outcome": outcome,
        "source": source,
        "left": left,
        "chosen_row_id": chosen[0],
        "chosen_content_id": chosen[1],
        "rejected_row_id": rejected[0],
        "rejected_content_id": rejected[1],
    }
    return Comparison(value, decisions)


Side = tuple[str | None, str | None]
NEITHER: Side = (None, None)


def _of_rows(
    ticket: Ticket, outcome: Preference, payload: Mapping[str, Any] | None
) -> tuple[Side, Side, tuple[RowDecision, ...]]:
    first, second = zip(ticket.row_ids, ticket.content_ids, strict=True)
    if outcome == "tie":
        return NEITHER, NEITHER, ()
    if outcome == "both_bad":
        return NEITHER, NEITHER, tuple((*row, "reject", "both_bad", None) for row in (first, second))
    chosen, other = (first, second) if outcome == "a" else (second, first)
    better: RowDecision = (*chosen, "approve", None, payload)
    worse: RowDecision = (*other, "reject", NOT_PREFERRED, None)
    return _as_edited(chosen, payload), other, (better, worse)


def _as_edited(side: tuple[str, str], payload: Mapping[str, Any] | None) -> Side:
    return side if payload is None else (side[0], payload_id(canonical_json(payload)))


def _of_answers(
    ticket: Ticket, outcome: Preference, payload: Mapping[str, Any] | None
) -> tuple[Side, Side, tuple[RowDecision, ...]]:
    row = (ticket.row_ids[0], ticket.content_ids[0])
    if outcome in ("tie", "both_bad"):
        return NEITHER, NEITHER, ((*row, "reject", outcome, None),)
    if outcome == "b" and payload is None:
        raise ReviewError(
            "the other answer was preferred, and the row with the two exchanged is missing",
            where=ticket.item_id,
            fix="give the exchanged row as the payload",
        )
    return _as_edited(row, payload), row, ((*row, "approve", None, payload),)
