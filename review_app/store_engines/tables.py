"""The tables of a record of decisions, in the two dialects.

Final, guarded by triggers: `event`, `edition`, `guideline`. Projections of the events, which can be
made again from them: `vote`, `standing`. Working tables: `queue_item`, `lease`, `skipped`, `setting`.
People: `person`.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, get_args

from ...schemas.review import Action

Dialect = Literal["sqlite", "postgresql"]

ACTIONS = ", ".join(f"'{action}'" for action in get_args(Action))
FINAL_TABLES = ("event", "edition", "guideline")

EVENT = f"""
    CREATE TABLE event (
        seq BIGINT PRIMARY KEY,
        shape INTEGER NOT NULL,
        uuid TEXT NOT NULL UNIQUE,
        at TEXT NOT NULL,
        actor TEXT NOT NULL CHECK (actor <> ''),
        action TEXT NOT NULL CHECK (action IN ({ACTIONS})),
        task TEXT NOT NULL,
        item_id TEXT,
        row_id TEXT,
        content_id TEXT,
        shown_id TEXT,
        reason TEXT,
        note TEXT,
        value TEXT,
        rule TEXT,
        batch_id TEXT,
        supersedes BIGINT UNIQUE REFERENCES event (seq),
        final INTEGER NOT NULL DEFAULT 0 CHECK (final IN (0, 1)),
        painted_at TEXT,
        dwell_ms BIGINT,
        input TEXT,
        guideline INTEGER,
        app_version TEXT,
        prev_hash TEXT NOT NULL,
        hash TEXT NOT NULL,
        CHECK ((action = 'undo') = (supersedes IS NOT NULL)),
        CHECK (action NOT IN ('approve', 'reject') OR (row_id IS NOT NULL AND content_id IS NOT NULL))
    )
