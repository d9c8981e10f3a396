from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.review_app.store import Draft, Store
from tuneset.schemas.errors import WorkspaceError
from tuneset.schemas.review import Event


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "review.db"


def _approve(row: str, content: str = "c", **more) -> Draft:
    return Draft("approve", row, content, **more)


def test_events_come_back_as_written(place: Path | str) -> None:
    with Store.open(place) as store:
        stored = store.append_many(
            [
                _approve("a:1", rule="true", batch_id="b1", uuid="u1"),
                Draft("reject", "a:2", "d", reason="tone", uuid="u2"),
            ],
            actor="ana",
            at="2026-01-02T03:04:05.000Z",
        )
        assert stored == 2
        first, second = store.events()
    assert first == Event(
        seq=1,
        uuid="u1",
        at="2026-01-02T03:04:05.000Z",
        actor="ana",
        action="approve",
        row_id="a:1",
        content_id="c",
        rule="true",
        batch_id="b1",
        prev_hash="0" * 64,
        hash=first.hash,
    )
    assert (second.seq, second.reason, second.prev_hash) == (2, "tone", first.hash)


def test_the_hash_is_the_documented_one(place: Path | str) -> None:
    """An independent reading of the rule in schemas/review.py."""
    with Store.open(place) as store:
        store.append_many([_approve("a:1"), _approve("é:2")], actor="Zoë")
        head = "0" * 64
        for event in store.events():
            members = {k: v for k, v in event.model_dump().items() if k not in ("prev_hash", "hash")}
            text = json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            head = hashlib.sha256((head + text).encode()).hexdigest()
            assert event.hash == head
        chain = store.verify()
    assert (chain.events, chain.head) == (2, head)


def test_the_same_key_is_stored_once(place: Path | str) -> None:
    with Store.open(place) as store:
        draft = _approve("a:1")
        assert store.append_many([draft, draft], actor="ana") == 1
        assert store.append_many([draft, _approve("a:2")], actor="ana") == 1
        assert [e.seq for e in store.events()] == [1, 2]
        assert store.verify().events == 2


def test_a_batch_is_stored_whole_or_not_at_all(place: Path | str) -> None:
    def drafts():
        yield _approve("a:1")
        raise KeyboardInterrupt

    with Store.open(place) as store:
        with pytest.raises(KeyboardInterrupt):
            store.append_many(drafts(), actor="ana")
        assert list(store.events()) == []
        assert store.append_many([_approve("a:1")], actor="ana") == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE event SET actor = 'eve' WHERE seq = 1",
        "DELETE FROM event WHERE seq = 2",
        "DELETE FROM event",
        "INSERT INTO event (seq, shape, uuid, at, actor, action, task, row_id, content_id, prev_hash, hash)"
        " SELECT 7, shape, 'u9', at, actor, action, task, row_id, content_id, prev_hash, hash"
        " FROM event WHERE seq = 1",
    ],
)
def test_the_file_refuses_changes(path: Path, sql: str) -> None:
    with Store.open(path) as store:
        store.append_many([_approve("a:1"), _approve("a:2")], actor="ana")
    plain = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError):
        plain.execute(sql)
    plain.close()


def _tamper(path: Path, sql: str) -> None:
    plain = sqlite3.connect(path)
    triggers = plain.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        plain.execute(f"DROP TRIGGER {name}")
    plain.execute(sql)
    for _, text in triggers:
        plain.execute(text)
    plain.commit()
    plain.close()


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE event SET actor = 'eve' WHERE seq = 2", "event 2 was changed"),
        ("UPDATE event SET rule = 'true' WHERE seq = 3", "event 3 was changed"),
        ("UPDATE event SET hash = prev_hash WHERE seq = 4", "event 4 was changed"),
        ("DELETE FROM event WHERE seq = 3", "event 3 is missing"),
        ("DELETE FROM event WHERE seq = 1", "event 1 is missing"),
    ],
)
def test_verify_names_the_first_broken_link(path: Path, sql: str, says: str) -> None:
    with Store.open(path) as store:
        store.append_many([_approve(f"a:{n}") for n in range(1, 6)], actor="ana")
    _tamper(path, sql)
    with Store.reading(path) as store, pytest.raises(WorkspaceError) as error:
        store.verify()
    assert says in error.value.what


def test_verify_misses_no_guard(path: Path) -> None:
    Store.open(path).close()
    plain = sqlite3.connect(path)
    plain.execute("DROP TRIGGER event_stays")
    plain.close()
    with Store.reading(path) as store, pytest.raises(WorkspaceError, match="event_stays"):
        store.verify()


