"""What people did with one row: events in order, edits as differences, votes, and what stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import pyarrow as pa
import pyarrow.compute

from ..schemas.example import canonical_json, compact
from ..schemas.review import Event
from .contents import identity
from .standing import Decided, State

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

Turn = dict[str, Any]
Record = Mapping[str, Any]
BESIDES = ("tools", "rejected", "label")
VOTE = ("seq", "actor", "at", "action", "reason", "content_id", "dwell_ms")
LINE = ("seq", "actor", "at", "reason", "note", "rule", "content_id", "shown_id", "row_id")


@dataclass(frozen=True)
class People:
    """What a record says of one row, and of all rows.

    Args:
        events: The events on the row, in order.
        standing: What stands for each decided row; None where it was not asked for.
        votes: Whose decisions stand.
        editions: What reviewers wrote.
    """

    events: Iterable[Event]
    standing: pa.Table | None = None
    votes: pa.Table | None = None
    editions: pa.Table | None = None

    def events_on(self, row: Record, contents: Iterable[Record]) -> list[dict[str, Any]]:
        """The events, each with whether it stands and was on today's content; an edit with its changes.

        Args:
            row: The row of today.
            contents: Contents that it had before.
        """
        told = [event.model_dump(exclude={"prev_hash", "hash"}) for event in self.events]
        standing = self._standing_events(row["row_id"], told)
        known = {identity(dict(content)): content for content in (*contents, row)}
        known |= {line["content_id"]: json.loads(line["payload"]) for line in self._written(row["row_id"])}
        for event in told:
            event["stands"] = event["seq"] in standing
            event["same_content"] = event["content_id"] == row["content_id"]
            if event["action"] == "edit":
                event |= self._edit(event, known)
        return told

    def standing_of(self, row_id: str, content_id: str) -> dict[str, Any] | None:
        """What stands for the row with today's content, and the votes; None where nothing does.

        `state` is approved, rejected, disputed or changed; `waiting` marks an edit that the run does not
        have yet, `own` a decision that was made on this very row.
        """
        if self.standing is None:
            return None
        decided = Decided(self.standing, self.editions)
        found = decided.match(pa.array([row_id]), pa.array([content_id]))
        state = State(int(found.state[0]))
        if state == State.OPEN:
            return None
        line = next(decided.lines(found.at))
        approved = state in (State.APPROVED, State.EDITED)
        return {
            "state": "approved" if approved else state.name.lower(),
            "waiting": state == State.EDITED,
            "own": bool(found.own[0]),
            **{name: line[name] for name in LINE},
            "votes": [{name: vote[name] for name in VOTE} for vote in self._votes(row_id)],
        }

    def _votes(self, row_id: str) -> list[dict[str, Any]]:
        return _of_row(self.votes, row_id)

    def _written(self, row_id: str) -> list[dict[str, Any]]:
        return _of_row(self.editions, row_id)

    def _standing_events(self, row_id: str, told: Sequence[Mapping[str, Any]]) -> set[int]:
        """Sequence numbers of the votes that stand, or of the newest decision where votes are not known."""
        if self.votes is not None and (votes := self._votes(row_id)):
            return {vote["seq"] for vote in votes}
        undone = {event["supersedes"] for event in told}
        kinds = ("approve", "reject")
        return set(
            sorted(e["seq"] for e in told if e["action"] in kinds and e["seq"] not in undone)[-1:],
        )

    @staticmethod
    def _edit(event: Mapping[str, Any], known: Mapping[str, Record]) -> dict[str, Any]:
        """What an edit changed, as far as both contents are known."""
        before = known.get(event["shown_id"] or "")
        after = known.get(event["content_id"])
        if before is None or after is None:
            return {"changes": [], "changed": []}
        changes = changed_turns(compact(before["messages"]), compact(after["messages"]))
        return {"changes": changes, "changed": [n for n in BESIDES if before.get(n) != after.get(n)]}


def _of_row(table: pa.Table | None, row_id: str) -> list[dict[str, Any]]:
    return [] if table is None else table.filter(pc.field("row_id") == row_id).to_pylist()


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
