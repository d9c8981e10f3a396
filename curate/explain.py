"""Everything that happened to one row, from file and line to evaluation, and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute

from ..schemas.errors import RecipeError
from ..schemas.example import canonical_json, compact
from ..schemas.review import Event
from ..schemas.workspace import Workspace
from .afterlife import evaluations_of, models_of, versions_of
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


def explain(out: str | Path, row: str, *, decisions: Decisions | None = None) -> Explanation:
    """Tell what happened to one row.

    Args:
        out: A workspace with a finished run.
        row: A row_id, its beginning when that is unique, or `FILE:ROW`; rows that could not be read too.
        decisions: Gives what people decided on a row; None tells of no decision but those in versions.

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
    return Explanation(_story(ledger, row_id, decisions))


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


def _story(ledger: Ledger, row_id: str, decisions: Decisions | None) -> dict[str, Any]:
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
        "decisions": _decisions(decisions(row_id) if decisions else (), current["content_id"]),
        "versions": [{**v, "same_content": v["content_id"] == current["content_id"]} for v in versions],
        "models": models_of(ledger.workspace, row_id, versions),
        "evaluations": evaluations_of(ledger.workspace, row_id),
    }


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


def changed_turns(before: list[Turn], after: list[Turn]) -> list[dict[str, Any]]:
    """What an edit did, turn by turn: before and after, with None for a turn that came or went."""
    old, new = ([canonical_json(turn) for turn in turns] for turns in (before, after))
    changes: list[dict[str, Any]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for i in range(max(b - a, d - c)):
            was, turned = (a + i if a + i < b else None), (c + i if c + i < d else None)
            changes.append(
                {
                    "turn": (was if was is not None else turned or 0) + 1,
                    "before": None if was is None else before[was],
                    "after": None if turned is None else after[turned],
                }
            )
    return changes


def _decisions(events: Iterable[Event], content_id: str) -> list[dict[str, Any]]:
    """Events with whether they stand, and whether they were on the content of today."""
    told = [event.model_dump(exclude={"prev_hash", "hash"}) for event in events]
    undone = {event["supersedes"] for event in told}
    last = max((e["seq"] for e in told if e["action"] != "undo" and e["seq"] not in undone), default=None)
    return [{**e, "stands": e["seq"] == last, "same_content": e["content_id"] == content_id} for e in told]
