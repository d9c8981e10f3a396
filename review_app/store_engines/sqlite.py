"""`review.db` in SQLite: the connection, its migrations, and errors in three parts."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...schemas.errors import WorkspaceError
from .connection import Values, unfit_text, utc_text
from .tables import EVENT, EVENT_INDEXES, OTHERS, guard_sources, guards

BUSY_SECONDS = 60
CHUNK = 10_000
LOG_BYTES = 64 << 20
FIXES = {
    "locked": "wait for the other command to end, then run this one again",
    "full": "free some space and run the same command again; nothing was recorded",
    "readonly": "make the folder writable for you, or copy the workspace to one that is",
    "unable to open": "make the folder writable for you, or copy the workspace to one that is",
    "": "check the disk and the file's permissions, or restore review.db from a backup",
}
"""What SQLite's message holds to what to do."""
UNDO_FIX = "undo only a decision that stands, once"
APPLICATION_ID = 0x54554E45  # "TUNE", in SQLite's header, so that another program's file is refused

FIRST = """
    CREATE TABLE event (
        seq INTEGER PRIMARY KEY,
        uuid TEXT NOT NULL UNIQUE,
        at TEXT NOT NULL,
        actor TEXT NOT NULL CHECK (actor <> ''),
        action TEXT NOT NULL CHECK (action IN ('approve', 'reject', 'undo')),
        row_id TEXT NOT NULL,
        content_id TEXT NOT NULL,
        reason TEXT,
        rule TEXT,
        batch_id TEXT,
        supersedes INTEGER UNIQUE REFERENCES event (seq),
        prev_hash TEXT NOT NULL,
        hash TEXT NOT NULL,
        CHECK ((action = 'undo') = (supersedes IS NOT NULL))
    )
"""
"""The first shape of the record: decisions of rules alone."""
FIRST_MEMBERS = "seq, uuid, at, actor, action, row_id, content_id, reason, rule, batch_id, supersedes"

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (FIRST,),
    (
        "ALTER TABLE event RENAME TO first_event",
        EVENT,
        f"""
        INSERT INTO event ({FIRST_MEMBERS}, prev_hash, hash, shape, task)
        SELECT {FIRST_MEMBERS}, prev_hash, hash, 1, 'rule' FROM first_event ORDER BY seq
        """,
        "DROP TABLE first_event",
        *EVENT_INDEXES,
        *OTHERS,
        *guards("sqlite"),
    ),
)
"""Statements from each shape to the next."""


_writers: dict[tuple[int, str], threading.Lock] = {}
_writers_lock = threading.Lock()


def _writer_of(uri: str) -> threading.Lock:
    """The lock of this process's writers of a file; one in memory has its own."""
    if ":memory:" in uri:
        return threading.Lock()
    with _writers_lock:
        return _writers.setdefault((os.getpid(), uri.partition("?")[0]), threading.Lock())


