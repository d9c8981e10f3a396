"""Disputed and flagged rows before an adjudicator."""

import json

import pytest
from tuneset.review_app.app.pane.events import Edit
from tuneset.review_app.app.settling import EMPTY, Settling
from tuneset.review_app.app.sitting import Sitting
from tuneset.review_app.office import Office
from tuneset.review_app.people import Person
from tuneset.review_app.policy import Policy
from tuneset.review_app.store import Store

ADA = Person("ada", "adjudicator")


@pytest.fixture
def disputed(app, say):
    """Row 3: ana approves her edit, bob rejects the row as it is."""
    opened = app.open(ana="reviewer", bob="reviewer", ada="adjudicator", root="admin")
    with opened.pool.borrow() as store:
        Office(store, Person("root", "admin")).set_policy(Policy(overlap_ratio=1.0))
    opened.sync()
    opened.wait()
    for name, told in (
        ("ana", {"action": "approve", "edits": (Edit(turn=1, text="Town three."),)}),
        ("bob", {"action": "reject", "reason": "wrong_answer", "note": "no such town"}),
    ):
        sitting = Sitting(opened, Person(name, "reviewer"), "review")
        sitting.start(app.ids[3])
        sitting.take(say(sitting.view(), **told))
        assert sitting.view().answered.ok, sitting.view().notice
    yield app, opened
    opened.pool.close()


def settle(opened, who=ADA, row=None):
    settling = Settling(opened, who)
    settling.start(row)
    return settling


def chosen(view, i):
    return {"choice": i, "row_id": view.rows[i].row_id, "content_id": view.rows[i].content_id}


def test_votes_stand_side_by_side_under_blind_names(disputed):
    app, opened = disputed
    view = settle(opened).view()
    assert (view.mode, view.item_id) == ("adjudicate", app.ids[3])
    told = [(r.vote.who, r.vote.action, r.vote.reason, r.vote.note) for r in view.rows]
    assert told == [
        ("Reviewer 1", "approve", None, None),
        ("Reviewer 2", "reject", "wrong_answer", "no such town"),
    ]
    assert [r.messages[1]["content"] for r in view.rows] == [
        "Town three.",
        "The capital of land 3 is town 3.",
    ]
    said = json.dumps(view.as_data())
    assert '"ana"' not in said
    assert '"bob"' not in said


@pytest.mark.parametrize(("column", "action"), [(0, "approve"), (1, "reject")])
def test_a_chosen_vote_settles_the_row(disputed, say, column, action):
    app, opened = disputed
    settling = settle(opened)
    view = settling.view()
    settling.take(say(view, action="choose", **chosen(view, column)))
    with Store.reading(app.out / "review.db") as store:
        line = store.current().to_pylist()[0]
        last = list(store.events(app.ids[3]))[-1]
    assert (line["action"], line["content_id"]) == (action, view.rows[column].content_id)
    assert last.final
    assert last.task == "adjudicate"
    assert last.reason == (None if column == 0 else "wrong_answer")
    assert settling.view().ticket is None
    assert settling.view().empty == EMPTY


def test_an_adjudicator_may_write_a_content_of_their_own(disputed, say):
    app, opened = disputed
    settling = settle(opened)
    view = settling.view()
    told = {"row_id": view.rows[1].row_id, "content_id": view.rows[1].content_id}
    settling.take(say(view, action="approve", edits=(Edit(turn=1, text="Town III."),), **told))
    with Store.reading(app.out / "review.db") as store:
        line = store.current().to_pylist()[0]
        payloads = {e["content_id"]: json.loads(e["payload"]) for e in store.editions().to_pylist()}
    assert payloads[line["content_id"]]["messages"][1]["content"] == "Town III."
    assert line["shown_id"] == app.contents[3]


def test_undo_brings_the_dispute_back(disputed, say):
    app, opened = disputed
    settling = settle(opened)
    view = settling.view()
    settling.take(say(view, action="choose", **chosen(view, 0)))
    settling.take(say(settling.view(), "undo"))
    assert settling.view().item_id == app.ids[3]
    assert app.standing() == {3: "disputed"}


def test_the_second_of_two_adjudicators_is_told_that_votes_changed(disputed, say):
    app, opened = disputed
    first, second = settle(opened), settle(opened, Person("root", "admin"))
    late = second.view()
    view = first.view()
    first.take(say(view, action="choose", **chosen(view, 0)))
    second.take(say(late, action="choose", **chosen(late, 1)))
    assert app.standing() == {3: "approve"}
    assert "changed while it was on the screen" in second.view().notice.text


def test_a_flagged_row_waits_until_it_is_settled(app, say):
    opened = app.open(ana="reviewer", ada="adjudicator")
    ana = Sitting(opened, Person("ana", "reviewer"), "review")
    ana.start(app.ids[5])
    ana.take(say(ana.view(), "flag", note="see the source", on=True))
    settling = settle(opened)
    view = settling.view()
    assert (view.mode, view.item_id, view.why) == ("review", app.ids[5], "flagged: see the source")
    settling.take(say(view, action="reject", reason="off_topic"))
    assert app.standing() == {5: "reject"}
    assert settling.view().ticket is None
    opened.pool.close()


def test_a_reviewer_is_refused(disputed):
    _, opened = disputed
    settling = settle(opened, Person("ana", "reviewer"))
    assert settling.view().ticket is None
    assert "takes the role adjudicator" in settling.view().notice.text


def test_a_row_may_be_opened_by_its_name(disputed):
    app, opened = disputed
    view = settle(opened, row=app.ids[9]).view()
    assert (view.item_id, view.mode) == (app.ids[9], "review")
    assert view.progress.startswith("2 to settle")
