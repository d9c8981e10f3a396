from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest
from tuneset.review_app.store import Draft, Store
from tuneset.review_app.verify import Chain
from tuneset.schemas.errors import WorkspaceError

FIRST_SHAPE = """
CREATE TABLE event (
    seq INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, at TEXT NOT NULL, actor TEXT NOT NULL,
    action TEXT NOT NULL, row_id TEXT NOT NULL, content_id TEXT NOT NULL, reason TEXT, rule TEXT,
    batch_id TEXT, supersedes INTEGER UNIQUE, prev_hash TEXT NOT NULL, hash TEXT NOT NULL
)
"""
EVENTS = [
    {"action": "approve", "row_id": "f:1", "rule": "true", "batch_id": "b"},
    {"action": "approve", "row_id": "f:2", "rule": "true", "batch_id": "b"},
    {"action": "reject", "row_id": "f:2", "reason": "tone"},
    {"action": "undo", "row_id": "f:2", "supersedes": 3},
]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A record as the first release wrote it, made without our code."""
    path = tmp_path / "review.db"
    db = sqlite3.connect(path)
    db.execute(FIRST_SHAPE)
    head = "0" * 64
    for seq, told in enumerate(EVENTS, start=1):
        event = {
            "seq": seq,
            "uuid": f"u{seq}",
            "at": f"2026-01-01T00:00:0{seq}.000Z",
            "actor": "ana",
            "content_id": "c",
            **dict.fromkeys(("reason", "rule", "batch_id", "supersedes")),
            **told,
        }
        text = json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        event |= {"prev_hash": head, "hash": hashlib.sha256((head + text).encode()).hexdigest()}
        head = event["hash"]
        db.execute(
            f"INSERT INTO event ({', '.join(event)}) VALUES ({', '.join('?' * len(event))})",
            tuple(event.values()),
        )
    db.execute("PRAGMA application_id = 1414876741")
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()
    return path


def test_an_old_record_is_brought_to_the_new_shape_and_its_chain_holds(old: Path) -> None:
    with Store.open(old) as store:
        assert store.verify().events == 4
        assert {r["row_id"]: r["action"] for r in store.current().to_pylist()} == {
            "f:1": "approve",
            "f:2": "approve",
        }
        store.append_many([Draft("reject", "f:1", "c", reason="unsafe")], actor="bob")
        assert store.verify().events == 5
        assert [e.shape for e in store.events()] == [1, 1, 1, 1, 2]
    with pytest.raises(sqlite3.IntegrityError):
        sqlite3.connect(old).execute("DELETE FROM event")


def test_an_old_record_is_read_without_being_changed(old: Path) -> None:
    before = old.read_bytes()
    with Store.reading(old) as store:
        assert store.current().num_rows == 2
        store.verify()
    assert old.read_bytes() == before


def test_a_record_that_was_cut_short_is_seen_by_what_was_noted(old: Path) -> None:
    with Store.open(old) as store:
        chain = store.verify()
        store.verify([chain])
        with pytest.raises(WorkspaceError, match="noted 5 events"):
            store.verify([Chain(5, "0" * 64)])
        with pytest.raises(WorkspaceError, match="event 2 is not the one"):
            store.verify([Chain(2, "0" * 64)])
