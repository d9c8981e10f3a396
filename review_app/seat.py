"""A person at the record: who they are, what they may do, and the events that their decisions become."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..schemas.errors import NotShown
from ..schemas.review import Decision
from ..schemas.version_info import VERSION
from . import people as folk
from .people import Person
from .policy import Policy, parsed, read_policy
from .projection import shown as shown_of
from .store import Draft, Store

# A count rather than EXISTS: a planner without statistics must not turn it into a join of whole tables.
STANDS = "(SELECT count(*) FROM event u WHERE u.supersedes = e.seq) = 0"
BATCH = f"SELECT * FROM event e WHERE batch_id = :batch AND action <> 'undo' AND {STANDS} ORDER BY seq"
FACTS = """
    SELECT (SELECT role FROM person WHERE name = :me) AS role,
        (SELECT disabled_at FROM person WHERE name = :me) AS disabled_at,
        (SELECT value FROM setting WHERE name = 'policy') AS policy,
        (SELECT max(version) FROM guideline) AS guideline,
        (SELECT seq FROM event WHERE uuid = :key) AS stored
"""


class Facts(NamedTuple):
    """What a decision needs to know, asked for at once.

    Args:
        policy: How the queue is shared.
        guideline: Version of the guidelines that holds.
        stored: The event that was recorded by the same key before.
    """

    policy: Policy
    guideline: int | None
    stored: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the browser tells of the moment of a decision.

    Args:
        painted_at: When the item stood on the screen, ISO 8601 by the browser's clock; None: it never did.
        dwell_ms: Milliseconds that it stood there, seen, before the decision.
        input: key or mouse.
        key: Idempotency key of a decision that has no ticket.
    """

    painted_at: str | None
    dwell_ms: int | None = None
    input: str | None = None
    key: str | None = None

    def evidence(self) -> dict[str, Any]:
        """The members that an event keeps."""
        return {"painted_at": self.painted_at, "dwell_ms": self.dwell_ms, "input": self.input}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision did.

    Args:
        fresh: False when it was recorded before, by the same key.
        seq: Newest event of the record after it.
        left: Rows of a group or pair that someone else had decided; they stay as they are.
        fast: Decided sooner than the policy's shortest reading time.
    """

    fresh: bool
    seq: int
    left: int = 0
    fast: bool = False


class Seat:
    """One person at one record.

    Args:
        store: An open record, used by this thread alone.
        who: The person, as the gate knows them; what the record says of them counts at each write.
    """

    def __init__(self, store: Store, who: Person) -> None:
        self.store = store
        self.who = who

    @property
    def me(self) -> str:
        return self.who.name

    def need(self, role: folk.Role, what: str) -> Person:
        return folk.allowed(self.store, self.who, role, what)

    def facts(self, role: folk.Role, what: str, key: str = "") -> Facts:
        """Like `need`, together with what else a decision needs to know.

        Raises:
            NotAllowed: Removed, disabled, or of a lower role.
        """
        told = self.store.db.rows(FACTS, {"me": self.me, "key": key})[0]
        present = Person(self.me, told["role"], False, told["disabled_at"]) if told["role"] else None
        folk.checked(self.who if self.who.owner else present, self.who, role, what, where=self.store.where)
        return Facts(parsed(told["policy"]), told["guideline"], told["stored"])

    def check_shown(self, shown: Shown, item_id: str) -> None:
        if shown.painted_at is None:
            raise NotShown(
                f"{item_id!r} did not stand on the screen yet",
                where="the decision",
                fix="wait until the item is shown, and decide again",
            )

    def decision(
        self,
        action: Decision,
        row_id: str,
        content_id: str,
        payload: Mapping[str, Any] | None,
        told: dict[str, Any],
        *,
        root: str | None = None,
    ) -> list[Draft]:
        """The events of one decision: with a payload, the edit and the decision on it."""
        root = root or content_id
        if payload is None:
            return [Draft(action, row_id, content_id, shown_id=other_content(root, content_id), **told)]
        edit = self.edit_event(row_id, root, payload, {"uuid": f"{told['uuid']}/edit"})
        if edit.content_id == root:
            return [Draft(action, row_id, root, **told)]
        return [edit, Draft(action, row_id, edit.content_id, shown_id=root, **told)]

    def edit_event(self, row_id: str, parent: str, payload: Mapping[str, Any], told: dict[str, Any]) -> Draft:
        new = self.store.put_edition(payload, row_id=row_id, parent_id=parent, actor=self.me)
        return Draft("edit", row_id, new, shown_id=other_content(parent, new), **told)

    def take_back(self, events: Sequence[Mapping[str, Any]]) -> None:
        batch = str(uuid.uuid4()) if len(events) > 1 else None
        self.store.append_many(
            [
                Draft(
                    "undo",
                    e["row_id"],
                    e["content_id"],
                    supersedes=e["seq"],
                    task=e["task"],
                    item_id=e["item_id"],
                    shown_id=other_content(shown_of(e), e["content_id"]) if e["content_id"] else None,
                    batch_id=batch,
                    app_version=VERSION,
                )
                for e in events
            ],
            actor=self.me,
        )

    def votes_on(self, row_id: str) -> list[dict[str, Any]]:
        """The standing votes on one row, oldest first."""
        found = self.store.db.rows(
            "SELECT e.* FROM vote v JOIN event e ON e.seq = v.seq"
            " WHERE v.task = 'review' AND v.item_id = :row_id ORDER BY e.seq",
            {"row_id": row_id},
        )
        return [dict(r) for r in found]

    def policy(self) -> Policy:
        """How the queue is ordered and shared."""
        return read_policy(self.store)


def other_content(root: str, content_id: str | None) -> str | None:
    """The run's content, where another one was decided on."""
    return root if root != content_id else None
