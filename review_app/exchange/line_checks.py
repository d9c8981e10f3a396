"""Checks of one line by itself: reason, times, texts, and the edited content."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...schemas.example import canonical_json
from ...schemas.review import ITEM_REASONS, REJECT_REASONS
from ...schemas.review_lines import DecisionLine, EditedContent, PreferenceLine
from .problems import Problem, problem, shown

REASONS = (*REJECT_REASONS, *ITEM_REASONS)
LEEWAY = timedelta(minutes=5)
"""How far a decision may lie ahead of this machine's clock."""


def times(number: int, line: DecisionLine | PreferenceLine, now: str) -> list[Problem]:
    """Moments that have not come yet."""
    edited_at = line.edited.at if line.edited is not None else None
    moments = {"at": line.at, "edited.at": edited_at, "painted_at": line.painted_at}
    latest = datetime.fromisoformat(now) + LEEWAY
    return [
        problem(number, field, "future_time", f"{moment} is later than now, {now}")
        for field, moment in moments.items()
        if moment is not None and datetime.fromisoformat(moment) > latest
    ]


def given(number: int, edited: EditedContent, shown_id: str) -> tuple[EditedContent | None, list[Problem]]:
    """A content that stands in the line, where it is not the run's, or what is wrong with it."""
    try:
        found = edited.hash()
    except ValueError as error:
        return None, [problem(number, "edited", "wrong_type", f"the content is no JSON ({error})")]
    if edited.content_id is not None and edited.content_id != found:
        sentence = f"the content has the hash {found}, not {shown(edited.content_id)}"
        return None, [problem(number, "edited.content_id", "edit_hash", sentence)]
    return (None if found == shown_id else edited), []


def reason(number: int, line: DecisionLine) -> list[Problem]:
    """A reason that is no reject code, or stands on an approval."""
    if line.reason is None:
        return []
    if line.action == "approve":
        sentence = f"an approval has the reason {shown(line.reason)}"
        return [problem(number, "reason", "reason_of_approval", sentence)]
    if line.reason not in REASONS:
        sentence = f"no reject code {shown(line.reason)}"
        return [problem(number, "reason", "unknown_reason", sentence, reasons=tuple(REJECT_REASONS))]
    return []


def text(number: int, line: DecisionLine) -> list[Problem]:
    """Texts that the record cannot hold: half of a character, which JSON can write, and the sign NUL."""
    texts = {
        "note": line.note,
        "actor": line.actor,
        "edited_answer": line.edited_answer,
        "rule": line.rule,
        "item_id": line.item_id,
    }
    if line.edited is not None:
        texts["edited"] = canonical_json(line.edited.messages)
    return [
        problem(number, field, "bad_text", f"{field} holds half a character, or NUL")
        for field, text in texts.items()
        if text is not None and not _is_text(text)
    ]


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def same_typed(typed: str, answer: str) -> bool:
    """Whether two texts are one after a form field trimmed it and wrote its own line ends."""
    return typed.replace("\r\n", "\n").strip() == answer.replace("\r\n", "\n").strip()
