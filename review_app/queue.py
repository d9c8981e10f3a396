"""The queue: what waits for a person, who holds what, and until when.

A lease gives an item to one person for a while. Its token grows with every lease, so that a decision made
on a lease that has passed to someone else is told from one made in time. Expired leases need no sweeper:
they are compared with the database's clock when the next item is asked for.
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import msgspec

from ..schemas.errors import LeaseLost
from ..schemas.review import ReviewItem
from .projection import update_states
from .store import Store
from .store_engines.connection import utc_text

CHUNK = 5_000
RUN = "run"
PAGE_SIZES = (20, 200, 2_000)
ITEM_COLUMNS = (
    "task",
    "item_id",
    "row_ids",
    "content_ids",
    "content_id",
    "rank",
    "why",
    "need",
    "done",
    "state",
)
HELD = """
    SELECT item_id, token, uuid, expires_at FROM lease
    WHERE actor = :actor AND task = :task AND head = 1 AND expires_at > :now ORDER BY token DESC
"""
# Counts rather than EXISTS: a planner without statistics must not turn them into joins of whole tables.
FREE = """
    q.done + (
        SELECT count(*) FROM lease l
        WHERE l.task = q.task AND l.item_id = q.item_id AND l.actor <> :actor AND l.expires_at > :now
    ) < q.need
"""
NOT_MINE = """
    (
        SELECT count(*) FROM vote v WHERE v.task = q.task AND v.item_id = q.item_id AND v.actor = :actor
        AND (v.shown_id = q.content_id OR q.task <> 'review')
    ) = 0
"""
NOT_SKIPPED = """
    (
        SELECT count(*) FROM skipped k
        WHERE k.task = q.task AND k.item_id = q.item_id AND k.actor = :actor
    ) = 0
"""
NEWEST_FENCE = "(SELECT value FROM setting WHERE name = 'token') AS last_token"
NEXT = f"""
    SELECT q.item_id, q.rank AS place,
        CASE WHEN {NOT_MINE} AND {NOT_SKIPPED} AND {FREE} THEN 1 ELSE 0 END AS free
    FROM queue_item q
    WHERE q.task = :task AND q.state = 'open' AND (q.rank, q.item_id) > (:place, :item_id)
    ORDER BY q.rank, q.item_id LIMIT :n
"""
NEXT_SKIPPED = f"""
    SELECT s.item_id, s.at AS place, (
        SELECT CASE WHEN q.state = 'open' AND {NOT_MINE} AND {FREE} THEN 1 ELSE 0 END
        FROM queue_item q WHERE q.task = s.task AND q.item_id = s.item_id
    ) AS free
    FROM skipped s
    WHERE s.actor = :actor AND s.task = :task AND (s.at, s.item_id) > (:place, :item_id)
    ORDER BY s.at, s.item_id LIMIT :n
"""
"""Pages of the index, each item asked about: a planner must not look at the whole queue to sort it."""
PAGES: tuple[tuple[str, Any], ...] = ((NEXT, -1), (NEXT_SKIPPED, ""))
"""What to ask for, and the place before the first."""
OTHERS_ROWS = """
    SELECT item_id FROM lease WHERE task = 'review' AND actor <> :actor AND expires_at > :now
"""
ONE = f"SELECT q.*, {NEWEST_FENCE} FROM queue_item q WHERE q.task = :task AND q.item_id = :item_id"
HANDS = f"""
    SELECT q.content_ids, l.token, l.expires_at, CASE WHEN {FREE} THEN 1 ELSE 0 END AS free
    FROM queue_item q
    LEFT JOIN lease l ON l.task = q.task AND l.item_id = q.item_id AND l.actor = :actor
    WHERE q.task = :task AND q.item_id = :item_id
"""
"""Whether an item is still the one of a ticket, and in whose hands."""
PUT_FENCE = """
    INSERT INTO setting (name, value) VALUES ('token', :value)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
