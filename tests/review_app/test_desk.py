from __future__ import annotations

from pathlib import Path

import pytest
from tuneset.review_app.desk import Desk, Shown
from tuneset.review_app.office import Office
from tuneset.review_app.people import Person, add_person, disable_person
from tuneset.review_app.policy import Policy
from tuneset.review_app.queue import sync
from tuneset.review_app.store import Store
from tuneset.review_app.store_engines.tables import FINAL_TABLES, guard_sources
from tuneset.schemas.errors import LeaseLost, NotAllowed, NotShown, RecipeError, ReviewError
from tuneset.schemas.example import content_id
from tuneset.schemas.review import Answers, ReviewItem

SEEN = Shown("2026-01-01T00:00:00.000Z", 4_000, "key")
OWNER = Person("root", "admin", owner=True)


def _item(n: int, *, need: int = 1, rank: int | None = None) -> ReviewItem:
    return ReviewItem(
        task="review",
        item_id=f"f:{n}",
        row_ids=(f"f:{n}",),
        content_ids=(f"c{n}",),
        rank=n if rank is None else rank,
        why="in turn",
        need=need,
    )


@pytest.fixture
def store(place: Path | str):
    with Store.open(place) as store:
        for name, role in (
            ("ana", "reviewer"),
            ("bob", "reviewer"),
            ("cem", "reviewer"),
            ("ada", "adjudicator"),
        ):
            add_person(store, name, role, by="root")
        sync(store, [_item(n) for n in range(1, 6)], "run1")
        yield store


def _desk(store: Store, name: str, role: str = "reviewer") -> Desk:
    return Desk(store, Person(name, role))


def _office(store: Store, name: str, role: str = "adjudicator") -> Office:
    return Office(store, Person(name, role))


def _expire(store: Store) -> None:
    with store.transaction():
        store.db.run("UPDATE lease SET expires_at = '2000-01-01T00:00:00.000Z'")


