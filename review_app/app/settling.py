"""Disputed and flagged rows before an adjudicator: the votes side by side, each under a blind name.

No Streamlit here; see `sitting` for how pages and screens work together.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...schemas.errors import ReviewError
from ..content import Content
from ..desk import Desk
from ..office import Office
from ..people import Person
from ..seat import Shown
from .opened import Opened
from .pane.contract import Allowed, Last, Notice, PaneRow, PaneView, Vote
from .pane.edited import edited_payload
from .pane.events import PaneEvent, Refusal
from .panes import pane_row, place_of, score_chips
from .screen import Screen, Telling
from .words import outcome_text

MOST_VOTES = 9
ALLOWED: tuple[Allowed, ...] = ("approve", "reject", "choose", "edit", "skip", "undo")
EMPTY = "No row is disputed or flagged. Votes that disagree come here by themselves."


@dataclass(frozen=True)
class Case:
    """A row to settle.

    Args:
        row_id: The row.
        why: Why it is here.
        votes: The standing votes on it, oldest first.
        key: Idempotency key of the decision.
    """

    row_id: str
    why: str
    votes: tuple[Mapping[str, Any], ...]
    key: str


class Settling(Screen):
    """An adjudicator before the rows that wait for one."""

    def __init__(self, run: Opened, who: Person) -> None:
        super().__init__(run, who)
        self.cases: list[Case] = []
        self.rows: tuple[PaneRow, ...] = ()
        self.content: Content | None = None
        self.settled_here = 0

    @property
    def key(self) -> str | None:
        return self.cases[0].key if self.cases else None

    def start(self, row_id: str | None = None) -> None:
        """Have a row on the screen: the one that a link names, or the next; never raises ours."""
        if self.cases and row_id is None:
            return
        with Telling(self, None), self.run.pool.borrow() as store:
            self._load(Office(store, self.who), row_id)

    def view(self) -> PaneView:
        """What the pane shows now; reads nothing."""
        left = len(self.cases)
        base = PaneView(
            mode="adjudicate",
            title="Adjudicate",
            progress=f"{left:,} to settle · {self.settled_here:,} settled now",
            last=self.last,
            notice=self.notice,
            answered=self.answered,
            allowed=("undo",),
            empty=EMPTY,
        )
        if not self.cases:
            return base
        case = self.cases[0]
        one = len(self.rows) == 1
        return replace(
            base,
            mode="review" if one else "adjudicate",
            ticket=case.key,
            item_id=case.row_id,
            rows=self.rows,
            allowed=tuple(a for a in ALLOWED if a != "choose") if one else ALLOWED,
            why=case.why,
            reasons=self.run.asks.reasons,
            scores_hidden=bool(self.content and self.content.scores),
        )

    def take(self, event: PaneEvent | Refusal) -> None:
        """Settle the row, or pass it over; never raises ours."""
        if isinstance(event, Refusal):
            self.refused(event)
            return
        with Telling(self, event), self.run.pool.borrow() as store:
            self.notice = None
            office = Office(store, self.who)
            if event.kind == "skip":
                self.cases = [*self.cases[1:], *self.cases[:1]]
                self._show(office)
            elif event.kind == "undo":
                self._undo(office)
            elif event.kind == "decide":
                self._settle(office, event)
            self.settled(event)

    def _settle(self, office: Office, event: PaneEvent) -> None:
        case, content = self.cases[0], self._content()
        with office.store.transaction():
            if [v["seq"] for v in office.votes_on(case.row_id)] != [v["seq"] for v in case.votes]:
                self.notice = Notice(
                    text="The votes on that row changed while it was on the screen.",
                    fix="Nothing was recorded. Look at it again.",
                    kind="warn",
                )
                self._load(office, case.row_id)
                return
            self._adjudicate(office, event, case, content)
        self.settled_here += 1
        text = "Settled: " + outcome_text(_as_said(event, case), place_of(content))
        self.last = Last(text=text, chips=score_chips(content))
        self.cases = self.cases[1:]
        if self.cases:
            self._show(office)
        else:
            self._load(office, None)
        self.run.forget_counts()

    def _undo(self, office: Office) -> None:
        desk = Desk(office.store, self.who)
        newest = desk.recent(1)
        if not newest or newest[0]["task"] != "adjudicate":
            self.notice = Notice(text="There is nothing of this page to undo.")
            return
        desk.undo()
        self.last = None
        self._load(office, newest[0]["row_id"])
        self.notice = Notice(text="Undone: the row waits again.", kind="ok")
        self.run.forget_counts()

    def _adjudicate(self, office: Office, event: PaneEvent, case: Case, content: Content) -> None:
        said = _as_said(event, case)
        row = self._row(event)
        payload = edited_payload(row, event.edits) if event.edits else None
        if isinstance(payload, str):
            raise ReviewError(payload, where="the edit", fix="change it, or leave the edit with Esc")
        if said.action not in ("approve", "reject"):
            raise ReviewError(f"{event.action!r} is no decision here", where="the page", fix="reload it")
        office.adjudicate(
            case.row_id,
            row.content_id,
            said.action,
            Shown(event.painted_at, event.dwell_ms, event.input, key=case.key),
            shown_id=content.content_id,
            reason=said.reason,
            note=event.note,
            payload=payload,
        )

    def _row(self, event: PaneEvent) -> PaneRow:
        """The column that was decided on: the chosen vote, the edited text, or the run's own content."""
        if event.choice is not None and event.action == "choose":
            return self.rows[event.choice]
        named = [r for r in self.rows if (r.row_id, r.content_id) == (event.row_id, event.content_id)]
        own = [r for r in self.rows if r.content_id == self._content().content_id]
        return [*named, *own, *self.rows][0]

    def _load(self, office: Office, row_id: str | None) -> None:
        """Read what waits; one row first, where it is named."""
        found = [self._case(r["row_id"], "people disagree", r["votes"]) for r in office.disputed()]
        known = {case.row_id for case in found}
        for flag in office.flagged():
            if flag["row_id"] not in known:
                why = f"flagged: {flag['note']}" if flag["note"] else "flagged"
                found.append(self._case(flag["row_id"], why, office.votes_on(flag["row_id"])))
                known.add(flag["row_id"])
        self.cases = [case for case in found if self.run.catalog.place(case.row_id) is not None]
        if row_id is not None:
            named = [case for case in self.cases if case.row_id == row_id]
            others = [case for case in self.cases if case.row_id != row_id]
            named = named or [self._case(row_id, "opened by you", office.votes_on(row_id))]
            self.cases = [*named, *others]
        if self.cases:
            self._show(office)
        else:
            self.rows, self.content = (), None

    def _case(self, row_id: str, why: str, votes: Sequence[Mapping[str, Any]]) -> Case:
        return Case(row_id, why, tuple(votes), str(uuid.uuid4()))

    def _show(self, office: Office) -> None:
        case = self.cases[0]
        self.content = self.run.reading.content(case.row_id)
        own = pane_row(self.content)
        votes = [
            v
            for v in case.votes
            if v["shown_id"] in (None, own.content_id) or v["content_id"] == own.content_id
        ]
        if len(votes) < 2:
            self.rows = (own,)
            return
        editions = {
            e["content_id"]: json.loads(e["payload"]) for e in office.store.editions(case.row_id).to_pylist()
        }
        self.cases[0] = replace(case, votes=tuple(votes)) if len(votes) != len(case.votes) else case
        self.rows = tuple(
            self._column(own, vote, number, editions) for number, vote in enumerate(votes[:MOST_VOTES], 1)
        )

    def _column(
        self, own: PaneRow, vote: Mapping[str, Any], number: int, editions: Mapping[str, dict[str, Any]]
    ) -> PaneRow:
        who = "You" if vote["actor"] == self.who.name else f"Reviewer {number}"
        said = Vote(who=who, action=vote["action"], reason=vote["reason"], note=vote["note"])
        payload = editions.get(vote["content_id"])
        if payload is None or vote["content_id"] == own.content_id:
            return replace(own, vote=said)
        return replace(
            own,
            content_id=vote["content_id"],
            messages=payload["messages"],
            tools=payload.get("tools"),
            rejected=payload.get("rejected"),
            label=payload.get("label"),
            before=own.messages,
            vote=said,
        )

    def _content(self) -> Content:
        if self.content is None:
            raise ReviewError(
                f"{self.who.name!r} has no row on the screen", where="the page", fix="reload it"
            )
        return self.content


def _as_said(event: PaneEvent, case: Case) -> PaneEvent:
    """The event as an approval or rejection: a chosen vote is what that vote says."""
    if event.action != "choose" or event.choice is None:
        return event
    vote = case.votes[event.choice]
    return event.model_copy(update={"action": vote["action"], "reason": vote["reason"]})
