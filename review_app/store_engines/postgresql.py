"""A record in PostgreSQL: pooled connections, one writer at a time, and its clock.

A writer holds an advisory lock from the first statement of its transaction to the commit. The commit under
the lock is asynchronous; before it returns, the log is flushed outside the lock. So what was acknowledged
is on the disk, together with everything it follows, and many writers share one flush.
"""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from ...schemas.errors import MissingExtraError
from .connection import Connection, Values
from .postgresql_address import Address, address
from .sqlite import empty_record
from .tables import guard_sources

try:
    import psycopg
    import sqlalchemy
    from psycopg.rows import dict_row, tuple_row
except ImportError as error:
    raise MissingExtraError.of(
        "postgres", error.name or "psycopg", where="a record of decisions on PostgreSQL"
    ) from error

from .postgresql_errors import Lost, NoConnection, is_lost, speaking
from .postgresql_pool import left, taken
from .postgresql_schema import has_record, prepare

CHUNK = 10_000
RECONNECT_SECONDS = 4.0
BEGIN = """
    BEGIN ISOLATION LEVEL READ COMMITTED;
    SELECT set_config('idle_in_transaction_session_timeout', '300s', true),
        set_config('synchronous_commit', 'off', true);
    SELECT pg_advisory_xact_lock({key});
    SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS now
"""
"""One round trip; each statement sees what was committed before it began, so none may wait with the lock."""
BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
FLUSH = "SELECT pg_logical_emit_message(true, 'tuneset', '')"
"""An empty message in the log: its commit waits until the log is on the disk up to here."""
STANDING_GUARDS = """
    SELECT t.tgname AS name, p.prosrc AS source FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE n.nspname = :schema AND NOT t.tgisinternal AND t.tgenabled = 'A'
"""
T = TypeVar("T")


class PostgresqlConnection:
    """A connection of the process's pool; one that was lost is replaced where nothing was begun."""

    def __init__(self, place: Address, *, read_only: bool = False) -> None:
        self.where = place.where
        self._place = place
        self._pool = taken(place, read_only=read_only)
        self._begin = BEGIN.format(key=_lock_key(place.schema)).encode()
        self._commit = b"COMMIT" if read_only else f"COMMIT; {FLUSH}".encode()
        self._read_only = read_only
        self._link: Any = None
        self._known = False
        self._closed = False
        self._within = False

    @property
    def in_transaction(self) -> bool:
        return self._within

    def rows(self, sql: str, values: Values | None = None) -> Sequence[Mapping[str, Any]]:
        return self._do(lambda db: _cursor(db).execute(_driver_sql(sql), values or {}).fetchall())

    def stream(self, sql: str, values: Values | None = None) -> Iterator[Mapping[str, Any]]:
        for rows in self._fetched(sql, values, dict_row):
            yield from rows

    def pages(self, sql: str, values: Values | None = None) -> Iterator[Sequence[tuple[Any, ...]]]:
        yield from self._fetched(sql, values, tuple_row)

    def _fetched(self, sql: str, values: Values | None, kind: Any) -> Iterator[Sequence[Any]]:
        """The rows of a question by a cursor of the server; outside a transaction on a link of its own."""
        if self._within:
            yield from _streamed(self._driver(), sql, values, kind)
            return
        other = PostgresqlConnection(self._place, read_only=self._read_only)
        try:
            other.begin_reading()
            yield from _streamed(other._driver(), sql, values, kind)
            other.commit()
        finally:
            other.close()

    def run(self, sql: str, values: Values | None = None) -> int:
        return self._do(lambda db: db.cursor().execute(_driver_sql(sql), values or {}).rowcount)

    def insert_many(self, table: str, columns: Sequence[str], lines: Sequence[Sequence[Any]]) -> None:
        def work(db: psycopg.Connection[Any]) -> None:
            with db.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy:
                for line in lines:
                    copy.write_row(line)

        self._do(work)

    def analyze(self, table: str) -> None:
        self.run(f"ANALYZE {table}")

    def run_all(self, statements: Sequence[tuple[str, Values]]) -> None:
        def work(db: psycopg.Connection[Any]) -> None:
            with db.pipeline():
                cursor = db.cursor()
                for sql, values in statements:
                    cursor.execute(_driver_sql(sql), values)

        self._do(work)

    def begin(self) -> str:
        try:
            cursor = self._do(lambda db: _cursor(db).execute(self._begin, prepare=False))
        except psycopg.Error:
            self.rollback()  # the lock was not to be had in time
            raise
        self._within = True
        while cursor.nextset():
            pass
        return cursor.fetchall()[0]["now"]

    def begin_reading(self) -> None:
        self._do(lambda db: db.execute(BEGIN_READING))
        self._within = True

    def commit(self) -> None:
        self._do(lambda db: db.execute(self._commit, prepare=False))
        self._within = False

    def rollback(self) -> None:
        self._within = False
        if self._link is None:
            return
        try:
            self._link.driver_connection.execute("ROLLBACK")
        except psycopg.Error:
            self._drop()

    def missing_guards(self) -> set[str]:
        found = {r["name"]: r["source"] for r in self.rows(STANDING_GUARDS, {"schema": self._place.schema})}
        return {n for n, source in guard_sources("postgresql").items() if found.get(n) != source}

    def speaking(self) -> Any:
        return speaking(self.where)

    def close(self) -> None:
        if self._within:
            self.rollback()
        if self._link is not None:
            self._link.close()
            self._link = None
        if not self._closed:
            self._closed = True
            left(self._pool)

    def _do(self, work: Callable[[psycopg.Connection[Any]], T]) -> T:
        """Do something on the connection; again on a new one, when it was lost and nothing was begun."""
        try:
            return work(self._driver())
        except NoConnection:
            raise
        except psycopg.Error as error:
            if not is_lost(error, self._link and self._link.driver_connection):
                raise
            began, self._within = self._within, False
            self._drop()
            if began:
                raise Lost(str(error)) from error
        return work(self._driver())

    def _driver(self) -> psycopg.Connection[Any]:
        if self._link is None:
            self._link = self._connected()
            self._known = True
        return self._link.driver_connection

    def _connected(self) -> Any:
        """A connection; a server that was there before gets some seconds to come back."""
        until = time.monotonic() + (RECONNECT_SECONDS if self._known else 0)
        while True:
            try:
                return self._pool.engine.raw_connection()
            except psycopg.OperationalError as error:
                if time.monotonic() > until:
                    raise NoConnection(str(error)) from error
                time.sleep(0.1)

    def _drop(self) -> None:
        if self._link is not None:
            self._link.invalidate()
            self._link = None


