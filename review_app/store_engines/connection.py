"""What the store asks of a database: SQL with :named values, one writer at a time, and its clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from ...schemas.errors import ReviewError

Values = Mapping[str, Any]


class Connection(Protocol):
    """One connection to a record, used by one thread at a time.

    The SQL is the part that SQLite 3.35 and PostgreSQL 13 share (upserts, RETURNING, row values), with
    `:name` for every value. Texts compare by their UTF-8 bytes in both.
    """

    where: str
    """The file or the address without its password, for messages."""

    @property
    def in_transaction(self) -> bool: ...

    def rows(self, sql: str, values: Values | None = None) -> Sequence[Mapping[str, Any]]:
        """All rows of a question."""
        ...

    def stream(self, sql: str, values: Values | None = None) -> Iterator[Mapping[str, Any]]:
        """The rows of a question one by one, in little memory."""
        ...

    def pages(self, sql: str, values: Values | None = None) -> Iterator[Sequence[tuple[Any, ...]]]:
        """The rows of a question as plain tuples, thousands at a time."""
        ...

    def run(self, sql: str, values: Values | None = None) -> int:
        """A statement; how many rows it touched."""
        ...

    def insert_many(self, table: str, columns: Sequence[str], lines: Sequence[Sequence[Any]]) -> None:
        """Many new lines of a table, each in the order of the columns."""
        ...

    def run_all(self, statements: Sequence[tuple[str, Values]]) -> None:
        """Statements in order, in as few round trips as the database allows."""
        ...

    def analyze(self, table: str) -> None:
        """Count a table anew for the planner, where many lines of it changed."""
        ...

    def begin(self) -> str:
        """Open a transaction as the only writer; the database's time, UTC, ISO 8601, milliseconds."""
        ...

    def begin_reading(self) -> None:
        """Open a transaction whose every question sees the same moment; it can write nothing."""
        ...

    def commit(self) -> None:
        """End the transaction; what it wrote is on the disk when this returns."""
        ...

    def rollback(self) -> None: ...

    def missing_guards(self) -> set[str]:
        """Names of the triggers that were removed, disabled or changed."""
        ...

    def speaking(self) -> AbstractContextManager[None]:
        """The database's errors in our three parts."""
        ...

    def close(self) -> None: ...


def utc_text(moment: datetime) -> str:
    """UTC, ISO 8601 with milliseconds and Z: texts that sort like the moments."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_url(place: str | Path) -> bool:
    """Whether a record's place is a PostgreSQL address rather than a file."""
    return isinstance(place, str) and place.startswith(
        ("postgresql://", "postgresql+psycopg://", "postgres://")
    )


def unfit_text(where: str) -> ReviewError:
    """The error of a text that no database keeps as it came."""
    return ReviewError(
        "a text holds a NUL character or half of a surrogate pair, which cannot be recorded",
        where=where,
        fix="remove the broken character and save again; nothing was recorded",
    )


def check_text(text: str, where: str) -> None:
    """Refuse a text that one of the databases would not keep.

    Raises:
        ReviewError: It holds a NUL character.
    """
    if "\x00" in text:
        raise unfit_text(where)
