"""From a row of the run to what the pane shows of it. No Streamlit here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from ...schemas.example import content_id
from ...schemas.review import Event
from ..content import Content
from ..facts import Fact, Score
from .pane.contract import Chip, Kind, PaneRow

Side = Literal["a", "b"]
KINDS: dict[str, Kind] = {"review": "warn", "edit": "info", "drop": "bad", "keep": "ok", "assign": "info"}
MOST_NEAR = 3
WORDS = {
    "approve": "approved",
    "reject": "rejected",
    "edit": "edited",
    "flag": "flagged",
    "note": "noted",
    "undo": "undone",
    "skip": "skipped",
    "prefer": "compared",
}


def pane_row(content: Content, mine: Sequence[Event] = (), *, side: Side | None = None) -> PaneRow:
    """One row of the run as a column of the pane.

    Args:
        content: The row.
        mine: My own events on it, in order; what others said stays unknown to me.
        side: Mode pair: which of the item's two it is.
    """
    return PaneRow(
        row_id=content.row_id,
        content_id=content.content_id,
        source=place_of(content),
        messages=content.messages,
        tools=content.tools,
        rejected=content.rejected,
        label=content.label,
        before=content.original,
        tokens=f"about {content.tokens.count:,} tokens",
        chips=(*map(_chip, filter(_told, content.facts)), *_near(content)),
        history=tuple(history(content, mine)),
        note=my_note(mine),
        flagged=is_flagged(mine),
        side=side,
    )


def place_of(content: Content) -> str:
    """Where a row came from, for people: "faq.jsonl 120"."""
    return f"{content.file} {content.line:,}"


def halves(content: Content) -> tuple[PaneRow, PaneRow]:
    """The two answers of a preference row: as it is, and with the two exchanged.

    The second has the content_id of the exchanged row: what would be approved is what is on the screen.
    """
    row = pane_row(content)
    other = exchanged(content)
    swapped = replace(
        row,
        messages=other["messages"],
        content_id=identity(other),
        before=None,
        rejected=None,
        side="b",
    )
    return replace(row, rejected=None, side="a"), swapped


def payload_of(content: Content) -> dict[str, Any]:
    """The row's content as an edition has it."""
    return {
        "messages": content.messages,
        "tools": content.tools,
        "rejected": content.rejected,
        "label": content.label,
    }


def exchanged(content: Content) -> dict[str, Any]:
    """A preference row whose chosen and rejected answers are exchanged; the answer is the last turn."""
    prompt, chosen = content.messages[:-1], content.messages[-1:]
    return payload_of(content) | {"messages": [*prompt, *(content.rejected or [])], "rejected": chosen}


def identity(payload: Mapping[str, Any]) -> str:
    """The content_id of a payload."""
    return content_id(
        payload["messages"], tools=payload["tools"], rejected=payload["rejected"], label=payload["label"]
    )


def score_chips(content: Content) -> tuple[Chip, ...]:
    """What models think of a row: shown after the decision."""
    return tuple(_score_chip(score) for score in content.scores if score.score is not None)


def history(content: Content, mine: Iterable[Event]) -> list[str]:
    """What happened to a row, oldest first: steps that changed it, and what I did."""
    lines = [
        f"{fact.step}: {fact.sentence or fact.reason}" for fact in content.facts if fact.action == "edit"
    ]
    for event in mine:
        if event.action in WORDS:
            why = event.reason or event.note
            told = f" ({why})" if why else ""
            lines.append(f"{event.at[:16].replace('T', ' ')} you {WORDS[event.action]}{told}")
    return lines


def my_note(mine: Sequence[Event]) -> str | None:
    """My newest note on a row."""
    return next((e.note for e in reversed(mine) if e.action == "note" and e.note), None)


def is_flagged(mine: Sequence[Event]) -> bool:
    """Whether a flag of mine stands."""
    undone = {event.supersedes for event in mine if event.action == "undo"}
    return any(event.action == "flag" and event.seq not in undone for event in mine)


def _told(fact: Fact) -> bool:
    return fact.reason is not None or fact.value is not None


def _chip(fact: Fact) -> Chip:
    detail = "; ".join(part for part in (fact.sentence, fact.detail) if part) or None
    if fact.action == "assign":
        return Chip(text=f"{fact.step}: {fact.value}", detail=detail)
    return Chip(text=_words(fact.reason or fact.step), kind=KINDS[fact.action], detail=detail)


def _words(code: str) -> str:
    return code.replace("_", " ")


def _near(content: Content) -> Iterable[Chip]:
    alike = [near for near in content.near if not near.dropped]
    dropped = len(content.near) - len(alike)
    for near in alike[:MOST_NEAR]:
        how = "" if near.similarity is None else f" {near.similarity:.2f}"
        yield Chip(
            text=f"{_words(near.relation)}{how}", kind="info", detail=f"the other row is {near.row_id}"
        )
    if len(alike) > MOST_NEAR:
        yield Chip(text=f"{len(alike) - MOST_NEAR} more like it")
    if dropped:
        yield Chip(text=f"{dropped} dropped as like it")


def _score_chip(score: Score) -> Chip:
    told: Mapping[bool, str] = {True: "; ".join(score.words), False: score.sentence or ""}
    return Chip(text=f"{score.step} {score.score:.2f}", detail=told[bool(score.words)] or None)