def test_an_undo_takes_back_one_standing_decision_on_its_row(place: Path | str) -> None:
    with Store.open(place) as store:
        store.append_many([_approve("a:1"), _approve("a:2")], actor="ana")
        assert store.append_many([Draft("undo", "a:1", "c", supersedes=1)], actor="ana") == 1
        for draft in (
            Draft("undo", "a:1", "c", supersedes=1),  # already undone
            Draft("undo", "a:1", "c", supersedes=2),  # another row's
            Draft("undo", "a:1", "c", supersedes=3),  # an undo
            Draft("undo", "a:1", "c", supersedes=99),
            Draft("undo", "a:1", "c"),
            Draft("approve", "a:1", "c", supersedes=2),
        ):
            with pytest.raises(WorkspaceError, match="refused"):
                store.append_many([draft], actor="ana")
        assert store.current()["row_id"].to_pylist() == ["a:2"]
        assert store.verify().events == 3


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["approve", "reject", "undo"]), st.integers(0, 3)), max_size=25))
def test_current_is_the_last_decision_that_stands(moves: list[tuple[str, int]]) -> None:
    """Against a plain dictionary of stacks: an undo takes back the row's newest standing decision."""
    stacks: dict[str, list[tuple[int, str]]] = {}
    with Store.reading(Path("nowhere.db")) as store:  # an empty record in memory
        seq = 0
        for action, row in moves:
            stack = stacks.setdefault(f"a:{row}", [])
            if action == "undo" and not stack:
                continue
            seq += 1
            before = stack.pop()[0] if action == "undo" else None
            if action != "undo":
                stack.append((seq, action))
            store.append_many([Draft(action, f"a:{row}", "c", supersedes=before)], actor="ana")  # type: ignore[arg-type]
        told = {r["row_id"]: (r["seq"], r["action"]) for r in store.current().to_pylist()}
        assert told == {row: stack[-1] for row, stack in stacks.items() if stack}
        assert store.verify().events == seq


def test_a_missing_record_reads_as_empty_and_is_not_made(place: Path | str) -> None:
    with Store.reading(place) as store:
        assert list(store.events()) == []
        assert store.current().num_rows == 0
        assert store.verify().events == 0
    if isinstance(place, Path):
        assert not place.exists()
    else:
        with Store.reading(place) as again:
            assert again.where.startswith("postgresql://")


def test_reading_cannot_write(place: Path | str) -> None:
    Store.open(place).close()
    with Store.reading(place) as store, pytest.raises(WorkspaceError, match="read-?only"):
        store.append_many([_approve("a:1")], actor="ana")


@pytest.mark.parametrize("open_it", [Store.open, Store.reading])
def test_a_foreign_or_newer_file_is_refused(path: Path, open_it) -> None:
    path.write_bytes(b"not a database, but long enough to be looked at" * 40)
    with pytest.raises(WorkspaceError, match="not a database"):
        open_it(path)
    path.unlink()
    plain = sqlite3.connect(path)
    plain.execute("CREATE TABLE mine (x)")
    plain.commit()
    with pytest.raises(WorkspaceError, match="not a record of decisions"):
        open_it(path)
    plain.execute("DROP TABLE mine")
    plain.execute("PRAGMA user_version = 99")
    plain.commit()
    plain.close()
    with pytest.raises(WorkspaceError, match="shape 99"):
        open_it(path)


def test_the_pragmas_hold(path: Path) -> None:
    with Store.open(path) as store:
        told = {
            p: store.db.rows(f"PRAGMA {p}")[0][0] for p in ("journal_mode", "synchronous", "trusted_schema")
        }
    assert told == {"journal_mode": "wal", "synchronous": 2, "trusted_schema": 0}


WRITER = """
import sys
from pathlib import Path
from tuneset.review_app.store import Draft, Store
n = int(sys.argv[2])
with Store.open(Path(sys.argv[1])) as store:
    for i in range(20):
        store.append_many([Draft("approve", f"{n}:{i}-{k}", "c") for k in range(3)], actor=f"p{n}")
"""


def test_many_writers_make_one_chain(path: Path) -> None:
    workers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(n)]) for n in range(4)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0, 0]
    with Store.reading(path) as store:
        assert store.verify().events == 4 * 20 * 3
        assert len({e.row_id for e in store.events()}) == 240


KILLED = """
import sys
from pathlib import Path
from tuneset.review_app.store import Draft, Store
store = Store.open(Path(sys.argv[1]))
n = 0
while True:
    store.append_many([Draft("approve", f"a:{n}-{i}", "c") for i in range(5)], actor="ana")
    n += 1
    print(n, flush=True)
"""


def test_a_killed_writer_loses_nothing_it_was_told_is_stored(path: Path) -> None:
    for _ in range(3):
        worker = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert worker.stdout is not None
        told = 0
        start = time.monotonic()
        while time.monotonic() - start < 0.2:
            told = int(worker.stdout.readline())
        os.kill(worker.pid, signal.SIGKILL)
        told = max([told, *(int(line) for line in worker.stdout.read().splitlines() if line)])
        worker.wait()
        worker.stdout.close()
        with Store.open(path) as store:
            events = store.verify().events
        assert events % 5 == 0
        assert events >= told * 5
        path.unlink()
        for side in ("-wal", "-shm"):
            Path(f"{path}{side}").unlink(missing_ok=True)


def test_a_record_that_sqlite_cannot_open_for_writing_is_still_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a read-only disk: each way of opening but the last one is refused."""
    from tuneset.review_app.store_engines import sqlite

    with Store.open(path) as store:
        store.append_many([_approve("a:1")], actor="ana")
    real = sqlite3.connect

    def refuse(address: str, **options) -> sqlite3.Connection:
        if "immutable" not in address:
            raise sqlite3.OperationalError("unable to open database file")
        return real(address, **options)

    monkeypatch.setattr(sqlite.sqlite3, "connect", refuse)
    with Store.reading(path) as store:
        assert store.current()["row_id"].to_pylist() == ["a:1"]
