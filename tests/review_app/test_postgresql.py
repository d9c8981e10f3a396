"""What only a server can do wrong: guards, schemas, passwords, collations, and connections that are lost."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from tuneset.review_app.desk import Desk, Shown
from tuneset.review_app.people import Person
from tuneset.review_app.queue import sync
from tuneset.review_app.store import Draft, Store
from tuneset.review_app.store_engines.postgresql_address import address
from tuneset.review_app.store_pool import StorePool
from tuneset.schemas.errors import MissingExtraError, RecipeError, WorkspaceError
from tuneset.schemas.review import ReviewItem

pytestmark = pytest.mark.postgres
SEEN = Shown("2026-01-01T00:00:00.000Z", 4_000, "key")
OWNER = Person("root", "admin", owner=True)


def _plain(url: str) -> psycopg.Connection:
    """A connection past tuneset, as an administrator has it."""
    place = address(url)
    driver = place.url.replace("+psycopg", "")
    return psycopg.connect(driver, options=f"-c search_path={place.schema}", autocommit=True)


def _queue(store: Store, n: int) -> None:
    sync(
        store,
        [
            ReviewItem(
                task="review", item_id=f"f:{i}", row_ids=(f"f:{i}",), content_ids=(f"c{i}",), rank=i, why="next"
            )
            for i in range(n)
        ],
        "run1",
    )  # fmt: skip


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE event SET actor = 'eve' WHERE seq = 1",
        "DELETE FROM event WHERE seq = 2",
        "TRUNCATE event CASCADE",
        "TRUNCATE edition",
        "SET session_replication_role = replica; DELETE FROM event",
        "INSERT INTO event (seq, shape, uuid, at, actor, action, task, row_id, content_id, prev_hash, hash)"
        " SELECT 7, shape, 'u9', at, actor, action, task, row_id, content_id, prev_hash, hash"
        " FROM event WHERE seq = 1",
        "INSERT INTO event (seq, shape, uuid, at, actor, action, task, row_id, content_id, prev_hash, hash)"
        " SELECT 3, shape, 'u9', at, actor, action, task, row_id, content_id, prev_hash, hash"
        " FROM event WHERE seq = 1",
    ],
)
def test_the_server_refuses_changes(postgres_url: str, sql: str) -> None:
    with Store.open(postgres_url) as store:
        store.append_many([Draft("approve", "a:1", "c"), Draft("approve", "a:2", "c")], actor="ana")
        with _plain(postgres_url) as plain, pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            plain.execute(sql)
        assert store.verify().events == 2


@pytest.mark.parametrize(
    ("sql", "guard"),
    [
        ("DROP TRIGGER event_stays ON event", "event_stays"),
        ("ALTER TABLE event DISABLE TRIGGER event_is_final", "event_is_final"),
        (
            "CREATE OR REPLACE FUNCTION edition_is_kept() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN NULL; END $$",
            "edition_is_kept",
        ),
    ],
)
def test_verify_misses_no_guard(postgres_url: str, sql: str, guard: str) -> None:
    with Store.open(postgres_url) as store:
        with _plain(postgres_url) as plain:
            plain.execute(sql)
        with pytest.raises(WorkspaceError, match=guard):
            store.verify()


def test_verify_names_the_first_broken_link(postgres_url: str) -> None:
    with Store.open(postgres_url) as store:
        store.append_many([Draft("approve", f"a:{n}", "c") for n in range(5)], actor="ana")
        with _plain(postgres_url) as plain:
            plain.execute("ALTER TABLE event DISABLE TRIGGER event_is_final")
            plain.execute("UPDATE event SET actor = 'eve' WHERE seq = 3")
            plain.execute("ALTER TABLE event ENABLE ALWAYS TRIGGER event_is_final")
        with pytest.raises(WorkspaceError, match="event 3 was changed"):
            store.verify()


def test_a_foreign_schema_and_a_newer_record_are_refused(postgres_url: str) -> None:
    name = address(postgres_url).schema
    with _plain(postgres_url) as plain:
        plain.execute(f"CREATE SCHEMA {name}")
        plain.execute("CREATE TABLE event (x integer)")
        for open_it in (Store.open, Store.reading):
            with pytest.raises(WorkspaceError, match="not a record of decisions"):
                open_it(postgres_url)
        plain.execute("DROP TABLE event")
        Store.open(postgres_url).close()  # an empty schema that an administrator made is taken
        plain.execute("UPDATE record SET shape = 99")
        for open_it in (Store.open, Store.reading):
            with pytest.raises(WorkspaceError, match="shape 99"):
                open_it(postgres_url)


def test_reading_makes_no_schema(postgres_url: str) -> None:
    with Store.reading(postgres_url) as store:
        assert list(store.events()) == []
    with _plain(postgres_url) as plain:
        name = address(postgres_url).schema
        assert plain.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [name]).fetchone() is None


def test_many_at_once_make_one_record(postgres_url: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        for store in threads.map(lambda _: Store.open(postgres_url), range(8)):
            assert store.verify().events == 0
            store.close()


def test_the_password_is_never_told(postgres_server) -> None:
    url = postgres_server.url()
    with Store.open(url) as store:
        assert postgres_server.password not in store.where + repr(store.db) + repr(vars(store.db))
    for wrong in (
        url.replace(postgres_server.password, "pa%40ss-guess"),
        url.replace("/postgres?", "/nowhere?"),
        url.replace(f":{postgres_server.port}", ":1"),
        url + "&password=pass-guess2",
        url.replace("schema=", "schema=pg_"),
    ):
        with pytest.raises((WorkspaceError, RecipeError)) as error:
            Store.open(wrong)
        told = str(error.value.as_dict())
        assert postgres_server.password not in told
        assert "ss-guess" not in told


def test_texts_compare_by_their_bytes_whatever_the_database_says(postgres_server) -> None:
    with _plain(postgres_server.url("x")) as plain:
        plain.execute(
            "CREATE DATABASE english TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C.UTF-8'"
        )
        assert plain.execute("SELECT 'b' < 'C'").fetchone() == (False,)
    ids = ["a:10", "a:2", "A:1", "a_1", "a-1", "é:1", "z:1", "Z:1", "ａ:1", "𝒳:1", "b:1", "C:1"]
    with Store.open(postgres_server.url(database="english")) as store:
        with _plain(postgres_server.url("x", database="english")) as plain:
            assert plain.execute("SELECT 'b' < 'C'").fetchone() == (True,)  # the trap is set
        store.append_many([Draft("approve", i, "c") for i in ids], actor="ana")
        found = store.current()["row_id"].to_pylist()
        assert found == sorted(ids, key=lambda i: i.encode())
        assert store.votes()["row_id"].to_pylist() == found
        store.verify()


def test_a_database_in_another_encoding_is_refused(postgres_server) -> None:
    with _plain(postgres_server.url("x")) as plain:
        plain.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    with pytest.raises(WorkspaceError, match="LATIN1"):
        Store.open(postgres_server.url(database="latin"))


def test_a_lost_connection_loses_no_decision_and_doubles_none(postgres_server, postgres_url: str) -> None:
    """The server is stopped at once in the middle of a decision, and started again."""
    with Store.open(postgres_url) as store, Store.open(postgres_url) as idle:
        _queue(store, 3)
        desk = Desk(store, OWNER)
        ticket = desk.claim()
        assert ticket
        assert idle.head()[0] == 0

        def decide_and_lose() -> None:
            with store.transaction():
                desk.decide(ticket, "approve", SEEN)
                postgres_server.stop_at_once()

        with pytest.raises(WorkspaceError, match="connection to the database was lost") as error:
            decide_and_lose()
        assert "save again" in error.value.fix
        with pytest.raises(WorkspaceError, match="no connection to the database"):
            desk.decide(ticket, "approve", SEEN)
        postgres_server.start()
        start = time.monotonic()
        assert desk.decide(ticket, "approve", SEEN).fresh
        assert time.monotonic() - start < 10
        assert not desk.decide(ticket, "approve", SEEN).fresh
        assert idle.head()[0] == 1  # a connection that was idle meanwhile is replaced unasked
        assert [e.uuid for e in store.events()] == [ticket.uuid]
        assert idle.verify().events == 1


def test_a_decision_waits_while_the_server_starts_again(postgres_server, postgres_url: str) -> None:
    with Store.open(postgres_url) as store:
        _queue(store, 3)
        desk = Desk(store, OWNER)
        ticket = desk.claim()
        assert ticket
        postgres_server.stop_at_once()
        later = threading.Timer(1.0, postgres_server.start)
        later.start()
        assert desk.decide(ticket, "approve", SEEN).fresh
        later.join()
        assert store.verify().events == 1


def test_a_pool_drops_connections_that_broke(postgres_server, postgres_url: str) -> None:
    pool = StorePool(postgres_url)
    with pool.borrow() as store:
        _queue(store, 50)
    postgres_server.stop_at_once()
    with pytest.raises(WorkspaceError), pool.borrow() as store:
        Desk(store, OWNER).claim()
    postgres_server.start()

    def work(n: int) -> bool:
        with pool.borrow() as store:
            desk = Desk(store, Person(f"p{n}", "admin", owner=True))
            ticket = desk.claim()
            return ticket is not None and desk.decide(ticket, "approve", SEEN).fresh

    with ThreadPoolExecutor(12) as threads:
        assert all(threads.map(work, range(40)))
    with pool.borrow() as store:
        assert store.verify().events == 40
    pool.close()


def test_an_acknowledged_decision_is_on_the_disk(postgres_server, postgres_url: str) -> None:
    """Each one before the server is killed; the commit under the lock is asynchronous."""
    with Store.open(postgres_url) as store:
        for n in range(3):
            store.append_many([Draft("approve", f"a:{n}", "c")], actor="ana")
            postgres_server.stop_at_once()
            postgres_server.start()
            assert store.verify().events == n + 1


def test_reading_goes_on_beside_a_writer_at_one_moment(postgres_url: str) -> None:
    with Store.open(postgres_url) as store, Store.open(postgres_url) as writer:
        store.append_many([Draft("approve", f"a:{n}", "c") for n in range(3)], actor="ana")
        with store.snapshot():
            first = store.current().num_rows
            writer.append_many([Draft("approve", "a:9", "c")], actor="bob")
            assert store.current().num_rows == first == 3
        assert store.current().num_rows == 4
        events = store.events()
        next(events)
        writer.append_many([Draft("approve", "a:10", "c")], actor="bob")
        assert len(list(events)) == 3


def test_a_missing_extra_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [m for m in sys.modules if "store_engines.postgresql" in m]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match="psycopg") as error:
        Store.open("postgresql://u@127.0.0.1/d")
    assert "tuneset[postgres]" in error.value.fix
