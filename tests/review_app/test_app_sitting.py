"""One person at the queue: what the screen shows, and what became of each event in the record."""

import json

from tuneset.review_app.app.pane.events import Edit, Refusal, Target
from tuneset.review_app.app.sitting import Sitting
from tuneset.review_app.people import Person
from tuneset.review_app.store import Store

OWNER = Person("root", "admin", owner=True)


def sit(opened, task="review", who=OWNER, item=None):
    sitting = Sitting(opened, who, task)
    sitting.start(item)
    return sitting


def test_a_decision_is_recorded_and_the_next_item_is_there(opened_app, say):
    app, opened = opened_app
    sitting = sit(opened)
    first = sitting.view()
    assert first.rows[0].row_id == app.ids[3]  # the row that a step sends to a person comes first
    assert first.why == "toxicity asks: The answer insults"
    assert first.scores_hidden
    sitting.take(say(first, action="reject", reason="truncated"))
    second = sitting.view()
    assert second.ticket != first.ticket
    assert second.answered.ok
    assert second.last.text == "Rejected faq.jsonl 3: truncated"
    assert [c.text for c in second.last.chips] == ["quality 0.03"]  # shown once it is decided
    assert second.recent[0].item_id == app.ids[3]
    assert second.progress == "1 of 27 done"
    assert app.standing() == {3: "reject"}


def test_scores_are_nowhere_in_the_view_before_the_decision(opened_app):
    _, opened = opened_app
    assert "0.03" not in json.dumps(sit(opened).view().as_data())


def test_the_same_event_again_changes_nothing(opened_app, say):
    app, opened = opened_app
    sitting = sit(opened)
    told = say(sitting.view(), action="approve")
    sitting.take(told)
    after = sitting.view()
    sitting.take(Refusal(text="gone", fix="nothing", stale=True, nonce=told.nonce))
    assert sitting.view().ticket == after.ticket
    assert sitting.view().answered.nonce == told.nonce
    assert sitting.view().answered.ok
    assert sitting.view().notice is None
    assert len(app.standing()) == 1


def test_an_edit_approves_exactly_its_content(opened_app, say):
    app, opened = opened_app
    sitting = sit(opened, item=app.ids[7])
    view = sitting.view()
    sitting.take(say(view, action="approve", edits=(Edit(turn=1, text="Town 7."),)))
    with Store.reading(app.out / "review.db") as store:
        line = store.current().to_pylist()[0]
        edition = store.editions().to_pylist()[0]
    assert line["shown_id"] == app.contents[7]
    assert line["content_id"] == edition["content_id"] != app.contents[7]
    assert json.loads(edition["payload"])["messages"][1]["content"] == "Town 7."
    assert sitting.view().last.text == "Approved faq.jsonl 7 as edited"


def test_undo_brings_the_item_back(opened_app, say):
    app, opened = opened_app
    sitting = sit(opened)
    first = sitting.view()
    sitting.take(say(first, action="approve"))
    sitting.take(say(sitting.view(), "undo"))
    view = sitting.view()
    assert view.item_id == first.item_id
    assert view.notice.text == "Undone: Approved faq.jsonl 3."
    assert app.standing() == {}


def test_there_may_be_nothing_to_undo(opened_app, say):
    _, opened = opened_app
    sitting = sit(opened)
    before = sitting.view()
    sitting.take(say(before, "undo"))
    assert sitting.view().ticket == before.ticket
    assert sitting.view().notice.text == "There is nothing to undo."


def test_a_reload_keeps_the_item_and_its_ticket(opened_app):
    _, opened = opened_app
    assert sit(opened).view().ticket == sit(opened).view().ticket


def test_a_link_opens_its_item_and_tells_when_it_cannot(opened_app):
    app, opened = opened_app
    assert sit(opened, item=app.ids[9]).view().item_id == app.ids[9]
    lost = sit(opened, item="nowhere:1").view()
    assert "'nowhere:1' is not in the queue" in lost.notice.text
    assert lost.ticket is not None  # the work goes on with the next one