PUT_LEASE = """
    INSERT INTO lease (task, item_id, actor, token, uuid, expires_at, head)
    VALUES (:task, :item_id, :actor, :token, :uuid, :expires_at, :head)
    ON CONFLICT (task, item_id, actor) DO UPDATE
    SET token = excluded.token, uuid = excluded.uuid, expires_at = excluded.expires_at, head = excluded.head
"""
RELEASE = "DELETE FROM lease WHERE actor = :actor AND token = :token"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One item in one person's hands.

    Args:
        task: review, group or pair.
        item_id: The row, group or pair.
        row_ids: The rows it shows.
        content_ids: Their contents, edits of the run applied.
        why: Why it is here.
        token: Fencing token of the lease.
        uuid: Idempotency key of the decision.
        lease_until: When the lease ends, UTC.
        guideline: Version of the guidelines that holds, or None.
    """

    task: str
    item_id: str
    row_ids: tuple[str, ...]
    content_ids: tuple[str, ...]
    why: str
    token: int
    uuid: str
    lease_until: str
    guideline: int | None = None


def sync(store: Store, items: Iterable[ReviewItem], run_id: str) -> bool:
    """Put a run's items into the queue in place of an earlier run's; states follow from the record.

    Args:
        store: The record.
        items: What the run leaves to people.
        run_id: Names the run and the queue's policy; the same again changes nothing.

    Returns:
        Whether the queue was written.
    """
    with store.transaction():
        if store.setting(RUN) == run_id:
            return False
        held = _held_contents(store)
        store.db.run("DELETE FROM queue_item")
        waiting = iter(items)
        while chunk := list(islice(waiting, CHUNK)):
            store.db.insert_many("queue_item", ITEM_COLUMNS, [line(item) for item in chunk])
        store.db.analyze("queue_item")
        update_states(store.db)
        now_held = _held_contents(store)
        gone = {token for key, (token, contents) in held.items() if now_held.get(key) != (token, contents)}
        store.db.run_all([("DELETE FROM lease WHERE token = :token", {"token": token}) for token in gone])
        store.put_setting(RUN, run_id)
    return True


def _held_contents(store: Store) -> dict[tuple[str, ...], tuple[int, str]]:
    """Token and contents of every lease on an item of the queue."""
    found = store.db.rows(
        "SELECT l.task, l.item_id, l.actor, l.token, q.content_ids FROM lease l"
        " JOIN queue_item q ON q.task = l.task AND q.item_id = l.item_id"
    )
    return {(r["task"], r["item_id"], r["actor"]): (r["token"], r["content_ids"]) for r in found}


def line(item: ReviewItem) -> tuple[Any, ...]:
    """A line of the queue, in the order of `ITEM_COLUMNS`."""
    rows, contents = _json(item.row_ids), _json(item.content_ids)
    first = item.content_ids[0]
    return item.task, item.item_id, rows, contents, first, item.rank, item.why, item.need, 0, "open"


def _json(ids: tuple[str, ...]) -> str:
    return msgspec.json.encode(ids).decode()


def claim(store: Store, actor: str, task: str, seconds: int) -> Ticket | None:
    """The next item for a person, leased to them; their own lease first, so a reload changes nothing."""
    with store.transaction() as now:
        key = {"actor": actor, "task": task, "now": now}
        for lease in store.db.rows(HELD, key):
            item = store.db.rows(ONE, {**key, "item_id": lease["item_id"]})
            if item and item[0]["state"] == "open":
                return _ticket({**dict(item[0]), **dict(lease)})
        for item_id in _free(store, key):
            item = store.db.rows(ONE, {**key, "item_id": item_id})[0]
            if task == "review" or _rows_are_free(store, item, actor, now):
                return _lease(store, item, actor, now, seconds)
    return None


def _free(store: Store, key: Mapping[str, str]) -> Iterator[str]:
    """Items that a person may take, the best first, what they skipped last."""
    for question, place in PAGES:
        after = {"place": place, "item_id": ""}
        for n in itertools.chain(PAGE_SIZES, itertools.repeat(PAGE_SIZES[-1])):
            found = store.db.rows(question, {**key, **after, "n": n})
            yield from (r["item_id"] for r in found if r["free"])
            if len(found) < n:
                break
            after = {"place": found[-1]["place"], "item_id": found[-1]["item_id"]}


def open_item(store: Store, actor: str, task: str, item_id: str, seconds: int) -> Ticket:
    """One item for a person, decided by them before or not.

    Raises:
        LeaseLost: No such item, or in others' hands.
    """
    with store.transaction() as now:
        found = store.db.rows(ONE, {"task": task, "item_id": item_id})
        if not found:
            raise LeaseLost(
                f"{item_id!r} is not in the queue of this run",
                where=store.where,
                fix="look for it on the Browse page; it may be dropped in this run",
            )
        key = {"actor": actor, "task": task, "item_id": item_id, "now": now}
        held = store.db.rows(
            "SELECT q.*, l.token, l.uuid, l.expires_at FROM lease l"
            " JOIN queue_item q ON q.task = l.task AND q.item_id = l.item_id"
            " WHERE l.task = :task AND l.item_id = :item_id AND l.actor = :actor AND l.expires_at > :now",
            key,
        )
        if held:
            return _ticket(held[0])
        mine = store.db.rows(f"{ONE} AND NOT {NOT_MINE}", key)
        free = store.db.rows(f"{ONE} AND {FREE}", key)
        if not (mine or free) or not _rows_are_free(store, found[0], actor, now):
            raise LeaseLost(
                f"{item_id!r} is in others' hands, or decided by them",
                where=store.where,
                fix="go on with the next item; an adjudicator can decide it on the Browse page",
            )
        return _lease(store, found[0], actor, now, seconds)


def renew(store: Store, actor: str, ticket: Ticket, seconds: int) -> Ticket:
    """The lease made longer.

    Raises:
        LeaseLost: It passed to someone else.
    """
    with store.transaction() as now:
        check_lease(store, actor, ticket, now)
        until = _after(now, seconds)
        store.db.run(
            "UPDATE lease SET expires_at = :until WHERE actor = :actor AND token = :token",
            {"until": until, "actor": actor, "token": ticket.token},
        )
    return Ticket(
        ticket.task,
        ticket.item_id,
        ticket.row_ids,
        ticket.content_ids,
        ticket.why,
        ticket.token,
        ticket.uuid,
        until,
        ticket.guideline,
    )


def check_lease(store: Store, actor: str, ticket: Ticket, now: str) -> None:
    """Refuse a ticket whose item is another now, or passed to someone else; inside a transaction.

    A lease that ran out while nobody else took the item still holds.

    Raises:
        LeaseLost: The ticket's time is over.
    """
    key = {"task": ticket.task, "item_id": ticket.item_id, "actor": actor, "now": now}
    found = store.db.rows(HANDS, key)
    if not found or tuple(json.loads(found[0]["content_ids"])) != ticket.content_ids:
        raise LeaseLost(
            f"{ticket.item_id!r} changed while it was on the screen: the workspace was curated again",
            where=store.where,
            fix="go on with the next item; nothing was recorded",
        )
    held = found[0]
    if held["token"] == ticket.token and (held["expires_at"] > now or held["free"]):
        return
    raise LeaseLost(
        f"{ticket.item_id!r} was given to someone else, because its time ran out",
        where=store.where,
        fix="go on with the next item; your text is kept in this browser",
    )


def release(store: Store, actor: str, ticket: Ticket) -> None:
    """Give an item and its rows back."""
    store.db.run(RELEASE, {"actor": actor, "token": ticket.token})


def holders(store: Store, task: str, item_id: str, now: str) -> list[str]:
    """Who holds an item now."""
    found = store.db.rows(
        "SELECT actor FROM lease"
        " WHERE task = :task AND item_id = :item_id AND expires_at > :now ORDER BY token",
        {"task": task, "item_id": item_id, "now": now},
    )
    return [r["actor"] for r in found]


def counts(store: Store, task: str) -> dict[str, int]:
    """Items of a task by state."""
    found = store.db.rows(
        "SELECT state, count(*) AS n FROM queue_item WHERE task = :task GROUP BY state", {"task": task}
    )
    return {"open": 0, "done": 0, "disputed": 0} | {r["state"]: r["n"] for r in found}


def _rows_are_free(store: Store, row: Mapping[str, Any], actor: str, now: str) -> bool:
    """Whether no one else holds a row of this item through another item; one person a row at a time."""
    if row["need"] > 1:
        return True
    taken = {r["item_id"] for r in store.db.rows(OTHERS_ROWS, {"actor": actor, "now": now})}
    return taken.isdisjoint(json.loads(row["row_ids"]))


def _lease(store: Store, row: Mapping[str, Any], actor: str, now: str, seconds: int) -> Ticket:
    token = int(row["last_token"] or 0) + 1
    lease = {
        "task": row["task"],
        "item_id": row["item_id"],
        "actor": actor,
        "token": token,
        "uuid": str(uuid.uuid4()),
        "expires_at": _after(now, seconds),
        "head": 1,
    }
    statements: list[tuple[str, Mapping[str, Any]]] = [(PUT_FENCE, {"value": str(token)}), (PUT_LEASE, lease)]
    if row["task"] != "review":
        rows = json.loads(row["row_ids"])
        statements += [
            (PUT_LEASE, {**lease, "task": "review", "item_id": row_id, "head": 0}) for row_id in rows
        ]
    store.db.run_all(statements)
    return _ticket({**dict(row), **lease})


def _ticket(row: Mapping[str, Any]) -> Ticket:
    return Ticket(
        row["task"],
        row["item_id"],
        tuple(json.loads(row["row_ids"])),
        tuple(json.loads(row["content_ids"])),
        row["why"],
        row["token"],
        row["uuid"],
        row["expires_at"],
    )


def _after(now: str, seconds: int) -> str:
    return utc_text(datetime.fromisoformat(now).astimezone(UTC) + timedelta(seconds=seconds))
