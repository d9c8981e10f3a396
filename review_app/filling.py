"""Filling the queue while people work: the first items at once, the others a few thousand at a time.

A queue that was not filled to its end says so in the record, and is filled anew the next time.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from ..schemas.review import ReviewItem
from . import queue
from .projection import ITEM_STATE, STATE
from .store import Store

AT_ONCE = 2_000
PARTLY = "partly: "
PUT = f"""
    INSERT INTO queue_item ({", ".join(queue.ITEM_COLUMNS)})
    VALUES ({", ".join(f":{name}" for name in queue.ITEM_COLUMNS)})
    ON CONFLICT (task, item_id) DO NOTHING
"""
DECIDED = "SELECT row_id AS name FROM standing UNION SELECT item_id AS name FROM vote WHERE task <> 'review'"

DECIDED_ROWS = f"{STATE} AND item_id IN (SELECT row_id FROM standing)"
DECIDED_ITEMS = f"{ITEM_STATE} AND item_id IN (SELECT item_id FROM vote WHERE task <> 'review')"


class Filling:
    """A queue being filled.

    Args:
        items: The first to come up first, each task from rank 0.
        run_id: Names the run and the queue's policy.
    """

    def __init__(self, items: Iterable[ReviewItem], run_id: str) -> None:
        self._items = iter(items)
        self._run_id = run_id
        self._decided: frozenset[str] = frozenset()

    def begin(self, store: Store) -> None:
        """Put the first items in place of an earlier queue."""
        first = list(islice(self._items, AT_ONCE))
        with store.transaction():
            store.db.run("DELETE FROM queue_item")
            self._decided = frozenset(row["name"] for row in store.db.rows(DECIDED))
            self._put(store, first)
            store.put_setting(queue.RUN, PARTLY + self._run_id)

    def finish(self, store: Store) -> bool:
        """Put the other items, in short transactions: another thread may do this, with a store of its own.

        Returns:
            False when the queue of another run took its place meanwhile.
        """
        while chunk := list(islice(self._items, AT_ONCE)):
            with store.transaction():
                if not self._holds(store):
                    return False
                self._put(store, chunk)
        with store.transaction():
            if not self._holds(store):
                return False
            store.db.run(DECIDED_ROWS)
            store.db.run(DECIDED_ITEMS)
            store.db.run(
                "DELETE FROM lease WHERE NOT EXISTS (SELECT 1 FROM queue_item q"
                " WHERE q.task = lease.task AND q.item_id = lease.item_id)"
            )
            store.put_setting(queue.RUN, self._run_id)
        return True

    def _holds(self, store: Store) -> bool:
        return store.setting(queue.RUN) in (self._run_id, PARTLY + self._run_id)

    def _put(self, store: Store, items: list[ReviewItem]) -> None:
        """Insert items; those with a decision get their states with them."""
        lines: list[dict[str, Any]] = [
            dict(zip(queue.ITEM_COLUMNS, queue.line(item), strict=True)) for item in items
        ]
        store.db.run_all([(PUT, line) for line in lines])
        for task, update in (("review", STATE), ("", ITEM_STATE)):
            decided: list[dict[str, Any]] = [
                {"item_id": item.item_id}
                for item in items
                if item.item_id in self._decided and (item.task == "review") == (task == "review")
            ]
            if decided:
                store.db.run_all([(f"{update} AND item_id = :item_id", key) for key in decided])
