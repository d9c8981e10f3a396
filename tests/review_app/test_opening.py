"""Opening a workspace for review: the recipe's word, the queue, and a queue that was half filled."""

import json
import threading

import pytest
from tuneset.curate.ledger import Ledger
from tuneset.review_app import filling, guidelines, items, people, queue
from tuneset.review_app.desk import Desk, Shown
from tuneset.review_app.opening import fill_queue, open_queue, review_options, shared_policy
from tuneset.review_app.people import Person
from tuneset.review_app.policy import Policy, read_policy, write_policy
from tuneset.review_app.store import Draft, Store
from tuneset.schemas.errors import RecipeError, WorkspaceError
from tuneset.schemas.files import read_json, write_json

ANA = Person("ana", "admin", owner=True)
SEEN = Shown("2026-11-25T10:00:00.000Z", 900, "key")


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "review.db") as opened:
        yield opened


@pytest.fixture
def many(workspaces, tmp_path):
    rows = [workspaces.row(n, workspaces.turns(f"q{n}", f"a{n}")) for n in range(1, 51)]
    told = [workspaces.verdict(r["row_id"], "own") for r in rows]
    return workspaces.build(tmp_path / "many", rows, told), [r["row_id"] for r in rows]


def recipe(out, text):
    (out / "tuneset.yaml").write_text(text, encoding="utf-8")


def test_the_queue_holds_every_item_and_the_same_run_changes_nothing(story, store):
    assert fill_queue(store, Ledger.open(story))
    assert Desk(store, ANA).counts()["review"] == {"open": 6, "done": 0, "disputed": 0}
    assert Desk(store, ANA).counts()["pair"]["open"] == 1
    assert open_queue(store, Ledger.open(story)) is None


def test_the_recipe_sets_the_policy_until_an_admin_does_and_again_when_it_changes(story, store):
    ledger = Ledger.open(story)
    recipe(story, "review: {queue: {order: fifo, overlap_ratio: 0.5, lease_minutes: 2, min_seconds: 1}}")
    fill_queue(store, ledger)
    asked = Policy(order="fifo", overlap_ratio=0.5, lease_seconds=120, min_dwell_ms=1000, seed=13)
    assert read_policy(store) == asked
    write_policy(store, Policy(order="random"), by="ana")
    assert fill_queue(store, ledger)  # another order: the queue is written again
    assert read_policy(store).order == "random"
    recipe(story, "review: {queue: {order: uncertainty}}")
    fill_queue(store, ledger)
    assert read_policy(store).order == "uncertainty"


def test_the_order_of_claims_is_the_policys(story, store, workspaces):
    recipe(story, "review: {queue: {order: fifo}}")
    fill_queue(store, Ledger.open(story))
    ticket = Desk(store, ANA).claim()
    assert ticket.row_ids == (workspaces.row(1, [])["row_id"],)
    assert ticket.why == "next in the order of the input"


def test_alone_nothing_waits_for_a_second_person(many, store):
    out, _ = many
    recipe(out, "review: {queue: {overlap_ratio: 1}}")
    fill_queue(store, Ledger.open(out))
    needs = "SELECT DISTINCT need FROM queue_item"
    assert [r["need"] for r in store.db.rows(needs)] == [1]
    for name in ("bob", "eve"):
        people.add_person(store, name, "reviewer", by="ana")
    assert fill_queue(store, Ledger.open(out))
    assert [r["need"] for r in store.db.rows(needs)] == [2]


def test_guidelines_come_from_the_file_once_a_text(story, store):
    (story / "guide.md").write_text("Be kind.", encoding="utf-8")
    recipe(story, "review: {guidelines: guide.md}")
    for _ in range(2):
        fill_queue(store, Ledger.open(story))
    guidelines.write(store, "Be kinder.", by="ana")
    fill_queue(store, Ledger.open(story))
    assert [(g.version, g.text) for g in guidelines.versions(store)] == [(2, "Be kinder."), (1, "Be kind.")]
    recipe(story, "review: {guidelines: missing.md}")
    with pytest.raises(RecipeError, match=r"'missing.md' cannot be read"):
        open_queue(store, Ledger.open(story))


def test_a_stopped_run_is_not_reviewed(story, store):
    card = read_json(story / "run.json")
    finding = {"step": "s", "kind": "source", "group": "g", "rows": 2, "dropped": 2, "share": 1.0}
    card["guard"]["findings"] = [{**finding, "reasons": {"r": 2}, "examples": []}]
    write_json(story / "run.json", card)
    with pytest.raises(WorkspaceError, match="stopped by a guard rail"):
        open_queue(store, Ledger.open(story))


def test_people_start_before_the_queue_is_full(many, store, tmp_path, monkeypatch):
    out, names = many
    recipe(out, "review: {queue: {order: fifo}}")
    monkeypatch.setattr(filling, "AT_ONCE", 10)
    rest = open_queue(store, Ledger.open(out))
    desk = Desk(store, ANA)
    assert desk.counts()["review"]["open"] == 10
    first = desk.claim()
    desk.decide(first, "approve", SEEN)
    other = threading.Thread(target=lambda: _finish(rest, tmp_path / "review.db"))
    other.start()
    other.join()
    assert desk.counts()["review"] == {"open": 49, "done": 1, "disputed": 0}
    assert open_queue(store, Ledger.open(out)) is None
    assert [desk.claim().row_ids[0], first.row_ids[0]] == [names[1], names[0]]


def _finish(rest, path):
    with Store.open(path) as store:
        assert rest.finish(store)


def test_a_half_filled_queue_is_filled_anew(many, store, monkeypatch):
    out, _ = many
    monkeypatch.setattr(filling, "AT_ONCE", 10)
    open_queue(store, Ledger.open(out))  # and the process ends here
    assert fill_queue(store, Ledger.open(out))
    assert Desk(store, ANA).counts()["review"]["open"] == 50


def test_an_earlier_runs_filling_gives_way(many, story, store, monkeypatch):
    out, _ = many
    monkeypatch.setattr(filling, "AT_ONCE", 10)
    late = open_queue(store, Ledger.open(out))
    assert fill_queue(store, Ledger.open(story))
    assert late.finish(store) is False
    assert Desk(store, ANA).counts()["review"]["open"] == 6


def test_what_was_decided_is_not_asked_again_however_the_queue_is_filled(many, store, monkeypatch):
    out, names = many
    ledger = Ledger.open(out)
    contents = dict(
        zip(*(ledger.content_ids()[c].to_pylist() for c in ("row_id", "content_id")), strict=True)
    )
    decided = names[::3]
    store.append_many([Draft("approve", row, contents[row]) for row in decided], actor="bob")
    monkeypatch.setattr(filling, "AT_ONCE", 7)
    fill_queue(store, ledger)
    step_by_step = store.db.rows("SELECT * FROM queue_item ORDER BY task, rank")
    queue.sync(store, items.review_items(ledger, shared_policy(store), store.current()), "at once")
    at_once = store.db.rows("SELECT * FROM queue_item ORDER BY task, rank")
    assert [dict(r) for r in step_by_step] == [dict(r) for r in at_once]
    assert {r["item_id"] for r in step_by_step if r["state"] == "done"} == set(decided)


def test_lists_in_the_queue_are_json():
    texts = ('a"b', "é\\", "plain:1")
    assert tuple(json.loads(queue._json(texts))) == texts
    assert queue._json(()) == "[]"


def test_without_a_recipe_the_defaults_hold(story):
    assert review_options(story).queue.order == "risk"
