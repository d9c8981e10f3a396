"""Questions to the record that an exchange asks for many rows at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from ...schemas.review import Event
from ..store import Store

AT_ONCE = 400
VOTES = """
    SELECT v.item_id, v.actor, v.shown_id, e.action, e.content_id, e.reason, e.note, e.value, e.at, e.final
    FROM vote v JOIN event e ON e.seq = v.seq WHERE v.task = :task AND v.item_id IN ({names})
"""
STANDING = "SELECT row_id, action, content_id, shown_id, rule FROM standing WHERE row_id IN ({names})"
EDITIONS = """
    SELECT row_id, content_id, parent_id, actor, at, payload FROM edition WHERE row_id IN ({names})
    ORDER BY row_id, content_id, at DESC
"""
SEQS = """
    SELECT seq FROM vote WHERE task = 'review'
    UNION SELECT seq FROM standing WHERE rule IS NOT NULL OR final = 1
    UNION SELECT e.seq FROM vote v JOIN event e ON e.seq = v.seq WHERE v.task = 'pair' AND e.action = 'prefer'
"""
QUEUE = "SELECT item_id, content_id, why, state FROM queue_item WHERE task = 'review' ORDER BY rank"
EVENTS = "SELECT * FROM event WHERE seq IN ({seqs}) ORDER BY seq"
KEYS = "SELECT uuid FROM event WHERE uuid IN ({names})"
Row = Mapping[str, Any]


def votes_on(store: Store, task: str, names: Iterable[str]) -> dict[tuple[str, str], Row]:
    """Standing decisions of persons by item and person.

    Args:
        store: The record.
        task: `review` for rows, `pair` for comparisons.
        names: Rows or pairs.
    """
    return {(r["item_id"], r["actor"]): r for r in _asked(store, VOTES, names, task=task)}


def standing_on(store: Store, row_ids: Iterable[str]) -> dict[str, Row]:
    """What stands, by row."""
    return {r["row_id"]: r for r in _asked(store, STANDING, row_ids)}


def editions_on(store: Store, row_ids: Iterable[str]) -> dict[tuple[str, str], Row]:
    """What reviewers wrote, by row and content."""
    return {(r["row_id"], r["content_id"]): r for r in _asked(store, EDITIONS, row_ids)}


def queue_of(store: Store) -> dict[str, Row]:
    """The rows of the queue in its order; none where no run was put into it yet."""
    with store.db.speaking():
        return {r["item_id"]: r for r in store.db.stream(QUEUE)}


def known_keys(store: Store, keys: Iterable[str]) -> set[str]:
    """Which idempotency keys are stored."""
    return {r["uuid"] for r in _asked(store, KEYS, keys)}


def actors(store: Store) -> set[str]:
    """Everyone under whose name an event stands."""
    with store.db.speaking():
        return {r["actor"] for r in store.db.rows("SELECT DISTINCT actor FROM event")}


def standing_events(store: Store) -> Iterator[list[Event]]:
    """The events that stand, in order and in batches: what persons decided and compared, and rules."""
    with store.db.speaking():
        waiting = iter(sorted(r["seq"] for r in store.db.rows(SEQS)))
    while some := list(islice(waiting, AT_ONCE)):
        with store.db.speaking():
            rows = store.db.rows(EVENTS.format(seqs=", ".join(map(str, some))))
        yield [Event(**dict(row)) for row in rows]


def value_of(event: Event) -> dict[str, Any]:
    """The JSON members of an event's value."""
    return json.loads(event.value) if event.value else {}


def _asked(store: Store, sql: str, names: Iterable[str], **more: str) -> Iterator[Row]:
    waiting = iter(dict.fromkeys(names))
    with store.db.speaking():
        while some := list(islice(waiting, AT_ONCE)):
            named = {f"v{i}": name for i, name in enumerate(some)}
            listed = ", ".join(f":{name}" for name in named)
            yield from store.db.rows(sql.format(names=listed), {**named, **more})
