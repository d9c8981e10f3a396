"""The append-only record of decisions: events chained each to the one before, in SQLite or PostgreSQL.

Nothing is ever changed or deleted: triggers refuse it, an undo is an event of its own, and every event
carries the hash of its predecessor. A writer takes the write lock, appends, and lets go.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..schemas.example import canonical_json
from ..schemas.review import DECISIONS, EDITIONS, PREFERENCES, Action, Event, Task
from .projection import ensure, is_projected, listed, rebuild, record
from .store_engines.connection import Connection, check_text, is_url, utc_text
from .store_engines.sqlite import open_sqlite, read_sqlite
from .verify import GENESIS, Chain, event_hash, payload_id, verify_chain, verify_states

CHUNK = 10_000
SHAPE = 2
COLUMNS = tuple(Event.model_fields)
PUT_EDITION = """
    INSERT INTO edition (content_id, row_id, parent_id, actor, at, payload)
    VALUES (:content_id, :row_id, :parent_id, :actor, :at, :payload) ON CONFLICT DO NOTHING
"""
CURRENT = f"SELECT {', '.join(DECISIONS.names)} FROM standing ORDER BY row_id"
EDITION_COLUMNS = f"SELECT {', '.join(EDITIONS.names)} FROM edition"
COMPARISONS = """
    SELECT e.item_id, e.seq, e.actor, e.at, e.value FROM vote v JOIN event e ON e.seq = v.seq
    WHERE v.task = 'pair' AND e.action = 'prefer' ORDER BY e.seq
