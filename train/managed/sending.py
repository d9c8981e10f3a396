"""Creating calls that happen once, whatever is lost on the way or killed in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ...schemas.errors import ServiceError
from ..progress import Progress
from .journal import Journal
from .service import KeepsNoNames, NoAnswer, Plan, Service

T = TypeVar("T")

ATTEMPTS = 8
FIRST_WAIT = 0.5
LONGEST_WAIT = 60.0
LATE_LOOKS = (1.0, 3.0, 8.0)
"""Seconds between looks for what a call made whose answer was lost: listings may lag behind."""


@dataclass(frozen=True)
class Patience:
    """How long is waited; tests wait less.

    Args:
        pause: Waits so many seconds.
        attempts: Tries of one call before giving up.
    """

    pause: Callable[[float], None] = time.sleep
    attempts: int = ATTEMPTS

    def wait(self, tried: int, said: float | None) -> float:
        """Seconds before the next try: as the provider said, else doubled each time."""
        own = min(FIRST_WAIT * 2**tried, LONGEST_WAIT)
        return own if said is None else min(max(said, own), LONGEST_WAIT)


class Sender:
    """Uploads and starts for one plan, each at most once.

    Args:
        service: The provider.
        plan: The plan; it is in the journal.
        journal: The journal, under the lock.
        say: Where notes go.
        patience: How long is waited.
    """

    def __init__(
        self, service: Service, plan: Plan, journal: Journal, say: Progress, patience: Patience
    ) -> None:
        self._service, self._plan, self._journal = service, plan, journal
        self._say, self._patience = say, patience

    def upload(self, split: str) -> str:
        """The id of a split's file at the provider; uploaded now, or found.

        Raises:
            ServiceError: The provider refuses it, or does not answer for long.
        """
        service, plan = self._service, self._plan
        return self._once(
            {"call": "upload", "split": split},
            f"upload of the {split} file",
            lambda: service.find_file(plan, split) or self._nameless(split),
            lambda: service.upload(plan, split),
            lambda: {"before": sorted(self._lookalikes(split))},
        )

    def start(self, files: Mapping[str, str]) -> str:
        """The id of the job; started now, or found.

        Raises:
            ServiceError: The provider refuses it, or does not answer for long.
        """
        service, plan = self._service, self._plan
        return self._once(
            {"call": "start"},
            "start of the job",
            lambda: service.find_job(plan, files),
            lambda: service.start(plan, files),
            dict,
        )

    def _once(
        self,
        call: Mapping[str, str],
        what: str,
        find: Callable[[], str | None],
        make: Callable[[], str],
        facts: Callable[[], dict[str, Any]],
    ) -> str:
        done = self._journal.first("result", **call)
        if done is not None:
            return done["id"]
        resumed = self._journal.is_open(**call)
        certain = not resumed
        found = self._look(find, what, LATE_LOOKS if resumed else ())
        if found is None and not resumed:
            self._journal.write("intent", **call, **self.read(facts, f"look before the {what}"))
        for tried in range(self._patience.attempts):
            if found is not None:
                return self._note(call, what, found, found=True)
            try:
                return self._note(call, what, make(), found=False)
            except NoAnswer as lost:
                certain = False
                found = self._after_loss(lost, tried, find, what)
            except ServiceError:
                if certain:
                    self._journal.write("refused", **call)
                raise
        if found is not None:
            return self._note(call, what, found, found=True)
        raise ServiceError(
            f"{self._service.name} did not answer the {what}, {self._patience.attempts} times",
            where=self._service.destination(self._plan),
            fix="run the same command again later; nothing is sent twice",
        )

    def _after_loss(
        self, lost: NoAnswer, tried: int, find: Callable[[], str | None], what: str
    ) -> str | None:
        seconds = self._patience.wait(tried, lost.retry_after)
        self._say(f"no answer to the {what} ({lost.what}); looking in {seconds:.3g} s what became of it")
        self._patience.pause(seconds)
        return self._look(find, what, LATE_LOOKS if lost.at_work else ())

    def _look(self, find: Callable[[], str | None], what: str, later: tuple[float, ...]) -> str | None:
        found = self.read(find, f"look for the {what}")
        for seconds in later:
            if found is not None:
                return found
            self._patience.pause(seconds)
            found = self.read(find, f"look for the {what}")
        return found

    def _note(self, call: Mapping[str, str], what: str, made: str, *, found: bool) -> str:
        self._journal.write("result", **call, id=made, found=found)
        self._say(f"{what}: {made}{' (it was there already)' if found else ''}")
        return made

    def read(self, ask: Callable[[], T], what: str) -> T:
        """A reading call, repeated while no answer comes.

        Raises:
            ServiceError: The provider refuses it, or does not answer for long.
        """
        last = ""
        for tried in range(self._patience.attempts):
            try:
                return ask()
            except NoAnswer as lost:
                last = lost.what
                seconds = self._patience.wait(tried, lost.retry_after)
                self._say(f"no answer to the {what} ({last}); asking again in {seconds:.3g} s")
                self._patience.pause(seconds)
        raise ServiceError(
            f"{self._service.name} did not answer the {what}: {last}",
            where=self._service.destination(self._plan),
            fix="run the same command again later; nothing is sent twice",
        )

    def _lookalikes(self, split: str) -> frozenset[str]:
        service = self._service
        return service.lookalikes(self._plan, split) if isinstance(service, KeepsNoNames) else frozenset()

    def _nameless(self, split: str) -> str | None:
        """The one file that has come since the intent and could be ours, though it has lost its name."""
        intent = self._journal.first("intent", call="upload", split=split)
        if intent is None:
            return None
        taken = {line["id"] for line in self._journal.lines if line.get("event") == "result"}
        new = self._lookalikes(split) - set(intent.get("before", ())) - taken
        return next(iter(new)) if len(new) == 1 else None