def test_a_group_keeps_one_and_rejects_the_others(opened_app, say):
    app, opened = opened_app
    sitting = sit(opened, "group")
    view = sitting.view()
    assert [r.row_id for r in view.rows] == [app.ids[n] for n in (21, 22, 23)]
    sitting.take(say(view, action="keep", keep=(app.ids[22],)))
    assert app.standing() == {21: "reject", 22: "approve", 23: "reject"}
    assert sitting.view().ticket is None
    assert sitting.view().last.text == "Kept 1 of 3: faq.jsonl 21 and 2 more"
    assert sitting.view().empty.startswith("The one group of near-duplicates is done. Go on with Review")


def test_a_conflict_approves_the_better_and_rejects_the_other(opened_app, say):
    app, opened = opened_app
    sitting = sit(opened, "pair")
    view = sitting.view()
    assert {r.side: r.row_id for r in view.rows} == {"a": app.ids[24], "b": app.ids[25]}
    sitting.take(say(view, action="prefer", outcome="a", left=view.rows[0].side))
    assert app.standing() == {24: "approve", 25: "reject"}


def test_the_winner_of_a_conflict_may_be_edited(opened_app, say):
    app, opened = opened_app
    sitting = sit(opened, "pair")
    view = sitting.view()
    column = next(r for r in view.rows if r.side == "b")
    sitting.take(
        say(
            view,
            action="prefer",
            outcome="b",
            left=view.rows[0].side,
            row_id=column.row_id,
            content_id=column.content_id,
            edits=(Edit(turn=1, text="Yes, nearly."),),
        )
    )
    with Store.reading(app.out / "review.db") as store:
        edition = store.editions().to_pylist()[0]
        preference = store.preferences().to_pylist()[0]
    assert edition["row_id"] == app.ids[25]
    assert preference["chosen_content_id"] == edition["content_id"]
    assert app.standing() == {24: "reject", 25: "approve"}


def test_an_edit_of_the_losing_answer_is_refused(opened_app, say):
    app, opened = opened_app
    sitting = sit(opened, "pair")
    view = sitting.view()
    column = next(r for r in view.rows if r.side == "b")
    told = {"row_id": column.row_id, "content_id": column.content_id, "edits": (Edit(turn=1, text="x"),)}
    sitting.take(say(view, action="prefer", outcome="a", left=view.rows[0].side, **told))
    assert sitting.view().ticket == view.ticket
    assert not sitting.view().answered.ok
    assert app.standing() == {}


def test_the_losing_answer_of_a_preference_row_may_win(opened_app, say):
    app, opened = opened_app
    sitting = sit(opened, "pair")
    while len(sitting.contents) != 1:
        sitting.take(say(sitting.view(), "skip"))
    view = sitting.view()
    shown = {r.side: r.messages[-1]["content"] for r in view.rows}
    number = sitting.contents[0].line
    assert shown == {"a": f"Good day, guest {number}.", "b": f"Oi {number}."}
    sitting.take(say(view, action="prefer", outcome="b", left=view.rows[0].side))
    with Store.reading(app.out / "review.db") as store:
        edition = store.editions().to_pylist()[0]
    payload = json.loads(edition["payload"])
    assert payload["messages"][-1]["content"] == f"Oi {number}."
    assert payload["rejected"][0]["content"] == f"Good day, guest {number}."
    assert edition["content_id"] == next(r.content_id for r in view.rows if r.side == "b")
    assert app.standing() == {number: "approve"}


def test_flags_and_notes_stand_beside_the_decision_and_can_be_taken_back(opened_app, say):
    _, opened = opened_app
    sitting = sit(opened)
    sitting.take(say(sitting.view(), "note", note="odd"))
    sitting.take(say(sitting.view(), "flag", on=True))
    row = sitting.view().rows[0]
    assert (row.note, row.flagged) == ("odd", True)
    sitting.take(say(sitting.view(), "flag", on=False))
    assert not sitting.view().rows[0].flagged


