"""The whole record checked: every link of the chain, every guard, every projection."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..schemas.errors import WorkspaceError
from ..schemas.example import canonical_json, content_id
from ..schemas.review import MEMBERS
from .projection import derived, shown
from .store_engines.connection import Connection

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Chain:
    """A record whose every link holds: how many events, and the hash of the last."""

    events: int
    head: str


def event_hash(event: Any) -> str:
    """SHA-256 over the previous hash and the canonical JSON of the members of the event's shape."""
    told = {name: event[name] for name in MEMBERS[event["shape"]]}
    if "final" in told:
        told["final"] = bool(told["final"])
    return hashlib.sha256((event["prev_hash"] + canonical_json(told)).encode()).hexdigest()


def verify_chain(db: Connection, anchors: Iterable[Chain] = ()) -> Chain:
    """Re-derive the chain.

    Args:
        db: The record.
        anchors: Lengths and heads noted elsewhere (frozen versions): a record cut short does not hold.

    Raises:
        WorkspaceError: A changed, missing or foreign event (the first is named), a missing trigger, or an
            event that someone noted and that is gone.
    """
    for name in sorted(db.missing_guards()):
        raise broken(f"the guard {name!r} was removed or changed", db.where)
    noted = {anchor.events: anchor.head for anchor in anchors if anchor.events}
    head, count = GENESIS, 0
    for event in db.stream("SELECT * FROM event ORDER BY seq"):
        count += 1
        if event["seq"] != count:
            raise broken(f"event {count} is missing", db.where)
        if event["shape"] not in MEMBERS or event["prev_hash"] != head or event["hash"] != event_hash(event):
            raise broken(f"event {count} was changed", db.where)
        head = event["hash"]
        if noted.get(count, head) != head:
            raise broken(f"event {count} is not the one that a frozen version noted", db.where)
    for length in sorted(noted):
        if length > count:
            raise broken(f"event {count + 1} is missing: a frozen version noted {length} events", db.where)
    return Chain(count, head)


def verify_states(db: Connection) -> None:
    """Compare what the record says stands with what its events say.

    Raises:
        WorkspaceError: A projection, an edition or a guideline that differs; the first is named.
    """
    _verify_editions(db)
    _verify_guidelines(db)
    stored = {r["row_id"]: dict(r) for r in db.stream("SELECT * FROM standing")}
    votes = {
        (r["item_id"], r["actor"]): (r["shown_id"], r["seq"])
        for r in db.stream("SELECT * FROM vote WHERE task = 'review'")
    }
    for found, line in derived(db):
        if stored.pop(line["row_id"], None) != line:
            raise _differs(line["row_id"], db.where)
        for vote in found:
            if votes.pop((vote["row_id"], vote["actor"]), None) != (shown(vote), vote["seq"]):
                raise _differs(vote["row_id"], db.where)
    for row_id in [*stored, *(key[0] for key in votes)]:
        raise _differs(row_id, db.where)


def _verify_editions(db: Connection) -> None:
    for edition in db.stream("SELECT content_id, payload FROM edition"):
        if payload_id(edition["payload"]) != edition["content_id"]:
            raise broken(f"the edited content {edition['content_id']} was changed", db.where)
    orphan = db.rows(
        """
        SELECT seq FROM event e WHERE action = 'edit' AND NOT EXISTS (
            SELECT 1 FROM edition d WHERE d.content_id = e.content_id AND d.row_id = e.row_id
        ) ORDER BY seq LIMIT 1
        """
    )
    for event in orphan:
        raise broken(f"the edited content of event {event['seq']} is missing", db.where)


def _verify_guidelines(db: Connection) -> None:
    told = {
        json.loads(e["value"])["version"]: json.loads(e["value"])["sha256"]
        for e in db.rows("SELECT value FROM event WHERE action = 'guideline'")
    }
    there = {g["version"]: g["text"] for g in db.rows("SELECT version, text FROM guideline")}
    for version in sorted({*told, *there}):
        text = there.get(version)
        if text is None or hashlib.sha256(text.encode()).hexdigest() != told.get(version):
            raise broken(f"version {version} of the guidelines was changed", db.where)


def payload_id(payload: str) -> str:
    """The content_id of an edition's payload."""
    told = json.loads(payload)
    return content_id(
        told["messages"], tools=told.get("tools"), rejected=told.get("rejected"), label=told.get("label")
    )


def broken(what: str, where: str) -> WorkspaceError:
    """The error of a record that does not hold."""
    return WorkspaceError(
        f"the record of decisions does not hold: {what}",
        where=where,
        fix="restore review.db from a backup; do not approve or freeze on this one",
    )


def _differs(row_id: str, where: str) -> WorkspaceError:
    return WorkspaceError(
        f"the record of decisions does not hold: what stands for row {row_id!r} is not what its events say",
        where=where,
        fix="the events themselves hold; run: tuneset review verify OUT --repair",
    )
