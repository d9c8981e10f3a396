"""The process's connections to a record in PostgreSQL: one small pool for each address."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field

import sqlalchemy
from sqlalchemy import event

from .postgresql_address import Address

KEPT = 8
MORE = 56
OPTIONS = {
    "lock_timeout": "60s",
    "jit": "off",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
DRIVER = {
    "autocommit": True,
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "application_name": "tuneset",
}
DURABLE = """
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'
"""
Key = tuple[int, str, str, bool]


@dataclass
class Pool:
    """A pool and how many stores use it; it ends with the last of them."""

    key: Key = field(repr=False)
    engine: sqlalchemy.Engine
    users: int = 0


_pools: dict[Key, Pool] = {}
_lock = threading.Lock()


def taken(place: Address, *, read_only: bool) -> Pool:
    """The process's pool for an address, with one user more; a forked process has its own."""
    key = (os.getpid(), place.url, place.schema, read_only)
    with _lock:
        pool = _pools.get(key) or _pools.setdefault(key, Pool(key, _engine(place, read_only)))
        pool.users += 1
        return pool


def left(pool: Pool) -> None:
    """One user less."""
    with _lock:
        pool.users -= 1
        if pool.users:
            return
        _pools.pop(pool.key, None)
    pool.engine.dispose()


def _engine(place: Address, read_only: bool) -> sqlalchemy.Engine:
    options = {**OPTIONS, "search_path": place.schema}
    if read_only:
        options["default_transaction_read_only"] = "on"
    told = " ".join(f"-c {name}={value}" for name, value in options.items())
    engine = sqlalchemy.create_engine(
        place.url,
        pool_size=KEPT,
        max_overflow=MORE,
        pool_pre_ping=True,
        connect_args={**DRIVER, "options": told},
    )
    event.listen(engine, "connect", lambda db, _: db.execute(DURABLE))
    return engine
