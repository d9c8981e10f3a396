"""What every screen with a pane keeps between two views: what it says, and what became of the last event."""

from __future__ import annotations

from ...schemas.errors import TunesetError
from ..people import Person
from .opened import Opened
from .pane.contract import Answered, Last, Notice, Recent
from .pane.events import PaneEvent, Refusal
from .words import notice_of

RECENT = 10


class Screen:
    """One person before one pane in one browser tab.

    Args:
        run: The open workspace.
        who: The person.
    """

    def __init__(self, run: Opened, who: Person) -> None:
        self.run = run
        self.who = who
        self.notice: Notice | None = None
        self.answered: Answered | None = None
        self.last: Last | None = None
        self.recent: list[Recent] = []

    @property
    def key(self) -> str | None:
        """The ticket of what stands on the screen, or None."""
        return None

    def refused(self, refusal: Refusal) -> None:
        """Say why an event was not taken; one for an item that is gone is passed over."""
        if refusal.nonce is not None:
            self.answered = Answered(nonce=refusal.nonce, ok=refusal.stale)
        if not refusal.stale:
            self.notice = Notice(text=refusal.text, fix=refusal.fix, kind="warn")

    def settled(self, event: PaneEvent) -> None:
        """The event was dealt with."""
        self.answered = Answered(nonce=event.nonce, ok=self.notice is None or self.notice.kind != "bad")

    def remember(self, recent: Recent) -> None:
        """One more decision to go back to."""
        self.recent = [recent, *self.recent][:RECENT]


class Telling:
    """Turns our errors into the pane's notice: nothing was lost, and the same can be sent again.

    Args:
        screen: Where it is said.
        event: What was being done, or None.
    """

    def __init__(self, screen: Screen, event: PaneEvent | None) -> None:
        self._screen = screen
        self._event = event

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if not isinstance(error, TunesetError):
            return False
        screen, event = self._screen, self._event
        screen.notice = notice_of(error)
        if event is not None:
            recorded = event.kind in ("decide", "skip") and screen.key != event.ticket
            screen.answered = Answered(nonce=event.nonce, ok=recorded)
        return True
