"""The append-only record of decisions: one SQLite file, each event chained to the one before.

Nothing is ever changed or deleted: triggers refuse it, an undo is an event of its own, and every event
carries the hash of its predecessor. A writer takes the write lock, appends, and lets go.
"""

from __future__ import annotations

import hashlib
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..schemas.errors import WorkspaceError
from ..schemas.example import canonical_json
from ..schemas.review import Decision, Event
from .database import CURRENT_COLUMNS, CURRENT_SQL, TRIGGERS, connect, connect_reading, prepare, speaking

CHUNK = 10_000
GENESIS = "0" * 64
MEMBERS = tuple(Event.model_fields)
INSERT = f"INSERT INTO event ({', '.join(MEMBERS)}) VALUES ({', '.join('?' * len(MEMBERS))})"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision that has not been recorded yet.

    Args:
        action: approve, reject or undo.
        row_id: The row decided on.
        content_id: The content decided on, edits applied.
        reason: Why, in the reviewer's words.
        rule: The rule of a bulk decision.
        batch_id: Joins the events of one bulk decision.
        supersedes: The event that an undo takes back.
        uuid: Idempotency key; the same key is stored once.
    """

    action: Decision
    row_id: str
    content_id: str
    reason: str | None = None
    rule: str | None = None
    batch_id: str | None = None
    supersedes: int | None = None
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, slots=True)
class Chain:
    """A record whose every link holds: how many events, and the hash of the last."""

    events: int
    head: str


def event_hash(event: dict[str, Any]) -> str:
    """SHA-256 over the previous hash and the canonical JSON of the other members."""
    told = {name: event[name] for name in MEMBERS if name not in ("prev_hash", "hash")}
    return hashlib.sha256((event["prev_hash"] + canonical_json(told)).encode()).hexdigest()


class Store:
    """The decisions of one workspace. Use `open` to write, `reading` to read."""

    def __init__(self, connection: sqlite3.Connection, where: str) -> None:
        self._db = connection
        self._where = where

    @classmethod
    def open(cls, path: Path) -> Store:
        """The record at a path, made when it is not there.

        Raises:
            WorkspaceError: Not a record of ours, one of a newer tuneset, or a folder that cannot be written.
        """
        with speaking(str(path)):
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = connect(path.absolute().as_uri() + "?mode=rwc")
            connection.execute("PRAGMA journal_mode = WAL")
            prepare(connection, str(path))
        return cls(connection, str(path))

    @classmethod
    def reading(cls, path: Path) -> Store:
        """The record at a path, for questions only; an empty one when it is not there.

        Raises:
            WorkspaceError: Not a record of ours, or one of a newer tuneset.
        """
        with speaking(str(path)):
            if not path.exists():
                connection = connect(":memory:")
                prepare(connection, str(path))
                return cls(connection, str(path))
            connection = connect_reading(path)
            prepare(connection, str(path), change=False)
        return cls(connection, str(path))

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the write lock: what is read and written inside happens at once or not at all."""
        if self._db.in_transaction:
            yield
            return
        with speaking(self._where):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def append_many(self, drafts: Iterable[Draft], *, actor: str, at: str | None = None) -> int:
        """Record decisions in order, all or none.

        Args:
            drafts: The decisions; one whose uuid is already stored is passed over.
            actor: Who decided.
            at: When, UTC, ISO 8601; None is now.

        Returns:
            How many events were new.

        Raises:
            WorkspaceError: An undo of no decision on that row, or a record that cannot be written.
        """
        stored = 0
        at = at or now()
        with self.transaction():
            seq, head = self._head()
            waiting = iter(drafts)
            while chunk := list(islice(waiting, CHUNK)):
                rows = []
                for draft in self._unseen(chunk):
                    seq += 1
                    event = _event(draft, seq=seq, actor=actor, at=at, prev_hash=head)
                    head = event["hash"]
                    rows.append(tuple(event[name] for name in MEMBERS))
                self._db.executemany(INSERT, rows)
                stored += len(rows)
        return stored

    def _head(self) -> tuple[int, str]:
        last = self._db.execute("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1").fetchone()
        return (last["seq"], last["hash"]) if last else (0, GENESIS)

    def _unseen(self, drafts: Iterable[Draft]) -> Iterator[Draft]:
        seen: set[str] = set()
        for draft in drafts:
            known = self._db.execute("SELECT 1 FROM event WHERE uuid = ?", (draft.uuid,)).fetchone()
            if known is None and draft.uuid not in seen:
                seen.add(draft.uuid)
                yield draft

    def events(self, row_id: str | None = None) -> Iterator[Event]:
        """The events on one row, or all of them, in order."""
        where, values = ("", ()) if row_id is None else ("WHERE row_id = ?", (row_id,))
        with speaking(self._where):
            for row in self._db.execute(f"SELECT * FROM event {where} ORDER BY seq", values):  # noqa: S608
                yield Event(**dict(row))

    def current(self) -> pa.Table:
        """The latest decision on each row that was not undone.

        Columns: row_id, seq, action, content_id, actor, rule, at. A decision holds for the content it was
        made on: compare `content_id` before using it.
        """
        with speaking(self._where):
            cursor = self._db.execute(CURRENT_SQL)
            tables = [CURRENT_COLUMNS.empty_table()]
            while rows := cursor.fetchmany(CHUNK):
                columns = zip(*(tuple(row) for row in rows), strict=True)
                arrays = [pa.array(c, f.type) for c, f in zip(columns, CURRENT_COLUMNS, strict=True)]
                tables.append(pa.Table.from_arrays(arrays, schema=CURRENT_COLUMNS))
        return pa.concat_tables(tables)

    def verify(self) -> Chain:
        """Re-derive the whole chain.

        Raises:
            WorkspaceError: A changed, missing or foreign event (the first is named), or a missing trigger.
        """
        with speaking(self._where):
            there = {
                r["name"] for r in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            }
            for name in sorted(TRIGGERS - there):
                raise _broken(f"the guard {name!r} was removed", self._where)
            head, count = GENESIS, 0
            for row in self._db.execute("SELECT * FROM event ORDER BY seq"):
                count += 1
                event = dict(row)
                if event["seq"] != count:
                    raise _broken(f"event {count} is missing", self._where)
                if event["prev_hash"] != head or event["hash"] != event_hash(event):
                    raise _broken(f"event {count} was changed", self._where)
                head = event["hash"]
        return Chain(count, head)


def now() -> str:
    """The present moment, UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _event(draft: Draft, *, seq: int, actor: str, at: str, prev_hash: str) -> dict[str, Any]:
    event: dict[str, Any] = {name: getattr(draft, name) for name in Draft.__slots__}
    event |= {"seq": seq, "actor": actor, "at": at, "prev_hash": prev_hash}
    event["hash"] = event_hash(event)
    return event


def _broken(what: str, where: str) -> WorkspaceError:
    return WorkspaceError(
        f"the record of decisions does not hold: {what}",
        where=where,
        fix="restore review.db from a backup; do not approve or freeze on this one",
    )
