"""One workspace opened for the app: what every session of the process shares. No Streamlit here."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property

from ...curate.ledger import Ledger
from ...schemas.errors import WorkspaceError
from ...schemas.example import row_id
from ..content import Reading
from ..filling import Filling
from ..opening import open_queue, review_options
from ..progress import Progress
from ..queue import counts
from ..review_figures import ReviewAgreement, quality_scores, read_agreement, read_progress
from ..search import Search
from ..store import Store
from .asks import Asks
from .catalog import Catalog
from .place import Place, current
from .stands import Stands

COUNTS_LAST_S = 15.0


class Opened:
    """A run and its record, open. Threads share it.

    Args:
        place: Where they are.

    Raises:
        WorkspaceError: No finished run, or a record that cannot be used.
    """

    def __init__(self, place: Place) -> None:
        self.stamp = stamp_of(place)
        self.place = place
        self.pool = place.pool
        self.ledger = Ledger.open(place.workspace.root)
        self.reading = Reading(self.ledger)
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[float, dict[str, int]]] = {}
        self._filler: threading.Thread | None = None
        self._stands: tuple[tuple[int, str], Stands] | None = None
        self._figures: tuple[tuple[int, str], Progress, ReviewAgreement] | None = None
        self._files = file_names(self.ledger)
        self.asks = Asks.of(review_options(place.workspace.root))
        self.seed = self.ledger.card.seed
        self.sync()

    @cached_property
    def catalog(self) -> Catalog:
        """Every kept row by what it may be looked for; read at the first question."""
        return Catalog(self.ledger)

    def stands(self, store: Store) -> Stands:
        """What stands for each kept row; kept until the record grows."""
        with store.db.speaking():
            head = store.head()
        with self._lock:
            if self._stands is None or self._stands[0] != head:
                catalog = self.catalog
                self._stands = (head, Stands(store.current(), catalog.row_ids, catalog.content_ids))
            return self._stands[1]

    def figures(self, store: Store) -> tuple[Progress, ReviewAgreement]:
        """Progress and agreement; kept until the record grows."""
        with store.db.speaking():
            head = store.head()
        if self._figures is None or self._figures[0] != head:
            found = read_progress(store, scores=self.scores)
            sets = {labels.name: labels.labels for labels in self.asks.label_sets}
            scales = {scale.name: range(scale.low, scale.high + 1) for scale in self.asks.ratings}
            self._figures = (head, found, read_agreement(store, label_sets=sets, scales=scales))
        return self._figures[1], self._figures[2]

    @cached_property
    def scores(self) -> dict[str, float] | None:
        """The model's quality score of each row that has one; None where the run has no such step."""
        return quality_scores(self.ledger)

    @cached_property
    def search(self) -> Search:
        """Searches by text and by meaning."""
        return Search(self.ledger)

    def sync(self) -> None:
        """Put the run's items into the queue, where run or policy are others than before.

        The first items stand there when this returns; another thread puts the others there.
        """
        self.wait()
        with self._lock, self.pool.borrow() as store:
            filling = open_queue(store, self.ledger)
        self._counts.clear()
        if filling is not None:
            self._filler = threading.Thread(target=self._fill, args=(filling,), daemon=True)
            self._filler.start()

    def _fill(self, filling: Filling) -> None:
        with suppress(WorkspaceError), self.pool.borrow() as store:  # begun anew at the next opening
            filling.finish(store)
        self._counts.clear()

    def wait(self) -> None:
        """Until every item stands in the queue."""
        if self._filler is not None:
            self._filler.join()
            self._filler = None

    def counts(self, store: Store, task: str) -> tuple[float, dict[str, int]]:
        """When items of a task were counted (monotonic seconds), and how many there are by state.

        Up to COUNTS_LAST_S seconds old: counting is no work for each decision.
        """
        known = self._counts.get(task)
        if known is None or time.monotonic() - known[0] > COUNTS_LAST_S:
            with store.db.speaking():
                known = (time.monotonic(), counts(store, task))
            self._counts[task] = known
        return known

    def forget_counts(self) -> None:
        """Count again at the next question."""
        self._counts.clear()

    def place_text(self, row_ids: Sequence[str | None]) -> str:
        """Where rows came from, for people: "faq.jsonl 120", "faq.jsonl 120 and 2 more"."""
        first = row_ids[0] or ""
        prefix, _, line = first.rpartition(":")
        more = f" and {len(row_ids) - 1} more" if len(row_ids) > 1 else ""
        return f"{self._files.get(prefix, prefix)} {line}{more}"

    def warm(self) -> None:
        """Read ahead what the first item would wait for; another thread may call it."""
        self.reading.warm()


def file_names(ledger: Ledger) -> dict[str, str]:
    """Input files by what stands before the colon of their rows' ids."""
    names: dict[str, str] = {}
    for given in ledger.card.inputs:
        copy = 1
        while (prefix := row_id(given.sha256, 1, copy=copy).rpartition(":")[0]) in names:
            copy += 1
        names[prefix] = given.file
    return names


_OPENING = threading.Lock()
_open: Opened | None = None


def is_open() -> bool:
    """Whether `opened` answers without reading."""
    return _open is not None and _open.stamp == stamp_of(current())


def opened() -> Opened:
    """The workspace that this process serves, opened at the first call and anew when its run is another.

    Raises:
        WorkspaceError: No workspace was named, no finished run in it, or a record that cannot be used.
    """
    global _open
    with _OPENING:
        place = current()
        if _open is None or _open.stamp != stamp_of(place):
            _open = Opened(place)
        return _open


def stamp_of(place: Place) -> tuple[int, ...]:
    """Tells one run from another without reading its card."""
    try:
        stat = place.workspace.run_card.stat()
    except OSError:
        return (id(place),)
    return id(place), stat.st_mtime_ns, stat.st_size