def test_two_people_never_hold_one_item(app, say):
    opened = app.open(ana="reviewer", bob="reviewer")
    ana = sit(opened, who=Person("ana", "reviewer"))
    bob = sit(opened, who=Person("bob", "reviewer"))
    seen = {"ana": set(), "bob": set()}
    for _ in range(6):
        assert ana.view().item_id != bob.view().item_id
        for name, sitting in (("ana", ana), ("bob", bob)):
            seen[name].add(sitting.view().item_id)
            sitting.take(say(sitting.view(), action="approve"))
    opened.pool.close()


def test_a_lost_lease_keeps_the_edit_as_a_draft(app, say):
    opened = app.open(ana="reviewer", bob="reviewer")
    ana = sit(opened, who=Person("ana", "reviewer"))
    view = ana.view()
    with opened.pool.borrow() as store, store.transaction():
        store.db.run("UPDATE lease SET expires_at = '2000-01-01T00:00:00.000Z'")
        store.db.run("UPDATE queue_item SET need = 1")
    bob = sit(opened, who=Person("bob", "reviewer"), item=view.item_id)
    assert bob.view().item_id == view.item_id
    ana.take(say(view, action="approve", edits=(Edit(turn=1, text="my words"),)))
    after = ana.view()
    assert "was given to someone else" in after.notice.text
    assert "kept as a draft" in after.notice.fix
    assert after.item_id != view.item_id
    with Store.reading(app.out / "review.db") as store:
        assert json.loads(store.editions().to_pylist()[0]["payload"])["messages"][1]["content"] == "my words"
    assert app.standing() == {}
    opened.pool.close()


def test_a_record_that_is_away_loses_nothing_and_takes_the_decision_again(app, say):
    opened = app.open()
    sitting = sit(opened)
    view = sitting.view()
    told = say(view, action="approve")
    opened.pool.close()
    place = opened.pool.place
    opened.pool.place = app.out  # a folder is no record
    sitting.take(told)
    assert not sitting.view().answered.ok
    assert sitting.view().ticket == view.ticket
    assert sitting.view().notice.kind == "bad"
    opened.pool.place = place
    sitting.take(told)
    assert sitting.view().answered.ok
    assert app.standing() == {3: "approve"}
    opened.pool.close()


def test_a_viewer_gets_no_item_and_is_told_why(app):
    opened = app.open(vic="viewer")
    sitting = sit(opened, who=Person("vic", "viewer"))
    assert sitting.view().ticket is None
    assert "takes the role reviewer" in sitting.view().notice.text
    opened.pool.close()


def test_going_back_opens_what_was_decided(opened_app, say):
    _, opened = opened_app
    sitting = sit(opened)
    first = sitting.view()
    sitting.take(say(first, action="approve"))
    last = sitting.view().recent[0]
    sitting.take(say(sitting.view(), "open", target=Target(task=last.task, item_id=last.item_id)))
    assert sitting.view().item_id == first.item_id
    assert any("you approved" in line for line in sitting.view().rows[0].history)


def test_another_run_in_its_place_shows_no_text_under_the_wrong_name(app, workspaces, say):
    old = app.open()
    sitting = sit(old)
    view = sitting.view()
    row = workspaces.row(1, workspaces.turns("What else?", "Something else."))
    workspaces.build(app.out, [row], [workspaces.verdict(row["row_id"], "defects")])
    new = app.open()  # another tab, opened after the new run
    sitting.take(say(view, action="approve"))
    assert sitting.view().ticket is None
    assert "curated again" in sitting.view().notice.text
    assert app.standing() == {}
    fresh = sit(new).view()
    assert fresh.rows[0].messages[0]["content"] == "What else?"
    old.pool.close()
    new.pool.close()


def test_an_end_tells_what_to_do_next(opened_app, say):
    app, opened = opened_app
    sitting = sit(opened)
    while (view := sitting.view()).ticket is not None:
        sitting.take(say(view, action="approve"))
    assert len(app.standing()) == 27
    opened.forget_counts()
    sitting.start()
    assert sitting.view().empty.startswith("All 27 rows are done.")
