"""Stores for the threads of a server, opened once and lent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..schemas.errors import ReviewError
from .store import Store


class StorePool:
    """Open stores for threads that come and go; each is used by one thread at a time.

    One connection at least stays open, because closing the last one of an SQLite file costs a checkpoint.
    """

    def __init__(self, place: str | Path, *, keep: int = 8) -> None:
        self.place = place
        self._keep = keep
        self._lock = threading.Lock()
        self._idle: list[Store] = [Store.open(place)]

    @contextmanager
    def borrow(self) -> Iterator[Store]:
        """A store for this thread alone, until the block ends."""
        with self._lock:
            store = self._idle.pop() if self._idle else None
        store = store or Store.open(self.place)
        try:
            yield store
        except BaseException as error:
            if isinstance(error, ReviewError) and not store.db.in_transaction:
                self._give_back(store)
            else:
                store.close()  # whatever it was in the middle of is gone with it
            raise
        self._give_back(store)

    def _give_back(self, store: Store) -> None:
        with self._lock:
            if len(self._idle) < self._keep:
                self._idle.append(store)
                return
        store.close()

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for store in idle:
            store.close()