class SqliteConnection:
    """A connection that trusts nothing the file's schema says and syncs every commit."""

    def __init__(self, uri: str, where: str) -> None:
        self.where = where
        # Its pool hands it to one thread at a time; SQLite itself is built to be used so.
        self._db = sqlite3.connect(
            uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._db.row_factory = sqlite3.Row
        self._writer = _writer_of(uri)
        self._writing = False
        for pragma in (
            "trusted_schema = OFF",
            "synchronous = FULL",
            "foreign_keys = ON",
            "cell_size_check = ON",
            f"journal_size_limit = {LOG_BYTES}",
        ):
            self._db.execute(f"PRAGMA {pragma}")

    @property
    def in_transaction(self) -> bool:
        return self._db.in_transaction

    def rows(self, sql: str, values: Values | None = None) -> Sequence[Mapping[str, Any]]:
        return self._db.execute(sql, values or {}).fetchall()

    def stream(self, sql: str, values: Values | None = None) -> Iterator[Mapping[str, Any]]:
        cursor = self._db.execute(sql, values or {})
        while rows := cursor.fetchmany(CHUNK):
            yield from rows

    def pages(self, sql: str, values: Values | None = None) -> Iterator[Sequence[tuple[Any, ...]]]:
        cursor = self._db.cursor()
        cursor.row_factory = None
        cursor.execute(sql, values or {})
        while rows := cursor.fetchmany(CHUNK):
            yield rows

    def run(self, sql: str, values: Values | None = None) -> int:
        return self._db.execute(sql, values or {}).rowcount

    def insert_many(self, table: str, columns: Sequence[str], lines: Sequence[Sequence[Any]]) -> None:
        marks = ", ".join("?" * len(columns))
        self._db.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", lines)

    def analyze(self, table: str) -> None:
        """Its planner is content with the indexes."""

    def run_all(self, statements: Sequence[tuple[str, Values]]) -> None:
        for sql, values in statements:
            self._db.execute(sql, values)

    def begin(self) -> str:
        # SQLite's own waiting sleeps and takes no turns; threads of one process queue up here instead.
        if not self._writer.acquire(timeout=BUSY_SECONDS):
            raise sqlite3.OperationalError("database is locked by another thread of this process")
        self._writing = True
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._let_go()
            raise
        return utc_text(datetime.now(UTC))

    def begin_reading(self) -> None:
        self._db.execute("BEGIN")

    def commit(self) -> None:
        self._db.execute("COMMIT")
        self._let_go()

    def rollback(self) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        finally:
            self._let_go()

    def _let_go(self) -> None:
        if self._writing:
            self._writing = False
            self._writer.release()

    def missing_guards(self) -> set[str]:
        found = {
            r["name"]: r["sql"]
            for r in self.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        }
        return {n for n, source in guard_sources("sqlite").items() if found.get(n) != source}

    def speaking(self) -> Any:
        return speaking(self.where)

    def close(self) -> None:
        self._db.close()
        self._let_go()


def open_sqlite(path: Path) -> SqliteConnection:
    """The record at a path, made when it is not there, in the newest shape.

    Raises:
        WorkspaceError: Not a record of ours, one of a newer tuneset, or a folder that cannot be written.
    """
    with speaking(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = SqliteConnection(path.absolute().as_uri() + "?mode=rwc", str(path))
        connection.run("PRAGMA journal_mode = WAL")
        prepare(connection)
    return connection


def read_sqlite(path: Path) -> SqliteConnection:
    """The record at a path, for questions only.

    It is opened for writing where the folder allows, so that SQLite can put its side files away; in a
    folder that cannot be written, the file is taken as it stands. A record that is not there, or of an
    older shape, is read through a copy in memory in the newest shape.

    Raises:
        WorkspaceError: Not a record of ours, or one of a newer tuneset.
    """
    with speaking(str(path)):
        if not path.exists():
            return empty_record(str(path))
        connection = _opened(path)
        if prepare(connection, change=False):
            return connection
        copy = SqliteConnection("file::memory:", str(path))
        connection._db.backup(copy._db)
        connection.close()
        prepare(copy)
        return copy


def empty_record(where: str) -> SqliteConnection:
    """A record in memory, in place of one that is not there."""
    empty = SqliteConnection("file::memory:", where)
    prepare(empty)
    return empty


def _opened(path: Path) -> SqliteConnection:
    uri = path.absolute().as_uri()
    for mode in ("?mode=rw", "?mode=ro"):
        try:
            return _looked_at(SqliteConnection(uri + mode, str(path)))
        except sqlite3.OperationalError:
            continue
    return _looked_at(SqliteConnection(uri + "?mode=ro&immutable=1", str(path)))


def _looked_at(connection: SqliteConnection) -> SqliteConnection:
    """The connection, closed to writing, once a first reading has succeeded."""
    try:
        connection.run("PRAGMA query_only = ON")
        connection.rows("SELECT count(*) FROM sqlite_master")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prepare(connection: SqliteConnection, *, change: bool = True) -> bool:
    """Bring a record to the newest shape.

    Args:
        connection: An open connection, outside a transaction.
        change: False only checks.

    Returns:
        Whether the record has the newest shape now.

    Raises:
        WorkspaceError: Another program's file, or a newer tuneset's.
    """
    version = _number(connection, "user_version")
    tables = connection.rows("SELECT count(*) AS n FROM sqlite_master")[0]["n"]
    if tables and _number(connection, "application_id") != APPLICATION_ID:
        raise WorkspaceError(
            "the file is not a record of decisions of tuneset",
            where=connection.where,
            fix="move the file out of the way",
        )
    if version > len(MIGRATIONS):
        raise WorkspaceError(
            f"the record has shape {version}; this tuneset knows shapes up to {len(MIGRATIONS)}",
            where=connection.where,
            fix="run: pip install --upgrade tuneset",
        )
    if version < len(MIGRATIONS) and change:
        _migrate(connection)
        return True
    return version == len(MIGRATIONS)


def _migrate(connection: SqliteConnection) -> None:
    connection.begin()
    try:
        version = _number(connection, "user_version")  # another process may have been faster
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.run(statement)
        connection.run(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.run(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _number(connection: SqliteConnection, pragma: str) -> int:
    return connection.rows(f"PRAGMA {pragma}")[0][0]  # pyright: ignore[reportArgumentType]


@contextmanager
def speaking(where: str) -> Iterator[None]:
    """SQLite's errors in our three parts."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise WorkspaceError(f"the decision was refused ({error})", where=where, fix=UNDO_FIX) from error
    except UnicodeEncodeError as error:
        raise unfit_text(where) from error
    except sqlite3.Error as error:
        fix = next((fix for text, fix in FIXES.items() if text in str(error)), FIXES[""])
        raise WorkspaceError(
            f"the record of decisions cannot be used ({error})", where=where, fix=fix
        ) from error
