"""The record's schema in PostgreSQL: made, checked, and brought to the newest shape."""

from __future__ import annotations

from typing import Any

from ...schemas.errors import WorkspaceError
from .connection import Connection
from .tables import EVENT, EVENT_INDEXES, OTHERS, guards, with_byte_order

PROGRAM = "tuneset record of decisions"
FIRST_SHAPE = 2
OLDEST = 130_000
MARK = (
    "CREATE TABLE record (program TEXT NOT NULL, shape INTEGER NOT NULL)",
    f"INSERT INTO record (program, shape) VALUES ('{PROGRAM}', {FIRST_SHAPE})",
)
MIGRATIONS: tuple[tuple[str, ...], ...] = ((*MARK, EVENT, *EVENT_INDEXES, *OTHERS, *guards("postgresql")),)
"""Statements from each shape to the next; the first makes shape 2, which SQLite's second makes."""
NEWEST = FIRST_SHAPE + len(MIGRATIONS) - 1


def prepare(db: Connection, schema: str) -> None:
    """Bring a record to the newest shape, made when it is not there.

    Raises:
        WorkspaceError: Another program's schema, a newer tuneset's, or a server that cannot hold a record.
    """
    if _shape(db, schema) == NEWEST:
        return
    _check_server(db)
    db.begin()
    try:
        shape = _shape(db, schema)  # another process may have been faster
        if not db.rows("SELECT 1 AS one FROM pg_namespace WHERE nspname = :schema", {"schema": schema}):
            db.run(f'CREATE SCHEMA "{schema}"')
        for statements in MIGRATIONS[shape + 1 - FIRST_SHAPE if shape else 0 :]:
            for statement in statements:
                db.run(with_byte_order(statement))
        db.run("UPDATE record SET shape = :shape", {"shape": NEWEST})
        db.commit()
    except BaseException:
        db.rollback()
        raise


def has_record(db: Connection, schema: str) -> bool:
    """Whether there is a record in the newest shape.

    Raises:
        WorkspaceError: Another program's schema, a newer tuneset's, or a record of an older shape.
    """
    shape = _shape(db, schema)
    if 0 < shape < NEWEST:
        raise WorkspaceError(
            f"the record has shape {shape}, and is brought to shape {NEWEST} when it is opened for writing",
            where=db.where,
            fix="run: tuneset review on it once",
        )
    return shape == NEWEST


def _shape(db: Connection, schema: str) -> int:
    """The record's shape; 0 when the schema is empty or not there."""
    names = {
        r["name"]
        for r in db.rows(
            "SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = :schema AND c.relkind IN ('r', 'v', 'm', 'p', 'f')",
            {"schema": schema},
        )
    }
    if not names:
        return 0
    marks: list[Any] = []
    if "record" in names and "event" in names:
        marks = [dict(r) for r in db.rows("SELECT * FROM record")]
    if len(marks) != 1 or marks[0].get("program") != PROGRAM:
        raise WorkspaceError(
            f"the schema {schema!r} holds tables that are not a record of decisions of tuneset",
            where=db.where,
            fix="choose another schema for the record: ?schema=NAME in the address",
        )
    if marks[0]["shape"] > NEWEST:
        raise WorkspaceError(
            f"the record has shape {marks[0]['shape']}; this tuneset knows shapes up to {NEWEST}",
            where=db.where,
            fix="run: pip install --upgrade tuneset",
        )
    return int(marks[0]["shape"])


def _check_server(db: Connection) -> None:
    told = db.rows(
        "SELECT current_setting('server_encoding') AS encoding,"
        " current_setting('server_version_num')::int AS version, current_setting('server_version') AS name"
    )[0]
    if told["encoding"] != "UTF8":
        raise WorkspaceError(
            f"the database's encoding is {told['encoding']}, and texts in other letters would be refused",
            where=db.where,
            fix="make a database for the record: createdb --encoding UTF8 --template template0 NAME",
        )
    if told["version"] < OLDEST:
        raise WorkspaceError(
            f"the server is PostgreSQL {told['name']}; a record takes 13 or newer",
            where=db.where,
            fix="use a newer server",
        )
