"""One person at one queue in one browser tab: what stands on the screen, and what became of each event.

No Streamlit here: a page gives it the pane's events and draws the view that it answers with. An event does
all its work on the record before the next view, so a run of the page that is cut short loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ...schemas.errors import LeaseLost, WorkspaceError
from ..content import Content
from ..desk import Desk, Outcome, Shown, Ticket
from ..people import Person
from ..store import Store
from .deciding import keep_draft, outcome_of
from .opened import Opened
from .pace import Pace
from .pane.contract import Allowed, Last, Mode, Notice, PaneRow, PaneView, Recent
from .pane.events import PaneEvent, Refusal
from .panes import score_chips
from .screen import RECENT, Screen, Telling
from .sides import columns
from .words import TITLES, empty_text, event_text, kept_text, notice_of, outcome_text

ALWAYS: tuple[Allowed, ...] = ("skip", "flag", "note", "undo", "open", "renew")
ALLOWED: dict[str, tuple[Allowed, ...]] = {
    "review": ("approve", "reject", "edit", *ALWAYS),
    "group": ("keep", *ALWAYS),
    "pair": ("prefer", "edit", *ALWAYS),
}
DRAFT_KEPT = "Your edit is kept as a draft in the row's history. Go on with this one."
MODES: dict[str, Mode] = {"review": "review", "group": "group", "pair": "pair"}


class Sitting(Screen):
    """A person at the queue of one task.

    Args:
        run: The open workspace.
        who: The person.
        task: review, group or pair.
    """

    def __init__(self, run: Opened, who: Person, task: str) -> None:
        super().__init__(run, who)
        self.task = task
        self.ticket: Ticket | None = None
        self.contents: list[Content] = []
        self.rows: tuple[PaneRow, ...] = ()
        self.progress = ""
        self.empty = ""
        self.pace = Pace()
        self._begun = False

    @property
    def key(self) -> str | None:
        return self.ticket.uuid if self.ticket is not None else None

    # What the page calls

    def start(self, item_id: str | None = None) -> None:
        """Take the item that a link names, or the next one, unless one is in hand; never raises ours."""
        if self.ticket is not None and item_id is None:
            return
        with Telling(self, None), self.run.pool.borrow() as store:
            desk = Desk(store, self.who)
            if not self._begun:
                self.recent = [self._recent(e) for e in desk.recent(RECENT)]
                self._begun = True
            if item_id is not None:
                self._open(desk, self.task, item_id)
            if self.ticket is None:
                self._next(desk)
            self._count(store)

    def view(self) -> PaneView:
        """What the pane shows now; reads nothing."""
        base = PaneView(
            mode=MODES[self.task],
            title=TITLES[self.task],
            progress=self.progress,
            last=self.last,
            recent=tuple(self.recent),
            notice=self.notice,
            answered=self.answered,
            allowed=("undo", "open"),
            empty=self.empty or "Nothing is left for you here.",
        )
        if self.ticket is None:
            return base
        asks = self.run.asks
        if self.task == "review":
            base = replace(
                base,
                label_sets=asks.labels_for(self.contents[0]),
                ratings=asks.ratings,
                texts=asks.texts,
            )
        return replace(
            base,
            ticket=self.ticket.uuid,
            item_id=self.ticket.item_id,
            rows=self.rows,
            allowed=ALLOWED[self.task],
            why=self.ticket.why,
            reasons=asks.reasons,
            lease_left_s=_left(self.ticket),
            scores_hidden=any(content.scores for content in self.contents),
        )

    def take(self, event: PaneEvent | Refusal) -> None:
        """Do what the person asked, and have the next item ready; never raises ours."""
        if isinstance(event, Refusal):
            self.refused(event)
            return
        handlers: Mapping[str, Callable[[Desk, PaneEvent], None]] = {
            "decide": self._decide,
            "skip": self._skip,
            "undo": self._undo,
            "flag": self._beside,
            "note": self._beside,
            "open": self._go,
            "renew": lambda desk, _: self._renew(desk),
        }
        with Telling(self, event), self.run.pool.borrow() as store:
            self.notice = None
            handlers[event.kind](Desk(store, self.who), event)
            self.settled(event)
            self._count(store)

    def renew(self) -> None:
        """Hold the item longer; whoever lost it keeps the screen, and is told."""
        with Telling(self, None), self.run.pool.borrow() as store:
            self._renew(Desk(store, self.who))

    # Events

    def _decide(self, desk: Desk, event: PaneEvent) -> None:
        ticket = self._held()
        try:
            outcome = outcome_of(desk, ticket, event, self.rows, self.contents)
        except LeaseLost as error:
            self._lost(desk, ticket, event, error)
            return
        self._done(desk, event, outcome)

    def _done(self, desk: Desk, event: PaneEvent, outcome: Outcome) -> None:
        ticket = self._held()
        text = outcome_text(event, self._place(ticket))
        chips = tuple(chip for content in self.contents for chip in score_chips(content))
        self.last = Last(text=f"{text}{kept_text(outcome)}", chips=chips if self.task == "review" else ())
        if outcome.fresh:
            self.pace.decided(event.dwell_ms)
        self.remember(Recent(task=ticket.task, item_id=ticket.item_id, text=text))
        self.ticket = None
        self._next(desk)

    def _skip(self, desk: Desk, event: PaneEvent) -> None:
        ticket = self._held()
        with suppress(LeaseLost):  # given away already is as good as skipped
            desk.skip(ticket, Shown(event.painted_at, event.dwell_ms, event.input))
        text = f"Skipped {self._place(ticket)}"
        self.last = Last(text=text)
        self.remember(Recent(task=ticket.task, item_id=ticket.item_id, text=text))
        self.ticket = None
        self._next(desk)

    def _undo(self, desk: Desk, _event: PaneEvent) -> None:
        newest = desk.recent(1)
        if not newest:
            self.notice = Notice(text="There is nothing to undo.")
            return
        text = self._recent(newest[0]).text
        ticket = desk.undo()
        self.last = None
        self.pace.undone()
        self.recent = [self._recent(e) for e in desk.recent(RECENT)]
        if ticket is not None and ticket.task == self.task:
            self._show(desk, ticket)
            self.notice = Notice(text=f"Undone: {text}.", kind="ok")
            return
        where = f"It waits on the page {TITLES[ticket.task]}." if ticket else "It is not in the queue now."
        self.notice = Notice(text=f"Undone: {text}. {where}", kind="ok")

    def _beside(self, desk: Desk, event: PaneEvent) -> None:
        if event.row_id is None or event.content_id is None:
            return
        if event.kind == "note":
            desk.note(event.row_id, event.content_id, event.note or "")
        else:
            desk.flag(event.row_id, event.content_id, event.note, on=event.on is not False)
        self._draw(desk.store)

    def _go(self, desk: Desk, event: PaneEvent) -> None:
        if event.target is None:
            return
        if event.target.task != self.task:
            self.notice = Notice(
                text="That was decided on another page.",
                fix=f"Open {TITLES.get(event.target.task, 'Browse')} to go back to it.",
            )
            return
        self._open(desk, self.task, event.target.item_id)

    def _renew(self, desk: Desk) -> None:
        if self.ticket is None:
            return
        try:
            self.ticket = desk.renew(self.ticket)
        except LeaseLost as error:
            self.notice = replace(notice_of(error), kind="warn")

    # What follows

    def _open(self, desk: Desk, task: str, item_id: str) -> None:
        try:
            self._show(desk, desk.open_item(task, item_id))
        except LeaseLost as error:
            self.notice = notice_of(error)

    def _next(self, desk: Desk) -> None:
        ticket = desk.claim(self.task)
        if ticket is None:
            self.ticket, self.rows, self.contents = None, (), []
            self.run.forget_counts()
            counts = {task: self.run.counts(desk.store, task)[1] for task in TITLES}
            self.empty = empty_text(self.task, counts)
            return
        self._show(desk, ticket)

    def _show(self, desk: Desk, ticket: Ticket) -> None:
        contents = self.run.reading.contents(ticket.row_ids)
        if tuple(c.content_id for c in contents) != ticket.content_ids:
            raise WorkspaceError(
                f"the workspace was curated again since this page was opened ({ticket.item_id!r} is another)",
                where="the page",
                fix="reload the page; what you decided is kept",
            )
        self.contents, self.ticket = contents, ticket
        self._draw(desk.store)

    def _draw(self, store: Store) -> None:
        """The columns anew, with what I noted and flagged."""
        me = self.who.name
        mine = [[e for e in store.events(c.row_id) if e.actor == me] for c in self.contents]
        self.rows = columns(self._held(), self.contents, mine, me, self.run.seed)

    def _lost(self, desk: Desk, ticket: Ticket, event: PaneEvent, error: LeaseLost) -> None:
        """Someone else has the item: keep the edit as a draft, and go on."""
        self.notice = replace(notice_of(error), kind="warn")
        if keep_draft(desk, ticket, event, self.rows, self.contents):
            self.notice = replace(self.notice, fix=DRAFT_KEPT)
        self.ticket = None
        self._next(desk)

    # Small things

    def _held(self) -> Ticket:
        if self.ticket is None:
            raise LeaseLost(
                f"{self.task!r} has no item in your hands", where="the page", fix="reload the page"
            )
        return self.ticket

    def _count(self, store: Store) -> None:
        self.progress = self.pace.line(*self.run.counts(store, self.task))

    def _place(self, ticket: Ticket) -> str:
        return self.run.place_text(ticket.row_ids)

    def _recent(self, event: Mapping[str, Any]) -> Recent:
        task, item_id = event["task"], event["item_id"] or event["row_id"]
        return Recent(
            task=task, item_id=item_id, text=event_text(event, self.run.place_text((event["row_id"],)))
        )


def _left(ticket: Ticket) -> float:
    until = datetime.fromisoformat(ticket.lease_until)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