def _tamper(store: Store, sql: str) -> None:
    """Change what is final behind the guards' back, as whoever owns the file or the schema can."""
    if "postgresql" in store.where:
        table = sql.split()[2 if sql.startswith("DELETE") else 1]
        with store.transaction():
            store.db.run(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            store.db.run(sql)
            for guard in guard_sources("postgresql") if table in FINAL_TABLES else ():
                if guard.startswith(table) or (table == "event" and guard.startswith("undo")):
                    store.db.run(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {guard}")
        return
    guards = store.db.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    with store.transaction():
        for guard in guards:
            store.db.run(f"DROP TRIGGER {guard['name']}")
        store.db.run(sql)
        for guard in guards:
            store.db.run(guard["sql"])


def _standing(store: Store) -> dict[str, str]:
    return {r["row_id"]: r["action"] for r in store.current().to_pylist()}


def test_two_people_never_hold_the_same_item(store: Store) -> None:
    ana, bob = _desk(store, "ana"), _desk(store, "bob")
    first, second = ana.claim(), bob.claim()
    assert first
    assert second
    assert (first.item_id, second.item_id) == ("f:1", "f:2")
    assert ana.claim() == first  # a reload changes nothing


def test_a_decision_is_stored_once_and_frees_the_item(store: Store) -> None:
    ana = _desk(store, "ana")
    ticket = ana.claim()
    assert ticket
    assert ana.decide(ticket, "approve", SEEN).fresh
    assert not ana.decide(ticket, "approve", SEEN).fresh
    assert _standing(store) == {"f:1": "approve"}
    following = ana.claim()
    assert following
    assert following.item_id == "f:2"
    event = list(store.events("f:1"))[-1]
    assert (event.actor, event.dwell_ms, event.input, event.task) == ("ana", 4_000, "key", "review")
    store.verify()


def test_a_row_that_was_not_shown_is_not_decided(store: Store) -> None:
    ana = _desk(store, "ana")
    ticket = ana.claim()
    assert ticket
    with pytest.raises(NotShown):
        ana.decide(ticket, "approve", Shown(None, None, "key"))
    assert _standing(store) == {}


def test_a_lease_that_passed_to_someone_else_is_told_apart(store: Store) -> None:
    ana, bob = _desk(store, "ana"), _desk(store, "bob")
    ticket = ana.claim()
    assert ticket
    _expire(store)
    taken = bob.claim()
    assert taken
    assert taken.item_id == ticket.item_id
    assert taken.token > ticket.token
    with pytest.raises(LeaseLost, match="given to someone else"):
        ana.decide(ticket, "approve", SEEN)
    assert bob.decide(taken, "reject", SEEN, reason="unsafe").fresh
    assert _standing(store) == {"f:1": "reject"}


def test_a_lease_that_ran_out_while_nobody_took_the_item_still_holds(store: Store) -> None:
    ana = _desk(store, "ana")
    ticket = ana.claim()
    assert ticket
    _expire(store)
    assert ana.decide(ticket, "approve", SEEN).fresh


def test_an_item_that_was_curated_again_is_not_decided(store: Store) -> None:
    ana = _desk(store, "ana")
    ticket = ana.claim()
    assert ticket
    changed = _item(1).model_copy(update={"content_ids": ("other",)})
    assert sync(store, [changed], "run2")
    with pytest.raises(LeaseLost, match="curated again"):
        ana.decide(ticket, "approve", SEEN)


def test_a_skipped_item_comes_back_last_and_goes_to_others_at_once(store: Store) -> None:
    ana, bob = _desk(store, "ana"), _desk(store, "bob")
    ticket = ana.claim()
    assert ticket
    ana.skip(ticket, SEEN)
    given = bob.claim()
    assert given
    assert given.item_id == "f:1"
    bob.skip(given, SEEN)
    order = []
    while (ticket := ana.claim()) and ticket.item_id not in order:
        order.append(ticket.item_id)
        ana.decide(ticket, "approve", SEEN)
    assert order == ["f:2", "f:3", "f:4", "f:5", "f:1"]


def test_overlap_gives_an_item_to_as_many_as_it_needs_and_majority_decides(store: Store) -> None:
    sync(store, [_item(1, need=3)], "run3")
    for name, action in (("ana", "approve"), ("bob", "reject")):
        ticket = _desk(store, name).claim()
        assert ticket
        assert ticket.item_id == "f:1"
        _desk(store, name).decide(ticket, action, SEEN)
        assert _desk(store, name).claim() is None
    assert _standing(store) == {"f:1": "disputed"}
    assert _desk(store, "cem").claim() is None  # settled by an adjudicator, not by a third vote
    with pytest.raises(NotAllowed):
        _office(store, "ana").disputed()
    ada = _office(store, "ada")
    (row,) = ada.disputed()
    assert [v["action"] for v in row["votes"]] == ["approve", "reject"]
    ada.adjudicate("f:1", "c1", "approve", SEEN)
    assert _standing(store) == {"f:1": "approve"}
    assert ada.disputed() == []
    store.verify()


def test_an_edit_is_approved_as_exactly_its_bytes(store: Store) -> None:
    ana = _desk(store, "ana")
    ticket = ana.claim()
    assert ticket
    messages = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "better \u00a0 "}]
    ana.decide(ticket, "approve", SEEN, payload={"messages": messages})
    (stands,) = store.current().to_pylist()
    assert stands["content_id"] == content_id(messages)
    assert stands["shown_id"] == "c1"
    (edition,) = store.editions().to_pylist()
    assert (edition["content_id"], edition["parent_id"]) == (content_id(messages), "c1")
    assert [e.action for e in store.events("f:1")] == ["edit", "approve"]
    back = ana.undo()
    assert back
    assert back.item_id == "f:1"
    assert _standing(store) == {}
    assert [e.action for e in store.events("f:1")] == ["edit", "approve", "undo", "undo"]
    store.verify()


def test_two_different_edits_of_a_row_are_a_dispute(store: Store) -> None:
    sync(store, [_item(1, need=2)], "run4")
    for name in ("ana", "bob"):
        ticket = _desk(store, name).claim()
        assert ticket
        payload = {"messages": [{"role": "assistant", "content": name}]}
        _desk(store, name).decide(ticket, "approve", SEEN, payload=payload)
    assert _standing(store) == {"f:1": "disputed"}


def test_undo_takes_back_the_last_thing_and_gives_the_item_back(store: Store) -> None:
    ana = _desk(store, "ana")
    for _ in range(2):
        ticket = ana.claim()
        assert ticket
        ana.decide(ticket, "approve", SEEN)
    back = ana.undo()
    assert back
    assert back.item_id == "f:2"
    assert _standing(store) == {"f:1": "approve"}
    assert ana.claim() == back
    assert [e["row_id"] for e in ana.recent()] == ["f:1"]
    again = ana.undo()
    assert again
    assert again.item_id == "f:1"
    assert ana.undo() is None


