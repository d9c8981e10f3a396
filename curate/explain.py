"""Everything that happened to one row, from file and line to evaluation, and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute

from ..schemas.errors import RecipeError
from ..schemas.example import compact
from ..schemas.review import Event
from ..schemas.workspace import Workspace
from .afterlife import evaluations_of, models_of, versions_of
from .explain_people import People, changed_turns
from .explain_text import story_text
from .find_row import POSITION
from .ledger import Ledger
from .partners import foreign_partner, without_partner

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

Turn = dict[str, Any]
Decisions = Callable[[str], Iterable[Event]]
"""The events on a row, in order; `Store.events` of the review app is one."""


@dataclass(frozen=True)
class Explanation:
    """The story of one row.

    Args:
        data: The whole story, as JSON values.
    """

    data: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return self.data

    def text(self) -> str:
        """The story for a person; long texts are shortened, and say so."""
        return story_text(self.data)


def explain(
    out: str | Path,
    row: str,
    *,
    decisions: Decisions | None = None,
    standing: pa.Table | None = None,
    votes: pa.Table | None = None,
    editions: pa.Table | None = None,
) -> Explanation:
    """Tell what happened to one row.

    Args:
        out: A workspace with a finished run.
        row: A row_id, its beginning when that is unique, or `FILE:ROW`; rows that could not be read too.
        decisions: Gives what people decided on a row; None tells of no decision but those in versions.
        standing: What stands for each decided row (`Store.current` of the review app).
        votes: Whose decisions stand (`Store.votes`).
        editions: What reviewers wrote (`Store.editions`).

    Raises:
        WorkspaceError: No finished run.
        RecipeError: No such row, or more than one.
    """
    ledger = Ledger.open(out)
    try:
        row_id = ledger.resolve(row)
    except RecipeError:
        lost = _quarantined(ledger.workspace, row)
        if lost is None:
            raise
        return Explanation({"state": "quarantined", **lost})
    human = People(decisions(row_id) if decisions else (), standing, votes, editions)
    return Explanation(_story(ledger, row_id, human))


def _quarantined(space: Workspace, text: str) -> dict[str, Any] | None:
    """The quarantined row that `FILE:ROW` means; None when there is none."""
    match = POSITION.match(text)
    if match is None or not space.quarantine.is_file():
        return None
    name, number = match["name"], int(match["row"])
    with open(space.quarantine, encoding="utf-8") as lines:
        for line in lines:
            lost = json.loads(line)
            file = str(lost.get("file"))
            if lost.get("row") == number and (file == name or file.endswith("/" + name)):
                return lost
    return None


def _story(ledger: Ledger, row_id: str, people: People) -> dict[str, Any]:
    original = ledger.row(row_id)
    current = ledger.row(row_id, edited=True)
    edits = {e["step"]: compact(e["messages"]) for e in ledger.edits_of(row_id)}
    verdicts = [_verdict(ledger, verdict) for verdict in ledger.verdicts_of(row_id)]
    _add_rows_stood_for(ledger, row_id, verdicts)
    before = original["messages"]
    for verdict in verdicts:
        if verdict["step"] in edits:
            verdict["changes"] = changed_turns(before, edits[verdict["step"]])
            before = edits[verdict["step"]]
    versions = versions_of(ledger.workspace, row_id)
    return {
        "row_id": row_id,
        "source": original["source"],
        **_end(ledger, verdicts),
        "content_id": current["content_id"],
        "original": {k: original[k] for k in ("messages", "tools", "rejected", "label", "meta")},
        "edited": current["messages"] if edits else None,
        "verdicts": verdicts,
        "decisions": people.events_on(current, _contents(original, edits.values())),
        "standing": people.standing_of(row_id, current["content_id"]),
        "versions": [{**v, "same_content": v["content_id"] == current["content_id"]} for v in versions],
        "models": models_of(ledger.workspace, row_id, versions),
        "evaluations": evaluations_of(ledger.workspace, row_id),
    }


def _contents(original: dict[str, Any], edits: Iterable[list[Turn]]) -> list[dict[str, Any]]:
    """The row as it was read, and with the messages of each edit."""
    return [original, *({**original, "messages": messages} for messages in edits)]


def _end(ledger: Ledger, verdicts: list[dict[str, Any]]) -> dict[str, Any]:
    drop = next((v for v in verdicts if v["action"] == "drop"), None)
    return {
        "state": "dropped" if drop else "kept",
        "dropped_by": drop["step"] if drop else None,
        "reason": drop["reason"] if drop else None,
        "review": not drop and any(v["action"] == "review" for v in verdicts),
        "labels": {v["step"]: v["value"] for v in verdicts if v["action"] == "assign"},
        "steps": [s.step for s in ledger.card.steps],
    }


def _verdict(ledger: Ledger, verdict: dict[str, Any]) -> dict[str, Any]:
    """A verdict with its sentence, and with the partner row where it names one, of this run or outside."""
    del verdict["row_id"]
    sentences = next((s.sentences for s in ledger.card.steps if s.step == verdict["step"]), {})
    verdict["sentence"] = sentences.get(verdict["reason"] or "")
    partner = verdict["related_id"]
    if partner is not None and pc.index(ledger.row_ids, pa.scalar(partner)).as_py() >= 0:
        row = ledger.row(partner)
        verdict["related"] = {k: row[k] for k in ("row_id", "source", "messages")}
    elif (foreign := foreign_partner(verdict)) is not None:
        verdict["related"] = foreign
        verdict["detail"] = without_partner(verdict["detail"])
    return verdict


def _add_rows_stood_for(ledger: Ledger, row_id: str, verdicts: list[dict[str, Any]]) -> None:
    """Add to each verdict the rows that its step dropped in favour of this one."""
    told = ledger.verdicts(
        ["row_id", "step", "reason", "score"],
        (pc.field("related_id") == row_id) & (pc.field("action") == "drop"),
    ).to_pylist()
    for verdict in verdicts:
        verdict["stands_for"] = [
            {k: other[k] for k in ("row_id", "reason", "score")}
            for other in told
            if other["step"] == verdict["step"]
        ]
