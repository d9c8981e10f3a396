"""What goes wrong around a record: locks, full disks, folders that cannot be written, odd texts, threads."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tuneset.review_app.desk import Desk, Shown
from tuneset.review_app.office import Office
from tuneset.review_app.people import Person
from tuneset.review_app.queue import sync
from tuneset.review_app.store import Draft, Store
from tuneset.review_app.store_engines import sqlite
from tuneset.review_app.store_pool import StorePool
from tuneset.schemas.errors import NotShown, ReviewError, WorkspaceError
from tuneset.schemas.example import content_id
from tuneset.schemas.review import ReviewItem

SEEN = Shown("2026-01-01T00:00:00.000Z", 4_000, "key")
OWNER = Person("root", "admin", owner=True)


def _queue(store: Store, n: int, task: str = "review") -> None:
    items = [
        ReviewItem(task="review", item_id=f"f:{i}", row_ids=(f"f:{i}",), content_ids=(f"c{i}",), rank=i, why="next")
        for i in range(n)
    ]  # fmt: skip
    groups = [
        ReviewItem(
            task="group", item_id=f"g{i}", row_ids=(f"f:{i}", f"f:{n - 1 - i}"),
            content_ids=(f"c{i}", f"c{n - 1 - i}"), rank=i, why="near",
        )
        for i in range(n // 2)
    ]  # fmt: skip
    sync(store, [*items, *(groups if task == "group" else [])], "run1")


@pytest.mark.parametrize("text", ["a\x00b", "half \ud83d of a pair"])
def test_texts_that_cannot_be_kept_are_refused_alike(place: Path | str, text: str) -> None:
    with Store.open(place) as store:
        _queue(store, 2)
        desk = Desk(store, OWNER)
        ticket = desk.claim()
        assert ticket
        for act in (
            lambda: desk.decide(ticket, "approve", SEEN, note=text),
            lambda: desk.note("f:1", "c1", text),
            lambda: Office(store, OWNER).write_guidelines(text),
            lambda: Office(store, OWNER).bulk([("f:1", "c1")], "reject", rule="all", reason=text),
        ):
            with pytest.raises(ReviewError, match="cannot be recorded"):
                act()
        assert store.verify().events == 0
        assert desk.decide(ticket, "approve", SEEN, note="whole 😀 \u200b text").fresh


def test_a_nul_inside_a_content_is_kept(place: Path | str) -> None:
    """Contents are JSON, which escapes it."""
    messages = [{"role": "assistant", "content": "a\x00b\u2028c"}]
    with Store.open(place) as store:
        _queue(store, 1)
        desk = Desk(store, OWNER)
        ticket = desk.claim()
        assert ticket
        desk.decide(ticket, "approve", SEEN, payload={"messages": messages})
        (edition,) = store.editions().to_pylist()
        assert edition["content_id"] == content_id(messages)
        store.verify()


def test_half_a_surrogate_in_a_content_is_refused(place: Path | str) -> None:
    with Store.open(place) as store:
        _queue(store, 1)
        desk = Desk(store, OWNER)
        ticket = desk.claim()
        assert ticket
        with pytest.raises(ReviewError, match="cannot be recorded"):
            desk.decide(
                ticket, "approve", SEEN, payload={"messages": [{"role": "assistant", "content": "\ud83d"}]}
            )
        assert store.verify().events == 0


def test_a_claim_looks_past_any_number_of_items_that_are_taken(place: Path | str) -> None:
    """More than one page of the queue's index: skipped, decided by me, and with rows in others' hands."""
    with Store.open(place) as store:
        _queue(store, 300, "group")
        first = Desk(store, OWNER)
        for _ in range(250):
            ticket = first.claim()
            assert ticket
            first.skip(ticket, SEEN)
        ticket = first.claim()
        assert ticket
        assert ticket.item_id == "f:250"
        for n in range(60):
            Desk(store, Person(f"p{n}", "admin", owner=True)).claim()
        group = first.claim("group")
        assert group
        assert group.item_id == "g60"  # the rows of those before it are in someone's hands


def test_what_was_skipped_comes_back_in_the_order_of_skipping(place: Path | str) -> None:
    with Store.open(place) as store:
        _queue(store, 30)
        desk = Desk(store, OWNER)
        order = []
        for _ in range(60):
            ticket = desk.claim()
            assert ticket
            order.append(ticket.item_id)
            desk.skip(ticket, SEEN)
        assert sorted(order[:30]) == sorted(order[30:])


def test_threads_of_one_process_take_turns(place: Path | str) -> None:
    pool = StorePool(place)
    with pool.borrow() as store:
        _queue(store, 400)

    def work(n: int) -> list[str]:
        keys = []
        for _ in range(10):  # as in the app, every act is another thread's turn
            with pool.borrow() as store:
                ticket = Desk(store, Person(f"p{n}", "admin", owner=True)).claim()
            assert ticket
            with pool.borrow() as store:
                assert Desk(store, Person(f"p{n}", "admin", owner=True)).decide(ticket, "approve", SEEN).fresh
            keys.append(ticket.uuid)
        return keys

    with ThreadPoolExecutor(20) as threads:
        keys = [key for told in threads.map(work, range(20)) for key in told]
    with pool.borrow() as store:
        assert sorted(e.uuid for e in store.events()) == sorted(keys)
        assert len({e.row_id for e in store.events()}) == 200
        store.verify()
    pool.close()


def test_a_refused_decision_leaves_its_connection_in_the_pool(place: Path | str) -> None:
    pool = StorePool(place)
    with pool.borrow() as store:
        _queue(store, 1)
        kept = store
        ticket = Desk(store, OWNER).claim()
    assert ticket
    with pytest.raises(NotShown), pool.borrow() as store:
        Desk(store, OWNER).decide(ticket, "approve", Shown(None))
    with pool.borrow() as store:
        assert store is kept
    with pytest.raises(KeyError), pool.borrow() as store:
        raise KeyError
    with pool.borrow() as store:
        assert store is not kept
        assert Desk(store, OWNER).decide(ticket, "approve", SEEN).fresh
    pool.close()


def test_verify_sees_one_moment_while_others_write(place: Path | str) -> None:
    Store.open(place).close()
    stop = threading.Event()

    def write() -> None:
        with Store.open(place) as store:
            n = 0
            while not stop.is_set():
                n += 1
                store.append_many([Draft("approve", f"a:{n % 50}", "c")], actor="ana")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with Store.open(place) as store:
            for _ in range(15):
                store.verify()
    finally:
        stop.set()
        writer.join()


def test_a_full_disk_records_nothing_and_says_so(tmp_path: Path) -> None:
    with Store.open(tmp_path / "review.db") as store:
        _queue(store, 5)
        before = store.verify()
        pages = store.db.rows("PRAGMA page_count")[0][0]
        store.db.run(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(WorkspaceError, match="full") as error:
            store.append_many([Draft("approve", f"a:{n}", "c" * 200) for n in range(2_000)], actor="ana")
        assert "free some space" in error.value.fix
        store.db.run("PRAGMA max_page_count = 1000000")
        assert store.verify() == before
        assert store.append_many([Draft("approve", "a:1", "c")], actor="ana") == 1


HOLD = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def test_another_process_that_keeps_the_lock_is_waited_for_and_then_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "review.db"
    Store.open(path).close()
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.3)
    with Store.open(path) as store:
        other = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(WorkspaceError, match="locked") as error:
            store.append_many([Draft("approve", "a:1", "c")], actor="ana")
        assert "wait for the other command" in error.value.fix
        assert store.current().num_rows == 0  # readers are not held up
        other.communicate("")
        assert store.append_many([Draft("approve", "a:1", "c")], actor="ana") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write in every folder")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(WorkspaceError) as error:
        Store.open(tmp_path / "review.db")
    tmp_path.chmod(0o700)
    assert "make the folder writable" in error.value.fix


def test_a_long_reader_does_not_make_the_log_stay_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOG_BYTES", 200_000)
    path = tmp_path / "review.db"
    log = tmp_path / "review.db-wal"
    with Store.open(path) as store, Store.open(path) as reader:
        store.append_many([Draft("approve", "a:0", "c")], actor="ana")
        with reader.snapshot():
            reader.head()
            for part in range(12):
                store.append_many(
                    [Draft("approve", f"{part}:{n}", "c" * 3_000) for n in range(300)], actor="a"
                )
            grown = log.stat().st_size
            assert reader.head()[0] == 1
        for n in range(400):
            store.append_many([Draft("approve", f"z:{n}", "c" * 300)], actor="ana")
        assert grown > 8_000_000 > log.stat().st_size  # a log in use has 1,000 pages
        assert store.verify().events == 1 + 3_600 + 400


def test_a_copy_made_while_people_decide_is_whole(tmp_path: Path) -> None:
    """The way of docs/review.md: SQLite's own backup."""
    with Store.open(tmp_path / "review.db") as store:
        store.append_many([Draft("approve", f"a:{n}", "c") for n in range(50)], actor="ana")
        live = sqlite3.connect(tmp_path / "review.db")
        live.execute("VACUUM INTO ?", [str(tmp_path / "copy.db")])
        live.close()
        store.append_many([Draft("approve", "a:99", "c")], actor="ana")
    with Store.open(tmp_path / "copy.db") as copy:
        assert copy.verify().events == 50
        assert copy.append_many([Draft("approve", "b:1", "c")], actor="ana") == 1