def test_a_group_keeps_the_best_and_rejects_the_rest_in_one_batch(store: Store) -> None:
    group = ReviewItem(
        task="group",
        item_id="g1",
        row_ids=("f:1", "f:2", "f:3"),
        content_ids=("c1", "c2", "c3"),
        rank=0,
        why="near-duplicates",
    )
    sync(store, [group, *(_item(n) for n in range(1, 6))], "run5")
    ana, bob = _desk(store, "ana"), _desk(store, "bob")
    held = bob.claim()
    assert held
    assert held.item_id == "f:1"
    assert ana.claim("group") is None  # one of its rows is in bob's hands
    bob.decide(held, "approve", SEEN)
    ticket = ana.claim("group")
    assert ticket
    other = bob.claim()
    assert other
    assert other.item_id == "f:4"
    outcome = ana.keep(ticket, ["f:2"], SEEN)
    assert outcome.left == 1
    assert _standing(store) == {"f:1": "approve", "f:2": "approve", "f:3": "reject"}
    assert ana.claim("group") is None
    assert ana.undo() == ana.claim("group")
    assert _standing(store) == {"f:1": "approve"}
    with pytest.raises(ReviewError, match="not a row of this group"):
        ana.keep(ticket, ["f:9"], SEEN)


def test_a_comparison_is_a_preference_and_decides_its_rows(store: Store) -> None:
    pair = ReviewItem(
        task="pair", item_id="p1", row_ids=("f:1", "f:2"), content_ids=("c1", "c2"), rank=0, why="two answers"
    )
    sync(store, [pair], "run6")
    ana = _desk(store, "ana")
    ticket = ana.claim("pair")
    assert ticket
    ana.prefer(ticket, "b", SEEN, left="b")
    assert _standing(store) == {"f:1": "reject", "f:2": "approve"}
    (told,) = store.preferences().to_pylist()
    assert (
        told["outcome"],
        told["chosen_row_id"],
        told["rejected_content_id"],
        told["left"],
        told["source"],
    ) == (
        "b",
        "f:2",
        "c1",
        "b",
        "conflict",
    )
    ana.undo()
    assert store.preferences().num_rows == 0
    assert _standing(store) == {}


def test_of_a_preference_row_the_other_answer_wins_only_with_its_content(store: Store) -> None:
    pair = ReviewItem(task="pair", item_id="p2", row_ids=("f:1",), content_ids=("c1",), rank=0, why="pair")
    sync(store, [pair], "run7")
    ana = _desk(store, "ana")
    ticket = ana.claim("pair")
    assert ticket
    with pytest.raises(ReviewError, match="exchanged"):
        ana.prefer(ticket, "b", SEEN, left="a")
    payload = {
        "messages": [{"role": "assistant", "content": "y"}],
        "rejected": [{"role": "assistant", "content": "x"}],
    }
    ana.prefer(ticket, "b", SEEN, left="a", payload=payload)
    (stands,) = store.current().to_pylist()
    assert stands["action"] == "approve"
    assert stands["shown_id"] == "c1"
    assert stands["content_id"] == content_id(payload["messages"], rejected=payload["rejected"])


def test_bulk_leaves_what_people_decided_and_is_undone_in_one_step(store: Store) -> None:
    ana, ada = _desk(store, "ana"), _office(store, "ada")
    ticket = ana.claim()
    assert ticket
    ana.decide(ticket, "reject", SEEN, reason="unsafe")
    rows = [(f"f:{n}", f"c{n}") for n in range(1, 6)]
    with pytest.raises(NotAllowed):
        _office(store, "ana").bulk(rows, "approve", rule="all")
    batch, stored, left = ada.bulk(rows, "approve", rule="all")
    assert (stored, left) == (4, 1)
    assert _standing(store) == {"f:1": "reject"} | {f"f:{n}": "approve" for n in range(2, 6)}
    assert ana.claim() is None
    assert ada.undo_batch(batch) == 4
    assert _standing(store) == {"f:1": "reject"}
    with pytest.raises(ReviewError, match="no standing batch"):
        ada.undo_batch(batch)
    store.verify()