"""

EVENT_INDEXES = (
    "CREATE INDEX event_by_row ON event (row_id, seq)",
    "CREATE INDEX event_by_actor ON event (actor, seq)",
    "CREATE INDEX event_by_item ON event (item_id, seq) WHERE item_id IS NOT NULL",
    "CREATE INDEX event_by_batch ON event (batch_id) WHERE batch_id IS NOT NULL",
)

OTHERS = (
    """
    CREATE TABLE edition (
        content_id TEXT NOT NULL,
        row_id TEXT NOT NULL,
        parent_id TEXT NOT NULL,
        actor TEXT NOT NULL,
        at TEXT NOT NULL,
        payload TEXT NOT NULL,
        PRIMARY KEY (content_id, row_id, parent_id)
    )
    """,
    """
    CREATE TABLE guideline (
        version INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        actor TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        text TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE vote (
        task TEXT NOT NULL,
        item_id TEXT NOT NULL,
        actor TEXT NOT NULL,
        shown_id TEXT NOT NULL,
        seq BIGINT NOT NULL,
        PRIMARY KEY (task, item_id, actor)
    )
    """,
    """
    CREATE TABLE standing (
        row_id TEXT PRIMARY KEY,
        seq BIGINT NOT NULL,
        action TEXT NOT NULL,
        content_id TEXT NOT NULL,
        shown_id TEXT NOT NULL,
        actor TEXT NOT NULL,
        rule TEXT,
        at TEXT NOT NULL,
        reason TEXT,
        note TEXT,
        value TEXT,
        final INTEGER NOT NULL,
        votes INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE queue_item (
        task TEXT NOT NULL,
        item_id TEXT NOT NULL,
        row_ids TEXT NOT NULL,
        content_ids TEXT NOT NULL,
        content_id TEXT NOT NULL,
        rank BIGINT NOT NULL,
        why TEXT NOT NULL,
        need INTEGER NOT NULL,
        done INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('open', 'done', 'disputed')),
        PRIMARY KEY (task, item_id)
    )
    """,
    "CREATE INDEX queue_next ON queue_item (task, state, rank, item_id)",
    """
    CREATE TABLE lease (
        task TEXT NOT NULL,
        item_id TEXT NOT NULL,
        actor TEXT NOT NULL,
        token BIGINT NOT NULL,
        uuid TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        head INTEGER NOT NULL,
        PRIMARY KEY (task, item_id, actor)
    )
    """,
    "CREATE INDEX lease_by_actor ON lease (actor, task)",
    """
    CREATE TABLE skipped (
        task TEXT NOT NULL,
        item_id TEXT NOT NULL,
        actor TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (task, item_id, actor)
    )
    """,
    "CREATE INDEX skipped_in_order ON skipped (actor, task, at, item_id)",
    """
    CREATE TABLE person (
        name TEXT PRIMARY KEY,
        role TEXT NOT NULL CHECK (role IN ('viewer', 'reviewer', 'adjudicator', 'admin')),
        token_sha256 TEXT UNIQUE,
        created_at TEXT NOT NULL,
        disabled_at TEXT
    )
    """,
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
)

REFUSED = "integrity_constraint_violation"
FOLLOWS = """NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event)
    OR NEW.prev_hash <> coalesce((SELECT hash FROM event WHERE seq = NEW.seq - 1), NEW.prev_hash)"""


class Guard(NamedTuple):
    """A trigger that refuses a change of what is final."""

    name: str
    table: str
    on: Literal["INSERT", "UPDATE", "DELETE", "TRUNCATE"]
    when: str
    message: str


def guards(dialect: Dialect) -> tuple[str, ...]:
    """The statements that make the triggers."""
    if dialect == "sqlite":
        return tuple(_sqlite_guard(guard) for guard in _guards(dialect))
    return tuple(statement for guard in _guards(dialect) for statement in _postgresql_guard(guard))


def guard_sources(dialect: Dialect) -> dict[str, str]:
    """What the database keeps of each trigger as its source, by name."""
    source = _sqlite_guard if dialect == "sqlite" else _postgresql_body
    return {guard.name: source(guard) for guard in _guards(dialect)}


def with_byte_order(statement: str) -> str:
    """A statement for PostgreSQL whose new columns compare texts by their bytes, as SQLite does."""
    return re.sub(r"\bTEXT\b", 'TEXT COLLATE "C"', statement)


def _guards(dialect: Dialect) -> list[Guard]:
    same = "IS" if dialect == "sqlite" else "IS NOT DISTINCT FROM"
    no_decision = f"""NEW.action = 'undo' AND NOT EXISTS (
        SELECT 1 FROM event
        WHERE seq = NEW.supersedes AND row_id {same} NEW.row_id AND action <> 'undo'
    )"""
    told = [
        Guard("event_follows", "event", "INSERT", FOLLOWS, "events are appended one after another"),
        Guard("undo_has_a_decision", "event", "INSERT", no_decision, "no such decision on this row to undo"),
    ]
    for table in FINAL_TABLES:
        told.append(Guard(f"{table}_is_final", table, "UPDATE", "", f"{table}s are never changed"))
        told.append(Guard(f"{table}_stays", table, "DELETE", "", f"{table}s are never deleted"))
        if dialect == "postgresql":
            told.append(Guard(f"{table}_is_kept", table, "TRUNCATE", "", f"{table}s are never deleted"))
    return told


def _sqlite_guard(guard: Guard) -> str:
    when = f" WHEN {guard.when}" if guard.when else ""
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.on} ON {guard.table}{when}"
        f" BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
    )


def _postgresql_guard(guard: Guard) -> tuple[str, ...]:
    """A function and a trigger that fires always, also where a session plays a replica."""
    each = "STATEMENT" if guard.on == "TRUNCATE" else "ROW"
    return (
        f"CREATE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT"
        f" AS $${_postgresql_body(guard)}$$",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.on} ON {guard.table}"
        f" FOR EACH {each} EXECUTE FUNCTION {guard.name}()",
        f"ALTER TABLE {guard.table} ENABLE ALWAYS TRIGGER {guard.name}",
    )


def _postgresql_body(guard: Guard) -> str:
    refuse = f"RAISE EXCEPTION '{guard.message}' USING ERRCODE = '{REFUSED}';"
    if not guard.when:
        return f" BEGIN {refuse} END "
    return f" BEGIN IF {guard.when} THEN {refuse} END IF; RETURN NEW; END "
