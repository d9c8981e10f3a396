"""Journeys through the app in Chromium, by keyboard: what people do is what the record holds."""

import json

import pytest
from tuneset.review_app.store import Store
from tuneset.review_app.users import add_user

pytestmark = pytest.mark.browser


def actions(app, actor=None):
    with Store.reading(app.out / "review.db") as store:
        return [e for e in store.events() if e.task != "admin" and actor in (None, e.actor)]


def test_twenty_items_by_keyboard_alone(app, serve, at_work):
    served = serve(app.out)
    me = at_work(served, app)
    me.enter(served.link)
    me.go("review")
    me.decide("a")
    me.decide("x", "1")  # rejected in two keys
    me.decide("s")
    me.decide("a")
    me.decide("z")  # undone
    me.keys("e")
    me.page.wait_for_selector(".pane textarea:focus")
    me.page.keyboard.press("Control+End")
    me.page.keyboard.type(" Edited")
    me.page.wait_for_selector(".pane ins")  # a live word diff
    me.seen.shot("journey-edit")
    me.decide("Control+Enter")
    me.decide("f")
    for _ in range(8):
        me.decide("a")
    me.decide("x", "5")
    me.keys("n")
    me.page.wait_for_selector(".pane textarea:focus")
    me.page.keyboard.type("a great axis")  # letters in a field decide nothing
    me.keys("Escape")
    me.decide("a")
    me.go("groups")
    me.decide("2")
    me.go("compare")
    me.decide("a")
    me.decide("e")
    me.decide("x")
    me.seen.shot("journey-end")
    me.go("progress", ready="text=Decided")
    events = actions(app)
    done = [(e.action, e.task) for e in events]
    assert done.count(("approve", "review")) == 12  # one of them was undone
    assert [e.reason for e in events if e.action == "reject" and e.task == "review"] == [
        "wrong_answer",
        "off_topic",
    ]
    assert [e.reason for e in events if e.task == "group" and e.action == "reject"] == ["not_kept"] * 2
    assert [json.loads(e.value)["outcome"] for e in events if e.action == "prefer"][1:] == ["tie", "both_bad"]
    assert sum(e.action == "undo" for e in events) == 1
    assert sum(e.action == "skip" for e in events) == 1
    assert sum(e.action == "flag" for e in events) == 1
    assert next(e.note for e in reversed(events) if e.task == "review" and e.note) == "a great axis"
    with Store.reading(app.out / "review.db") as store:
        edition = store.editions().to_pylist()[0]
        store.verify()
    assert json.loads(edition["payload"])["messages"][-1]["content"].endswith(" Edited")
    assert all(
        e.painted_at and e.input == "key" for e in events if e.action in ("approve", "reject", "prefer")
    )
    assert me.complaints() == []
    assert me.seen.foreign_hosts() == set()


def test_two_people_disagree_and_an_adjudicator_settles(app, serve, at_work):
    recipe = app.out / "tuneset.yaml"
    recipe.write_text("review:\n  queue: {overlap_ratio: 1.0, order: fifo}\n")
    tokens = {
        name: add_user(app.out, name, role=role).token
        for name, role in (("ana", "reviewer"), ("bob", "reviewer"), ("ada", "adjudicator"))
    }
    served = serve(app.out)
    people = {name: at_work(served, app) for name in tokens}
    for name, person in people.items():
        person.enter(f"{served.url}/?token={tokens[name]}")
    ana, bob, ada = people["ana"], people["bob"], people["ada"]
    row = app.ids[4]
    for person in (ana, bob):
        person.go(f"review?item={row}")
        assert person.item.startswith("faq.jsonl 4")
    ana.decide("a")
    bob.decide("x", "1")
    assert ana.page.get_by_role("link", name="Adjudicate").count() == 0
    ada.go("adjudicate")
    told = ada.page.locator(".pane").first.inner_text()
    assert "Reviewer 1" in told
    assert "Reviewer 2" in told
    assert "ana" not in told
    ada.seen.shot("journey-adjudicate")
    ada.decide("1")
    assert app.standing()[4] == "approve"
    assert actions(app, "ada")[-1].final
    for person in people.values():
        assert person.complaints() == []


def test_two_people_never_get_one_item_and_a_reload_keeps_it(app, serve, at_work):
    tokens = {name: add_user(app.out, name, role="reviewer").token for name in ("ana", "bob")}
    (app.out / "tuneset.yaml").write_text("review:\n  queue: {overlap_ratio: 0.0}\n")
    served = serve(app.out)
    ana, bob = at_work(served, app), at_work(served, app)
    ana.enter(f"{served.url}/?token={tokens['ana']}")
    bob.enter(f"{served.url}/?token={tokens['bob']}")
    ana.go("review")
    bob.go("review")
    for _ in range(3):
        assert ana.item != bob.item
        held = ana.item
        ana.page.reload()
        ana.page.wait_for_selector(".pane[data-ready]")
        assert ana.item == held
        ana.decide("a")
        bob.decide("a")
    rows = [e.row_id for e in actions(app) if e.action == "approve"]
    assert len(rows) == len(set(rows)) == 6


def test_many_rows_are_decided_at_once_and_taken_back(app, serve, at_work):
    served = serve(app.out)
    me = at_work(served, app)
    me.enter(served.link)
    me.go("browse", ready="text=27 rows of 27")
    me.page.get_by_label("Search the text").fill("capital of land 1")
    me.page.keyboard.press("Enter")
    me.page.wait_for_selector("text=11 rows of 27")
    me.still()
    me.page.get_by_role("button", name="Approve all 11 rows found").click()
    me.page.get_by_role("dialog").get_by_role("button", name="Approve 11 rows").click()
    me.page.wait_for_selector("text=Approved 11 rows.")
    me.seen.shot("journey-bulk")
    assert list(app.standing().values()) == ["approve"] * 11
    me.page.get_by_text("Your last bulk decisions (1)").click()
    me.page.get_by_role("button", name="Undo these 11 rows").click()
    me.page.wait_for_selector("text=Took back the decision on 11 rows.")
    assert app.standing() == {}
    assert me.complaints() == []


def test_a_held_key_decides_no_item_that_was_not_seen(app, serve, at_work):
    served = serve(app.out)
    me = at_work(served, app)
    me.enter(served.link)
    me.go("review")
    for _ in range(60):  # a key that is held repeats about thirty times a second
        me.page.keyboard.down("a")
        me.page.wait_for_timeout(33)
    me.page.keyboard.up("a")
    me.page.wait_for_timeout(300)
    events = actions(app)
    assert len(events) == 1
    assert events[0].painted_at is not None
