"""The queue: what waits for a person, who holds what, and until when.

A lease gives an item to one person for a while. Its token grows with every lease, so that a decision made
on a lease that has passed to someone else is told from one made in time. Expired leases need no sweeper:
they are compared with the database's clock when the next item is asked for.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from json.encoder import encode_basestring_ascii
from typing import Any

from ..schemas.errors import LeaseLost
from ..schemas.review import ReviewItem
from .projection import update_states
from .store import Store
from .store_engines.connection import utc_text

CHUNK = 5_000
RUN = "run"
PUT_ITEM = """
    INSERT INTO queue_item (task, item_id, row_ids, content_ids, content_id, rank, why, need, done, state)
    VALUES (:task, :item_id, :row_ids, :content_ids, :content_id, :rank, :why, :need, 0, 'open')
"""
MINE = """
    SELECT q.*, l.token, l.uuid, l.expires_at FROM lease l
    JOIN queue_item q ON q.task = l.task AND q.item_id = l.item_id
    WHERE l.actor = :actor AND l.task = :task AND l.head = 1 AND l.expires_at > :now AND q.state = 'open'
    ORDER BY l.token DESC LIMIT 1
"""
FREE = """
    q.done + (
        SELECT count(*) FROM lease l
        WHERE l.task = q.task AND l.item_id = q.item_id AND l.actor <> :actor AND l.expires_at > :now
    ) < q.need
"""
NOT_MINE = """
    NOT EXISTS (
        SELECT 1 FROM vote v WHERE v.task = q.task AND v.item_id = q.item_id AND v.actor = :actor
        AND (v.shown_id = q.content_id OR q.task <> 'review')
    )
"""
SKIPPED = (
    "EXISTS (SELECT 1 FROM skipped k WHERE k.task = q.task AND k.item_id = q.item_id AND k.actor = :actor)"
)
NEXT = f"""
    SELECT q.* FROM queue_item q
    WHERE q.task = :task AND q.state = 'open' AND {NOT_MINE} AND NOT {SKIPPED} AND {FREE}
    ORDER BY q.rank LIMIT 20
"""
NEXT_SKIPPED = f"""
    SELECT q.* FROM queue_item q
    JOIN skipped s ON s.task = q.task AND s.item_id = q.item_id AND s.actor = :actor
    WHERE q.task = :task AND q.state = 'open' AND {NOT_MINE} AND {FREE}
    ORDER BY s.at, q.rank LIMIT 20
"""
ONE = "SELECT q.* FROM queue_item q WHERE q.task = :task AND q.item_id = :item_id"
PUT_LEASE = """
    INSERT INTO lease (task, item_id, actor, token, uuid, expires_at, head)
    VALUES (:task, :item_id, :actor, :token, :uuid, :expires_at, :head)
    ON CONFLICT (task, item_id, actor) DO UPDATE
    SET token = excluded.token, uuid = excluded.uuid, expires_at = excluded.expires_at, head = excluded.head
"""


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
        store.db.run("DELETE FROM queue_item")
        waiting = iter(items)
        while chunk := list(islice(waiting, CHUNK)):
            store.db.run_many(PUT_ITEM, [line(item) for item in chunk])
        update_states(store.db)
        store.db.run(
            "DELETE FROM lease WHERE NOT EXISTS (SELECT 1 FROM queue_item q"
            " WHERE q.task = lease.task AND q.item_id = lease.item_id)"
        )
        store.put_setting(RUN, run_id)
    return True


def line(item: ReviewItem) -> dict[str, Any]:
    """An item as the values of PUT_ITEM."""
    return {
        "task": item.task,
        "item_id": item.item_id,
        "row_ids": _json_list(item.row_ids),
        "content_ids": _json_list(item.content_ids),
        "content_id": item.content_ids[0],
        "rank": item.rank,
        "why": item.why,
        "need": item.need,
    }


def _json_list(texts: tuple[str, ...]) -> str:
    """What `json.dumps` gives, at a fifth of its time."""
    return f"[{', '.join(map(encode_basestring_ascii, texts))}]"


def claim(store: Store, actor: str, task: str, seconds: int) -> Ticket | None:
    """The next item for a person, leased to them; their own lease first, so a reload changes nothing."""
    with store.transaction() as now:
        key = {"actor": actor, "task": task, "now": now}
        held = store.db.rows(MINE, key)
        if held:
            return _ticket(held[0])
        for question in (NEXT, NEXT_SKIPPED):
            for row in store.db.rows(question, key):
                if _rows_are_free(store, row, actor, now):
                    return _lease(store, row, actor, now, seconds)
    return None


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
    item = store.db.rows(ONE, key)
    if not item or tuple(json.loads(item[0]["content_ids"])) != ticket.content_ids:
        raise LeaseLost(
            f"{ticket.item_id!r} changed while it was on the screen: the workspace was curated again",
            where=store.where,
            fix="go on with the next item; nothing was recorded",
        )
    held = store.db.rows(
        "SELECT token, expires_at FROM lease WHERE task = :task AND item_id = :item_id AND actor = :actor",
        key,
    )
    mine = held and held[0]["token"] == ticket.token
    if mine and (held[0]["expires_at"] > now or store.db.rows(f"{ONE} AND {FREE}", key)):
        return
    raise LeaseLost(
        f"{ticket.item_id!r} was given to someone else, because its time ran out",
        where=store.where,
        fix="go on with the next item; your text is kept in this browser",
    )


def release(store: Store, actor: str, ticket: Ticket) -> None:
    """Give an item and its rows back."""
    store.db.run(
        "DELETE FROM lease WHERE actor = :actor AND token = :token", {"actor": actor, "token": ticket.token}
    )


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
    for row_id in json.loads(row["row_ids"]):
        key = {"row_id": row_id, "actor": actor, "now": now, "task": row["task"], "item_id": row["item_id"]}
        if store.db.rows(
            "SELECT 1 AS one FROM lease WHERE task = 'review' AND item_id = :row_id AND actor <> :actor"
            " AND expires_at > :now",
            key,
        ):
            return False
    return True


def _lease(store: Store, row: Mapping[str, Any], actor: str, now: str, seconds: int) -> Ticket:
    token = int(store.setting("token") or 0) + 1
    store.put_setting("token", str(token))
    lease = {
        "task": row["task"],
        "item_id": row["item_id"],
        "actor": actor,
        "token": token,
        "uuid": str(uuid.uuid4()),
        "expires_at": _after(now, seconds),
        "head": 1,
    }
    store.db.run(PUT_LEASE, lease)
    if row["task"] != "review":
        for row_id in json.loads(row["row_ids"]):
            store.db.run(PUT_LEASE, {**lease, "task": "review", "item_id": row_id, "head": 0})
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