"""
VOTES = pa.schema(
    [
        ("row_id", pa.string()),
        ("actor", pa.string()),
        ("shown_id", pa.string()),
        ("action", pa.string()),
        ("content_id", pa.string()),
        ("seq", pa.int64()),
        ("at", pa.string()),
        ("dwell_ms", pa.int64()),
        ("reason", pa.string()),
        ("value", pa.string()),
        ("task", pa.string()),
        ("final", pa.int32()),
    ]
)
VOTES_SQL = """
    SELECT v.item_id AS row_id, v.actor, v.shown_id, e.action, e.content_id, e.seq, e.at, e.dwell_ms,
           e.reason, e.value, e.task, e.final
    FROM vote v JOIN event e ON e.seq = v.seq WHERE v.task = 'review' ORDER BY v.item_id, e.seq
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that has not been recorded yet; see `schemas.review.Event` for what each member is."""

    action: Action
    row_id: str | None = None
    content_id: str | None = None
    reason: str | None = None
    rule: str | None = None
    batch_id: str | None = None
    supersedes: int | None = None
    task: Task = "review"
    item_id: str | None = None
    shown_id: str | None = None
    note: str | None = None
    value: str | None = None
    final: bool = False
    painted_at: str | None = None
    dwell_ms: int | None = None
    input: str | None = None
    guideline: int | None = None
    app_version: str | None = None
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))


Told = tuple[str, str | None, Draft]
"""Actor, time or None for now, event."""


class Store:
    """The record of one workspace, used by one thread at a time: `open` to write, `reading` to read."""

    def __init__(self, connection: Connection) -> None:
        self.db = connection
        self._now = ""
        self._head: tuple[int, str] | None = None

    @classmethod
    def open(cls, place: str | Path) -> Store:
        """The record at a path or a PostgreSQL address, made when it is not there.

        Raises:
            WorkspaceError: Not a record of ours, one of a newer tuneset, or a place that cannot be written.
        """
        if is_url(place):
            from .store_engines.postgresql import open_postgresql

            connection = open_postgresql(str(place))
        else:
            connection = open_sqlite(Path(place))
        with connection.speaking():
            ensure(connection)
        return cls(connection)

    @classmethod
    def reading(cls, place: str | Path) -> Store:
        """The record at a place, for questions only; an empty one when it is not there.

        Raises:
            WorkspaceError: Not a record of ours, or one of a newer tuneset.
        """
        if is_url(place):
            from .store_engines.postgresql import read_postgresql

            connection = read_postgresql(str(place))
        else:
            connection = read_sqlite(Path(place))
        with connection.speaking():
            if not is_projected(connection):
                ensure(connection)
        return cls(connection)

    def close(self) -> None:
        self.db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def where(self) -> str:
        """The file, or the address without its password."""
        return self.db.where

    @contextmanager
    def transaction(self) -> Iterator[str]:
        """Hold the write lock: what is read and written inside happens at once or not at all.

        Yields:
            The database's time: UTC, ISO 8601.
        """
        if self.db.in_transaction:
            yield self._now
            return
        with self.db.speaking():
            self._now, self._head = self.db.begin(), None
            try:
                yield self._now
                self.db.commit()
            except BaseException:
                self.db.rollback()
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let every question inside see the same moment, whatever others write meanwhile."""
        if self.db.in_transaction:
            yield
            return
        with self.db.speaking():
            self.db.begin_reading()
            self._head = None
            try:
                yield
                self.db.commit()
            except BaseException:
                self.db.rollback()
                raise

    def append_many(
        self, drafts: Iterable[Draft], *, actor: str, at: str | None = None, fresh: bool = False
    ) -> int:
        """Record events in order, all or none, and derive what stands then.

        Args:
            drafts: The events; one whose uuid is already stored is passed over.
            actor: Who decided.
            at: When, UTC, ISO 8601; None is now, by the database's clock.
            fresh: The caller looked in this transaction: none of the uuids is stored.

        Returns:
            How many events were new.

        Raises:
            WorkspaceError: An undo of no decision on that row, or a record that cannot be written.
        """
        return self.append_as(((actor, at, draft) for draft in drafts), fresh=fresh)

    def append_as(self, told: Iterable[Told], *, fresh: bool = False) -> int:
        """Like `append_many`, for events of several people and moments: actor, time, event."""
        stored = 0
        with self.transaction() as present:
            waiting = iter(told)
            while chunk := list(islice(waiting, CHUNK)):
                if not fresh:
                    chunk = self._unseen(chunk)
                seq, head = self.head()
                rows = []
                for actor, at, draft in chunk:
                    seq += 1
                    event = _event(draft, seq=seq, actor=actor, at=at or present, prev_hash=head)
                    head = event["hash"]
                    rows.append({**event, "final": int(event["final"])})
                if rows:
                    record(self.db, COLUMNS, rows)
                    self._head = (seq, head)
                stored += len(rows)
        return stored

    def head(self) -> tuple[int, str]:
        """Sequence number and hash of the newest event; 0 and zeros when there is none."""
        if self._head is None or not self.db.in_transaction:
            last = self.db.rows("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1")
            self._head = (last[0]["seq"], last[0]["hash"]) if last else (0, GENESIS)
        return self._head

    def has(self, key: str) -> bool:
        """Whether an event with this idempotency key is stored."""
        return bool(self.db.rows("SELECT 1 AS one FROM event WHERE uuid = :uuid", {"uuid": key}))

    def _unseen(self, told: Sequence[Told]) -> list[Told]:
        """The events whose uuid is not stored, each once."""
        first: dict[str, Told] = {}
        for one in told:
            first.setdefault(one[2].uuid, one)
        for names, values in listed(list(first)):
            for row in self.db.rows(f"SELECT uuid FROM event WHERE uuid IN ({names})", values):
                del first[row["uuid"]]
        return list(first.values())

    def put_edition(
        self, payload: Mapping[str, Any], *, row_id: str, parent_id: str, actor: str, at: str | None = None
    ) -> str:
        """Keep a content that a reviewer wrote; its content_id. The event that tells of it is the caller's.

        Args:
            payload: messages, tools, rejected and label as JSON values; members that are None may lack.
            row_id: The row it is a content of.
            parent_id: The content it was made from.
            actor: Who wrote it.
            at: When; None is now.
        """
        text = canonical_json({k: payload.get(k) for k in ("messages", "tools", "rejected", "label")})
        identity = payload_id(text)
        with self.transaction() as present:
            self.db.run(
                PUT_EDITION,
                {
                    "content_id": identity,
                    "row_id": row_id,
                    "parent_id": parent_id,
                    "actor": actor,
                    "at": at or present,
                    "payload": text,
                },
            )
        return identity

    def events(self, row_id: str | None = None) -> Iterator[Event]:
        """The events on one row, or all of them, in order."""
        where, values = ("", {}) if row_id is None else ("WHERE row_id = :row_id", {"row_id": row_id})
        with self.db.speaking():
            for row in self.db.stream(f"SELECT * FROM event {where} ORDER BY seq", values):
                yield Event(**dict(row))

    def current(self) -> pa.Table:
        """What stands for each decided row: `schemas.review.DECISIONS`.

        A decision holds for the content it was made on: compare `content_id` before using it.
        """
        return self._table(CURRENT, DECISIONS)

    def votes(self) -> pa.Table:
        """The standing decisions of persons in each row's newest round: `VOTES`."""
        return self._table(VOTES_SQL, VOTES)

    def editions(self, row_id: str | None = None) -> pa.Table:
        """Contents that reviewers wrote, of one row or of all: `schemas.review.EDITIONS`."""
        where, values = ("", {}) if row_id is None else ("WHERE row_id = :row_id", {"row_id": row_id})
        return self._table(
            f"{EDITION_COLUMNS} {where} ORDER BY row_id, content_id, parent_id", EDITIONS, values
        )

    def preferences(self) -> pa.Table:
        """Comparisons that stand: `schemas.review.PREFERENCES`."""
        from json import loads

        with self.db.speaking():
            rows = [{**dict(r), **loads(r["value"])} for r in self.db.stream(COMPARISONS)]
        return pa.Table.from_pylist(
            [{name: row.get(name) for name in PREFERENCES.names} for row in rows], schema=PREFERENCES
        )

    def _table(self, sql: str, schema: pa.Schema, values: Mapping[str, Any] | None = None) -> pa.Table:
        tables = [schema.empty_table()]
        with self.db.speaking():
            for page in self.db.pages(sql, values):
                arrays = [pa.array(c, f.type) for c, f in zip(zip(*page, strict=True), schema, strict=True)]
                tables.append(pa.Table.from_arrays(arrays, schema=schema))
        return pa.concat_tables(tables)

    def setting(self, name: str) -> str | None:
        """A setting of the record, or None."""
        with self.db.speaking():
            found = self.db.rows("SELECT value FROM setting WHERE name = :name", {"name": name})
        return found[0]["value"] if found else None

    def put_setting(self, name: str, value: str) -> None:
        """Set a setting; settings are not part of the chain."""
        with self.transaction():
            self.db.run(
                "INSERT INTO setting (name, value) VALUES (:name, :value)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                {"name": name, "value": value},
            )

    def verify(self, anchors: Iterable[Chain] = ()) -> Chain:
        """Re-derive the whole chain and every state.

        Args:
            anchors: Lengths and heads noted elsewhere, which must be in the chain.

        Raises:
            WorkspaceError: A changed, missing or foreign event (the first is named), a missing trigger, or
                a state that its events do not give.
        """
        with self.snapshot():
            chain = verify_chain(self.db, anchors)
            verify_states(self.db)
        return chain

    def rebuild(self) -> None:
        """Derive every state again from the events."""
        with self.transaction():
            rebuild(self.db)


def now() -> str:
    """The present moment, UTC, ISO 8601 with milliseconds."""
    return utc_text(datetime.now(UTC))


def _event(draft: Draft, *, seq: int, actor: str, at: str, prev_hash: str) -> dict[str, Any]:
    event: dict[str, Any] = {name: getattr(draft, name) for name in Draft.__slots__}
    for value in event.values():
        if isinstance(value, str):
            check_text(value, f"the {draft.action} of row {draft.row_id!r}")
    event |= {"seq": seq, "shape": SHAPE, "actor": actor, "at": at, "prev_hash": prev_hash}
    event["hash"] = event_hash(event)
    return event
