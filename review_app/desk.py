"""What a reviewer can do: take an item, decide it, take that back. Roles are enforced at each write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..schemas.errors import LeaseLost, ReviewError
from ..schemas.example import canonical_json
from ..schemas.review import Answers, Decision, Preference
from ..schemas.version_info import VERSION
from . import queue
from .comparisons import comparison
from .policy import Policy
from .queue import Ticket
from .seat import BATCH, STANDS, Facts, Outcome, Seat, Shown
from .store import Draft

__all__ = ["Desk", "Outcome", "Shown", "Ticket"]

NOT_KEPT = "not_kept"
UNDOABLE = "('approve', 'reject', 'prefer', 'skip', 'flag')"
LAST_MINE = f"""
    SELECT * FROM event e WHERE actor = :actor AND action IN {UNDOABLE} AND {STANDS}
    AND coalesce(input, '') <> 'import'
    ORDER BY seq DESC LIMIT :n
"""
MY_FLAGS = f"""
    SELECT * FROM event e WHERE row_id = :row_id AND actor = :actor AND action = 'flag' AND {STANDS}
    ORDER BY seq
"""


class Desk(Seat):
    """One person at the queue: the app's only way to decide."""

    # The queue

    def claim(self, task: str = "review") -> Ticket | None:
        """The next item, leased to me; None when nothing is left for me.

        Raises:
            NotAllowed: Below a reviewer.
        """
        with self.store.transaction():
            facts = self.facts("reviewer", "to take an item")
            ticket = queue.claim(self.store, self.me, task, facts.policy.lease_seconds)
            return replace(ticket, guideline=facts.guideline) if ticket else None

    def open_item(self, task: str, item_id: str) -> Ticket:
        """One item by its id, leased to me.

        Raises:
            LeaseLost: Not in the queue, or in others' hands.
            NotAllowed: Below a reviewer.
        """
        with self.store.transaction():
            facts = self.facts("reviewer", "to take an item")
            ticket = queue.open_item(self.store, self.me, task, item_id, facts.policy.lease_seconds)
            return replace(ticket, guideline=facts.guideline)

    def renew(self, ticket: Ticket) -> Ticket:
        """Hold an item longer.

        Raises:
            LeaseLost: It passed to someone else.
        """
        with self.store.transaction():
            self.need("reviewer", "to hold an item")
            return queue.renew(self.store, self.me, ticket, self.policy().lease_seconds)

    def skip(self, ticket: Ticket, shown: Shown) -> Outcome:
        """Leave an item to others; it comes back to me when nothing else is left."""
        with self.store.transaction() as now:
            facts = self._begin(ticket, shown, now)
            if isinstance(facts, Outcome):
                return facts
            key = {"task": ticket.task, "item_id": ticket.item_id, "actor": self.me, "at": now}
            self.store.db.run(
                "INSERT INTO skipped (task, item_id, actor, at) VALUES (:task, :item_id, :actor, :at)"
                " ON CONFLICT (task, item_id, actor) DO UPDATE SET at = excluded.at",
                key,
            )
            draft = Draft("skip", ticket.row_ids[0], ticket.content_ids[0], uuid=ticket.uuid)
            return self._end(ticket, [self._seen(draft, ticket, shown)])

    # Decisions

    def decide(
        self,
        ticket: Ticket,
        action: Decision,
        shown: Shown,
        *,
        reason: str | None = None,
        note: str | None = None,
        answers: Answers | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """Approve or reject the row of a ticket; with a payload, approve exactly that content.

        Raises:
            LeaseLost: The item passed to someone else, or is another now.
            NotShown: The item did not stand on the screen.
            NotAllowed: Below a reviewer.
        """
        with self.store.transaction() as now:
            facts = self._begin(ticket, shown, now)
            if isinstance(facts, Outcome):
                return facts
            answers, fast = _timed(answers, shown, facts.policy)
            told = {"reason": reason, "note": note, "value": _value(answers), "uuid": ticket.uuid}
            drafts = self.decision(action, ticket.row_ids[0], ticket.content_ids[0], payload, told)
            outcome = self._end(ticket, [self._seen(d, ticket, shown) for d in drafts])
            return replace(outcome, fast=fast)

    def keep(self, ticket: Ticket, keep: Sequence[str], shown: Shown) -> Outcome:
        """Of a group of near-duplicates, approve some rows and reject the others.

        A row that someone else decided stays as it is, and is counted.

        Raises:
            ReviewError: A row that is not of the group.
        """
        strange = set(keep) - set(ticket.row_ids)
        if strange:
            raise ReviewError(
                f"{sorted(strange)[0]!r} is not a row of this group",
                where=ticket.item_id,
                fix="keep rows of the group",
            )
        told: list[tuple[str, str, Decision, str | None]] = [
            (row, content, "approve" if row in keep else "reject", None if row in keep else NOT_KEPT)
            for row, content in zip(ticket.row_ids, ticket.content_ids, strict=True)
        ]
        with self.store.transaction() as now:
            facts = self._begin(ticket, shown, now)
            if isinstance(facts, Outcome):
                return facts
            drafts, left = self._several(ticket, told)
            if not drafts:  # everyone's decisions stand; the group itself is seen to
                drafts = [Draft("note", ticket.row_ids[0], ticket.content_ids[0], note="group left as it is")]
            drafts[0] = replace(drafts[0], uuid=ticket.uuid)
            outcome = self._end(ticket, [self._seen(d, ticket, shown) for d in drafts])
            return replace(outcome, left=left)

    def prefer(
        self,
        ticket: Ticket,
        outcome: Preference,
        shown: Shown,
        *,
        left: str,
        payload: Mapping[str, Any] | None = None,
        note: str | None = None,
    ) -> Outcome:
        """Compare the two answers of a pair; what follows for the rows is in docs/review.md.

        Args:
            ticket: A pair: two rows of one prompt, or one row with a chosen and a rejected answer.
            outcome: a (the first row, or the chosen answer), b, tie, or both_bad.
            shown: What the browser tells.
            left: The side, a or b, that stood on the left.
            payload: The winner's content after an edit.
            note: The reviewer's note.
        """
        with self.store.transaction() as now:
            facts = self._begin(ticket, shown, now)
            if isinstance(facts, Outcome):
                return facts
            found = comparison(ticket, outcome, left=left, payload=payload)
            prefer = Draft(
                "prefer",
                ticket.row_ids[0],
                ticket.content_ids[0],
                note=note,
                value=canonical_json(found.value),
                uuid=ticket.uuid,
            )
            drafts = [prefer]
            left_alone = 0
            for row, content, action, reason, edited in found.decisions:
                if self._decided_by_others(row):
                    left_alone += 1
                    if edited is not None:  # the preference names this content, so it is kept
                        drafts.append(self.edit_event(row, content, edited, {"uuid": f"{ticket.uuid}/{row}"}))
                    continue
                told = {"reason": reason, "uuid": f"{ticket.uuid}/{row}/{action}"}
                drafts += self.decision(action, row, content, edited, told)
            result = self._end(ticket, [self._seen(d, ticket, shown) for d in drafts])
            return replace(result, left=left_alone)

    # Beside decisions

    def note(self, row_id: str, content_id: str, text: str) -> None:
        """Write a note on a row; it decides nothing."""
        self._beside(Draft("note", row_id, content_id, note=text))

    def flag(self, row_id: str, content_id: str, note: str | None = None, *, on: bool = True) -> None:
        """Mark a row for others to look at, or take my mark back; it decides nothing, and can be undone."""
        if on:
            self._beside(Draft("flag", row_id, content_id, note=note))
            return
        with self.store.transaction():
            self.need("reviewer", "to take a flag back")
            self.take_back(self.store.db.rows(MY_FLAGS, {"actor": self.me, "row_id": row_id}))

    def save_draft(self, ticket: Ticket, payload: Mapping[str, Any]) -> str:
        """Keep an edit without deciding, as when the lease was lost; its content_id."""
        with self.store.transaction():
            self.need("reviewer", "to keep an edit")
            draft = self.edit_event(ticket.row_ids[0], ticket.content_ids[0], payload, {})
            self.store.append_many([replace(draft, task=ticket.task)], actor=self.me)
            return str(draft.content_id)

    def undo(self) -> Ticket | None:
        """Take back my last decision, skip or flag, with its whole batch; its item comes back to me.

        An import, which may hold other people's decisions, is no decision of the desk: `Office.undo_batch`.

        Returns:
            The item, leased to me again; None when there was nothing to undo, or it is no item of the queue.
        """
        with self.store.transaction():
            self.need("reviewer", "to undo")
            last = self.store.db.rows(LAST_MINE, {"actor": self.me, "n": 1})
            if not last:
                return None
            event = last[0]
            self.take_back(self._batch(event))
            task, item_id = event["task"], event["item_id"] or event["row_id"]
            if event["action"] == "skip":
                self.store.db.run(
                    "DELETE FROM skipped WHERE task = :task AND item_id = :item_id AND actor = :actor",
                    {"task": task, "item_id": item_id, "actor": self.me},
                )
            if task not in ("review", "group", "pair"):
                return None
            try:
                return self.open_item(task, item_id)
            except LeaseLost:
                return None

    def recent(self, n: int = 20) -> list[dict[str, Any]]:
        """My last decisions, skips and flags that stand, newest first."""
        with self.store.db.speaking():
            return [dict(r) for r in self.store.db.rows(LAST_MINE, {"actor": self.me, "n": n})]

    # What stands

    def counts(self) -> dict[str, dict[str, int]]:
        """Items by task and state."""
        with self.store.db.speaking():
            return {task: queue.counts(self.store, task) for task in ("review", "group", "pair")}

    # Inside

    def _begin(self, ticket: Ticket, shown: Shown, now: str) -> Facts | Outcome:
        """Check what every decision needs; the outcome when it was recorded before."""
        facts = self.facts("reviewer", "to decide", ticket.uuid)
        if facts.stored is not None:
            return Outcome(False, self.store.head()[0])
        queue.check_lease(self.store, self.me, ticket, now)
        self.check_shown(shown, ticket.item_id)
        return facts

    def _end(self, ticket: Ticket, drafts: list[Draft]) -> Outcome:
        if len(drafts) > 1:
            drafts = [replace(d, batch_id=ticket.uuid) for d in drafts]
        self.store.append_many(drafts, actor=self.me, fresh=True)
        queue.release(self.store, self.me, ticket)
        return Outcome(True, self.store.head()[0])

    def _several(
        self, ticket: Ticket, told: Sequence[tuple[str, str, Decision, str | None]]
    ) -> tuple[list[Draft], int]:
        drafts, left = [], 0
        for row, content, action, reason in told:
            if self._decided_by_others(row):
                left += 1
            else:
                drafts.append(Draft(action, row, content, reason=reason, uuid=f"{ticket.uuid}/{row}"))
        return drafts, left

    def _decided_by_others(self, row_id: str) -> bool:
        votes = self.votes_on(row_id)
        return any(v["actor"] != self.me for v in votes)

    def _seen(self, draft: Draft, ticket: Ticket, shown: Shown) -> Draft:
        item_id = None if ticket.task == "review" else ticket.item_id
        return replace(
            draft,
            task=ticket.task,
            item_id=item_id,
            guideline=ticket.guideline,
            app_version=VERSION,
            **shown.evidence(),
        )

    def _beside(self, draft: Draft) -> None:
        with self.store.transaction():
            self.need("reviewer", "to write on a row")
            self.store.append_many([replace(draft, app_version=VERSION)], actor=self.me)

    def _batch(self, event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        if event["batch_id"] is None:
            return [event]
        return list(self.store.db.rows(BATCH, {"batch": event["batch_id"]}))


def _timed(answers: Answers | None, shown: Shown, policy: Policy) -> tuple[Answers | None, bool]:
    fast = (shown.dwell_ms or 0) < policy.min_dwell_ms
    if fast:
        answers = (answers or Answers()).model_copy(update={"fast": True})
    return answers, fast


def _value(answers: Answers | None) -> str | None:
    told = answers.told() if answers else {}
    return canonical_json(told) if told else None