def test_roles_and_removal_hold_at_each_write(store: Store) -> None:
    ana = _desk(store, "ana")
    ticket = ana.claim()
    assert ticket
    disable_person(store, "ana", by="root")
    with pytest.raises(NotAllowed, match="disabled"):
        ana.decide(ticket, "approve", SEEN)
    with pytest.raises(NotAllowed, match="not a user"):
        _desk(store, "eve").claim()
    with pytest.raises(NotAllowed, match="takes the role admin"):
        _office(store, "bob", "admin").add_user(
            "eve", "admin"
        )  # the record's role counts, not the claimed one
    owner = Office(store, OWNER)
    token = owner.add_user("dan", "viewer")
    assert token not in str(store.db.rows("SELECT * FROM person"))
    with pytest.raises(NotAllowed):
        _desk(store, "dan", "viewer").claim()
    with pytest.raises(RecipeError, match="already"):
        owner.add_user("dan", "viewer")


def test_answers_and_haste_are_recorded(store: Store) -> None:
    office, owner = Office(store, OWNER), Desk(store, OWNER)
    office.set_policy(Policy(min_dwell_ms=2_000))
    number = office.write_guidelines("Be kind.")
    ticket = owner.claim()
    assert ticket
    assert ticket.guideline == number == 1
    outcome = owner.decide(
        ticket, "approve", Shown("t", 500, "mouse"), answers=Answers(labels={"tone": ["warm"]})
    )
    assert outcome.fast
    event = list(store.events("f:1"))[-1]
    assert Answers.model_validate_json(event.value or "") == Answers(labels={"tone": ["warm"]}, fast=True)
    assert event.guideline == 1
    assert office.write_guidelines("Be kind.") == 1
    assert office.write_guidelines("Be kind and brief.") == 2
    store.verify()


def test_a_note_or_a_flag_decides_nothing(store: Store) -> None:
    ana = _desk(store, "ana")
    ana.note("f:1", "c1", "check the price")
    ana.flag("f:1", "c1")
    assert _standing(store) == {}
    assert [e.action for e in store.events("f:1")] == ["note", "flag"]
    ana.undo()
    assert [e.action for e in store.events("f:1")] == ["note", "flag", "undo"]


def test_a_new_run_finds_its_decided_rows_done(store: Store) -> None:
    ana = _desk(store, "ana")
    ticket = ana.claim()
    assert ticket
    ana.decide(ticket, "approve", SEEN)
    assert sync(store, [_item(n) for n in range(1, 4)], "run8")
    assert not sync(store, [], "run8")
    assert ana.counts()["review"] == {"open": 2, "done": 1, "disputed": 0}


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE standing SET action = 'approve'", "what stands for row 'f:1'"),
        ("DELETE FROM vote", "what stands for row 'f:1'"),
        ("UPDATE edition SET payload = '{\"messages\":[]}'", "edited content"),
        ("DELETE FROM edition", "edited content of event"),
        ("UPDATE guideline SET text = 'Be rude.'", "version 1 of the guidelines"),
    ],
)
def test_verify_names_what_was_changed(store: Store, sql: str, told: str) -> None:
    from tuneset.schemas.errors import WorkspaceError

    owner = Desk(store, OWNER)
    Office(store, OWNER).write_guidelines("Be kind.")
    ticket = owner.claim()
    assert ticket
    owner.decide(ticket, "approve", SEEN, payload={"messages": [{"role": "assistant", "content": "x"}]})
    ticket = owner.open_item("review", "f:1")
    owner.decide(ticket, "reject", SEEN)
    store.verify()
    _tamper(store, sql)
    with pytest.raises(WorkspaceError, match=told):
        store.verify()
    if "standing" in sql or "vote" in sql:
        store.rebuild()
        store.verify()


def test_an_edited_winner_is_kept_though_someone_else_decided_its_row(store: Store) -> None:
    pair = ReviewItem(
        task="pair", item_id="p3", row_ids=("f:1", "f:2"), content_ids=("c1", "c2"), rank=0, why="two answers"
    )
    sync(store, [pair, _item(1), _item(2)], "run9")
    ana, bob = _desk(store, "ana"), _desk(store, "bob")
    first = bob.claim()
    assert first
    bob.decide(first, "reject", SEEN)
    ticket = ana.claim("pair")
    assert ticket
    messages = [{"role": "assistant", "content": "better"}]
    assert ana.prefer(ticket, "a", SEEN, left="a", payload={"messages": messages}).left == 1
    (told,) = store.preferences().to_pylist()
    assert told["chosen_content_id"] in store.editions()["content_id"].to_pylist()
    assert _standing(store) == {"f:1": "reject", "f:2": "reject"}
    store.verify()
