"""What the app says, in one place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...schemas.errors import TunesetError
from ..desk import Outcome
from .pane.contract import Notice
from .pane.events import PaneEvent

TITLES = {"review": "Review", "group": "Groups", "pair": "Compare"}
NOUNS = {
    "review": ("row", "rows"),
    "group": ("group of near-duplicates", "groups of near-duplicates"),
    "pair": ("pair", "pairs"),
}
OUTCOMES = {"a": "one answer better", "b": "one answer better", "tie": "a tie", "both_bad": "both bad"}
DID = {"approve": "Approved", "reject": "Rejected", "skip": "Skipped", "flag": "Flagged"}


def outcome_text(event: PaneEvent, place: str) -> str:
    """A decision, as it just was: "Rejected faq.jsonl 12: wrong answer"."""
    if event.action == "keep":
        kept = len(event.keep)
        return f"Kept {kept} of {len(event.content_ids)}: {place}" if kept else f"Rejected all: {place}"
    if event.action == "prefer":
        return f"Compared {place}: {OUTCOMES[event.outcome or 'tie']}"
    if event.action == "approve":
        return f"Approved {place}{' as edited' if event.edits else ''}"
    return f"Rejected {place}: {plain(event.reason or 'no reason')}"


def event_text(event: Mapping[str, Any], place: str) -> str:
    """A decision of the record, in the same words."""
    if event["action"] == "prefer":
        outcome = json.loads(event["value"] or "{}").get("outcome", "tie")
        return f"Compared {place}: {OUTCOMES[outcome]}"
    if event["task"] == "group" and event["action"] in ("approve", "reject"):
        return f"Decided the group of {place}"
    if event["batch_id"] and event["task"] == "browse":
        return f"{DID[event['action']]} many rows at once"
    why = f": {plain(event['reason'])}" if event["reason"] else ""
    edited = " as edited" if event["action"] == "approve" and event["shown_id"] else ""
    return f"{DID[event['action']]} {place}{edited}{why}"


def kept_text(outcome: Outcome) -> str:
    """What else became of a decision."""
    told = ""
    if outcome.left:
        rows = "row stays" if outcome.left == 1 else "rows stay"
        told += f"; {outcome.left} {rows} as someone else decided"
    if outcome.fast:
        told += "; marked as quick"
    if not outcome.fresh:
        told += " (it was saved before)"
    return told


def notice_of(error: TunesetError) -> Notice:
    """An error of three parts as a notice."""
    return Notice(text=f"{sentence(error.what)} ({error.where})", fix=sentence(error.fix), kind="bad")


def empty_text(task: str, counts: Mapping[str, Mapping[str, int]]) -> str:
    """Why nothing is here for a person, and what to do next.

    Args:
        task: The queue.
        counts: Items by task and state.
    """
    own = counts[task]
    if not sum(own.values()):
        return f"This run has no {NOUNS[task][1]} to decide on. {_elsewhere(task, counts)}"
    parts = []
    if own["open"]:
        some = f"{own['open']:,} {'is' if own['open'] == 1 else 'are'}"
        parts.append(
            f"Nothing is left for you: {some} in others' hands or waiting for another person."
            " Reload the page to look again."
        )
    else:
        total = sum(own.values())
        one, many = NOUNS[task]
        parts.append(f"The one {one} is done." if total == 1 else f"All {total:,} {many} are done.")
    if own["disputed"]:
        parts.append(f"{own['disputed']:,} wait for an adjudicator.")
    return " ".join([*parts, _elsewhere(task, counts)])


def _elsewhere(task: str, counts: Mapping[str, Mapping[str, int]]) -> str:
    waiting = [
        f"{TITLES[other]} ({told['open']:,} open)"
        for other, told in counts.items()
        if other != task and told["open"]
    ]
    if waiting:
        return f"Go on with {' or '.join(waiting)}."
    return "When everything is decided, an admin can freeze a version."


def plain(code: str) -> str:
    """A code as words."""
    return code.replace("_", " ")


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "?", "!")) else ".")
