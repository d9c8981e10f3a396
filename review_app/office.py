"""What adjudicators and admins can do: settle rows, decide many at once, people, guidelines, policy."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..schemas.errors import ReviewError
from ..schemas.review import Decision
from ..schemas.version_info import VERSION
from . import guidelines as guides
from . import people as folk
from .people import Person
from .policy import Policy, write_policy
from .seat import BATCH, STANDS, Outcome, Seat, Shown
from .store import Draft

__all__ = ["Office", "Outcome", "Shown"]

BATCHES = f"""
    SELECT batch_id, action, count(*) AS n, min(at) AS at, min(rule) AS rule FROM event e
    WHERE actor = :actor AND task = 'browse' AND batch_id IS NOT NULL AND action <> 'undo' AND {STANDS}
    GROUP BY batch_id, action ORDER BY max(seq) DESC LIMIT :n
"""
FLAGGED = f"""
    SELECT row_id, max(note) AS note FROM event e WHERE action = 'flag' AND {STANDS} AND NOT EXISTS (
        SELECT 1 FROM event f WHERE f.row_id = e.row_id AND f.final = 1 AND f.seq > e.seq
    ) GROUP BY row_id ORDER BY min(seq)
"""


class Office(Seat):
    """One person above the queue; each act names the role that it takes."""

    def adjudicate(
        self,
        row_id: str,
        content_id: str,
        action: Decision,
        shown: Shown,
        *,
        shown_id: str | None = None,
        reason: str | None = None,
        note: str | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """Settle a row: the decision holds whatever others said.

        Args:
            row_id: The row.
            content_id: The content that is decided on: the run's, or a reviewer's edit.
            action: approve or reject.
            shown: What the browser tells.
            shown_id: The run's content, where `content_id` is another.
            reason: Why it is rejected.
            note: A note.
            payload: A content of the adjudicator's own.

        Raises:
            NotAllowed: Below an adjudicator.
            NotShown: The row did not stand on the screen.
        """
        key = shown.key or str(uuid.uuid4())
        with self.store.transaction():
            self.need("adjudicator", "to settle a row")
            if self.store.has(key):
                return Outcome(False, self.store.head()[0])
            self.check_shown(shown, row_id)
            told = {"reason": reason, "note": note, "uuid": key}
            drafts = self.decision(action, row_id, content_id, payload, told, root=shown_id)
            version = guides.newest_number(self.store)
            self.store.append_many(
                [
                    replace(
                        d,
                        task="adjudicate",
                        final=d.action in ("approve", "reject"),
                        guideline=version,
                        **shown.evidence(),
                    )
                    for d in drafts
                ],
                actor=self.me,
            )
            return Outcome(True, self.store.head()[0])

    def bulk(
        self,
        rows: Iterable[tuple[str, str]],
        action: Decision,
        *,
        rule: str,
        reason: str | None = None,
        note: str | None = None,
    ) -> tuple[str, int, int]:
        """Decide many rows at once, by a rule; a row that a person read and decided is left.

        Args:
            rows: row_id and content_id of each.
            action: approve or reject.
            rule: How they were chosen, for the record.
            reason: Why they are rejected.
            note: A note.

        Returns:
            The batch, how many rows were decided, and how many were left.
        """
        batch = str(uuid.uuid4())
        with self.store.transaction():
            self.need("adjudicator", "to decide many rows at once")
            people_said = {
                r["row_id"] for r in self.store.db.stream("SELECT row_id FROM standing WHERE rule IS NULL")
            }
            chosen = [(row, content) for row, content in rows]
            free = [(row, content) for row, content in chosen if row not in people_said]
            drafts = (
                Draft(
                    action,
                    row,
                    content,
                    task="browse",
                    rule=rule,
                    reason=reason,
                    note=note,
                    batch_id=batch,
                    app_version=VERSION,
                )
                for row, content in free
            )
            stored = self.store.append_many(drafts, actor=self.me)
        return batch, stored, len(chosen) - len(free)

    def undo_batch(self, batch_id: str) -> int:
        """Take back a bulk decision; how many rows it concerned.

        Raises:
            ReviewError: No such batch of mine, or undone already.
        """
        with self.store.transaction():
            self.need("reviewer", "to undo")
            events = self.store.db.rows(
                BATCH,
                {"batch": batch_id},
            )
            if not events:
                raise ReviewError(
                    f"no standing batch {batch_id!r}", where=self.store.where, fix="it may be undone already"
                )
            if any(e["actor"] != self.me for e in events):
                self.need("adjudicator", "to undo what others decided")
            self.take_back(events)
            return len(events)

    def batches(self, n: int = 5) -> list[dict[str, Any]]:
        """My last bulk decisions that stand, newest first: batch_id, action, n, at, rule."""
        with self.store.db.speaking():
            return [dict(r) for r in self.store.db.rows(BATCHES, {"actor": self.me, "n": n})]

    def disputed(self) -> list[dict[str, Any]]:
        """Rows whose votes disagree: row_id, shown_id, votes (events), oldest first."""
        with self.store.transaction():
            self.need("adjudicator", "to see others' votes")
            rows = self.store.db.rows("SELECT * FROM standing WHERE action = 'disputed' ORDER BY seq")
            return [{**dict(r), "votes": self.votes_on(r["row_id"])} for r in rows]

    def flagged(self) -> list[dict[str, Any]]:
        """Rows with a flag that no final decision followed: row_id, note, oldest first."""
        with self.store.transaction():
            self.need("adjudicator", "to see others' flags")
            return [dict(r) for r in self.store.db.rows(FLAGGED)]

    def users(self) -> list[Person]:
        """Everyone in the record."""
        self.need("admin", "to see the users")
        return folk.people(self.store)

    def add_user(self, name: str, role: str) -> str:
        """Let someone review; the token, shown once."""
        with self.store.transaction():
            self.need("admin", "to add a user")
            return folk.add_person(self.store, name, role, by=self.me)

    def set_role(self, name: str, role: str) -> None:
        """Give a person another role."""
        with self.store.transaction():
            self.need("admin", "to change a role")
            folk.set_role(self.store, name, role, by=self.me)

    def disable_user(self, name: str) -> None:
        """Let a person do nothing from now on."""
        with self.store.transaction():
            self.need("admin", "to disable a user")
            folk.disable_person(self.store, name, by=self.me)

    def new_token(self, name: str) -> str:
        """A new token for a person, shown once."""
        with self.store.transaction():
            self.need("admin", "to make a token")
            return folk.new_token(self.store, name, by=self.me)

    def guidelines(self) -> guides.Guideline | None:
        """The guidelines that hold."""
        return guides.newest(self.store)

    def write_guidelines(self, text: str) -> int:
        """A new version of the guidelines; its number."""
        with self.store.transaction():
            self.need("adjudicator", "to write the guidelines")
            return guides.write(self.store, text, by=self.me)

    def set_policy(self, policy: Policy) -> None:
        """Another policy; the queue follows when it is next synced."""
        with self.store.transaction():
            self.need("admin", "to change the queue's policy")
            write_policy(self.store, policy, by=self.me)