def open_postgresql(url: str) -> PostgresqlConnection:
    """The record at an address, made when it is not there, in the newest shape.

    Args:
        url: `postgresql://USER@HOST:PORT/DATABASE?schema=NAME`; the password from PGPASSWORD or ~/.pgpass.

    Raises:
        WorkspaceError: No connection, a schema of another program, or a record of a newer tuneset.
    """
    place = address(url)
    with speaking(place.where):
        connection = PostgresqlConnection(place)
        try:
            prepare(connection, place.schema)
        except BaseException:
            connection.close()
            raise
    return connection


def read_postgresql(url: str) -> Connection:
    """The record at an address, for questions only; an empty one when there is none.

    Raises:
        WorkspaceError: No connection, a schema of another program, or a record of a newer tuneset.
    """
    place = address(url)
    with speaking(place.where):
        connection = PostgresqlConnection(place, read_only=True)
        try:
            found = has_record(connection, place.schema)
        except BaseException:
            connection.close()
            raise
    if found:
        return connection
    connection.close()
    return empty_record(place.where)


def _streamed(
    db: psycopg.Connection[Any], sql: str, values: Values | None, kind: Any
) -> Iterator[Sequence[Any]]:
    with db.cursor(f"tuneset_{time.monotonic_ns()}", row_factory=kind) as cursor:
        cursor.execute(_driver_sql(sql), values or {})
        while rows := cursor.fetchmany(CHUNK):
            yield rows


def _cursor(db: psycopg.Connection[Any]) -> psycopg.Cursor[dict[str, Any]]:
    return db.cursor(row_factory=dict_row)


@functools.lru_cache(maxsize=1000)
def _driver_sql(sql: str) -> bytes:
    """The driver's placeholders in place of :name."""
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    return str(sqlalchemy.text(sql).compile(dialect=PGDialect_psycopg())).encode()


def _lock_key(schema: str) -> int:
    """The advisory lock of a schema's writers."""
    return int.from_bytes(hashlib.sha256(f"tuneset/{schema}".encode()).digest()[:8], "big", signed=True)
