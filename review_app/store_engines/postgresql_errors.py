"""PostgreSQL's errors in our three parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors
from sqlalchemy.exc import SQLAlchemyError

from ...schemas.errors import WorkspaceError
from .connection import unfit_text
from .sqlite import UNDO_FIX

AGAIN = "save again: nothing was recorded, and a decision that was is never stored twice"
CONNECT_FIXES = {
    "password": "set PGPASSWORD or a line in ~/.pgpass, and check the user's name in the address",
    "does not exist": "check the names in the address, or make them with createuser and createdb",
    "refused": "start the server, and check host and port in the address",
    "translate host": "check the host in the address",
    "too many": "raise max_connections on the server, or close other programs that use it",
    "": "check that the server runs and lets this user in (pg_hba.conf)",
}
"""What the server's message holds to what to do."""
FIXES: tuple[tuple[type[psycopg.Error], str], ...] = (
    (errors.LockNotAvailable, "wait for the other command to end, then do this again; nothing was recorded"),
    (errors.DiskFull, "free some space on the database's server and do this again; nothing was recorded"),
    (
        errors.InsufficientPrivilege,
        "ask the database's owner: GRANT CREATE ON DATABASE, or USAGE and rights on the record's schema",
    ),
    (errors.ReadOnlySqlTransaction, "open the record for writing, on the server that takes writes"),
    (psycopg.Error, "look into the log of the database's server; nothing was recorded"),
)


class NoConnection(psycopg.OperationalError):
    """No connection was to be had."""


class Lost(psycopg.OperationalError):
    """The connection was lost after a transaction had begun."""


def is_lost(error: psycopg.Error, db: Any) -> bool:
    """Whether the connection is gone rather than the statement refused."""
    state = error.sqlstate or ""
    return db is None or db.closed or db.broken or state.startswith(("08", "57P", "25P03"))


@contextmanager
def speaking(where: str) -> Iterator[None]:
    """PostgreSQL's errors in our three parts."""
    try:
        yield
    except (psycopg.Error, SQLAlchemyError, UnicodeEncodeError) as error:
        raise _told(error, where) from error


def _told(error: Exception, where: str) -> Exception:
    if isinstance(error, NoConnection | SQLAlchemyError):
        return _no_connection(str(error), where)
    text = _short(str(error))
    if isinstance(error, UnicodeEncodeError) or (isinstance(error, psycopg.DataError) and "NUL" in text):
        return unfit_text(where)
    if isinstance(error, psycopg.IntegrityError):
        return WorkspaceError(f"the decision was refused ({text})", where=where, fix=UNDO_FIX)
    if isinstance(error, Lost) or getattr(error, "sqlstate", None) is None:
        return WorkspaceError(f"the connection to the database was lost ({text})", where=where, fix=AGAIN)
    fix = next(fix for kind, fix in FIXES if isinstance(error, kind))
    return WorkspaceError(f"the record of decisions cannot be used ({text})", where=where, fix=fix)


def _no_connection(text: str, where: str) -> WorkspaceError:
    fix = next(fix for part, fix in CONNECT_FIXES.items() if part in text)
    return WorkspaceError(f"no connection to the database ({_short(text)})", where=where, fix=fix)


def _short(text: str) -> str:
    """The first line of a message; the rest tells of our functions."""
    return text.strip().splitlines()[0] if text.strip() else "no word from the server"
