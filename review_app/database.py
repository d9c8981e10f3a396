"""The SQLite side of `review.db`: connections, tables, migrations, and errors in three parts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from ..schemas.errors import WorkspaceError

BUSY_SECONDS = 60
FIXES = {
    "locked": "wait for the other command to end, then run this one again",
    "full": "free some space and run the same command again; nothing was recorded",
    "": "check the disk and the file's permissions, or restore review.db from a backup",
}
"""What SQLite's message holds to what to do."""
APPLICATION_ID = 0x54554E45  # "TUNE", in SQLite's header, so that another program's file is refused

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
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
        """,
        "CREATE INDEX event_by_row ON event (row_id, seq)",
        """
        CREATE TRIGGER event_is_final BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'events are never changed'); END
        """,
        """
        CREATE TRIGGER event_stays BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END
        """,
        """
        CREATE TRIGGER event_follows BEFORE INSERT ON event
        WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event)
        BEGIN SELECT RAISE(ABORT, 'events are appended one after another'); END
        """,
        """
        CREATE TRIGGER undo_has_a_decision BEFORE INSERT ON event
        WHEN NEW.action = 'undo' AND NOT EXISTS (
            SELECT 1 FROM event
            WHERE seq = NEW.supersedes AND row_id = NEW.row_id AND action <> 'undo'
        )
        BEGIN SELECT RAISE(ABORT, 'no such decision on this row to undo'); END
        """,
    ),
)
TRIGGERS = frozenset({"event_is_final", "event_stays", "event_follows", "undo_has_a_decision"})

CURRENT_COLUMNS = pa.schema(
    [
        ("row_id", pa.string()),
        ("seq", pa.int64()),
        ("action", pa.string()),
        ("content_id", pa.string()),
        ("actor", pa.string()),
        ("rule", pa.string()),
        ("at", pa.string()),
    ]
)
CURRENT_SQL = """
    SELECT row_id, max(seq) AS seq, action, content_id, actor, rule, at
    FROM event
    WHERE action <> 'undo' AND seq NOT IN (SELECT supersedes FROM event WHERE supersedes IS NOT NULL)
    GROUP BY row_id
"""
"""The other columns are of the row with the largest seq (https://sqlite.org/lang_select.html, 2.5)."""


def prepare(connection: sqlite3.Connection, where: str, *, change: bool = True) -> None:
    """Bring a record to the newest shape.

    Args:
        connection: An open connection, outside a transaction.
        where: The file, for messages.
        change: False only checks.

    Raises:
        WorkspaceError: Another program's file, a newer tuneset's, or an older one that may not be changed.
    """
    version = _number(connection, "user_version")
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and _number(connection, "application_id") != APPLICATION_ID:
        raise WorkspaceError(
            "the file is not a record of decisions of tuneset",
            where=where,
            fix="move the file out of the way",
        )
    if version > len(MIGRATIONS):
        raise WorkspaceError(
            f"the record has shape {version}; this tuneset knows shapes up to {len(MIGRATIONS)}",
            where=where,
            fix="run: pip install --upgrade tuneset",
        )
    if version < len(MIGRATIONS) and change:
        _migrate(connection)


def _migrate(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _number(connection, "user_version")  # another process may have been faster
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return connection.execute(f"PRAGMA {pragma}").fetchone()[0]


def connect(uri: str) -> sqlite3.Connection:
    """A connection that trusts nothing the file's schema says and syncs every commit."""
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    connection.row_factory = sqlite3.Row
    for pragma in ("trusted_schema = OFF", "synchronous = FULL", "foreign_keys = ON", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def connect_reading(path: Path) -> sqlite3.Connection:
    """A connection that only reads.

    It is opened for writing where the folder allows, so that SQLite can put its side files away; in a
    folder that cannot be written, the file is taken as it stands.
    """
    uri = path.absolute().as_uri()
    for mode in ("?mode=rw", "?mode=ro"):
        try:
            return _looked_at(connect(uri + mode))
        except sqlite3.OperationalError:
            continue
    return _looked_at(connect(uri + "?mode=ro&immutable=1"))


def _looked_at(connection: sqlite3.Connection) -> sqlite3.Connection:
    """The connection, closed to writing, once a first reading has succeeded."""
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def speaking(where: str) -> Iterator[None]:
    """SQLite's errors in our three parts."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise WorkspaceError(
            f"the decision was refused ({error})", where=where, fix="undo only a decision that stands, once"
        ) from error
    except sqlite3.Error as error:
        fix = next((fix for text, fix in FIXES.items() if text in str(error)), FIXES[""])
        raise WorkspaceError(
            f"the record of decisions cannot be used ({error})", where=where, fix=fix
        ) from error
