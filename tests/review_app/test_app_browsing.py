"""Browse: which rows fit, what a page shows, and bulk decisions with their undo."""

import numpy as np
import pytest
from tuneset.review_app.app.browsing import batches, decide_many, excerpt, page_of, take_back
from tuneset.review_app.app.catalog import Filters
from tuneset.review_app.app.finding import find
from tuneset.review_app.app.reading_row import row_history
from tuneset.review_app.app.sitting import Sitting
from tuneset.review_app.people import Person
from tuneset.schemas.errors import NotAllowed, RecipeError

OWNER = Person("root", "admin", owner=True)


def numbers(app, opened, **filters):
    with opened.pool.borrow() as store:
        stands = opened.stands(store)
    found = find(opened, Filters(**filters), stands)
    known = {row: n for n, row in app.ids.items()}
    return [known[row] for row, _ in opened.catalog.pairs(found.places)]


def decide(opened, say, row_id, **told):
    sitting = Sitting(opened, OWNER, "review")
    sitting.start(row_id)
    sitting.take(say(sitting.view(), **told))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, list(range(1, 28))),
        ({"split": ("test",)}, [4, 8, 12, 16, 20, 24]),
        ({"language": ("fr",)}, [5, 10, 15, 20, 25]),
        ({"language": ("fr",), "split": ("test",)}, [20]),
        ({"language": ("fr", "en")}, list(range(1, 28))),
        ({"language": ("xx",)}, []),
        ({"topic": ("any",)}, []),
        ({"flagged": True}, [3, 24, 25]),
        ({"reason": ("toxic",)}, [3]),
        ({"reason": ("conflicting_answer",), "language": ("fr",)}, [25]),
        ({"source": ("faq.jsonl",), "rule": "quality > 0.25"}, [26, 27]),
        ({"rule": "language == 'fr' and quality < 0.12"}, [5, 10]),
        ({"words": "EARTH"}, [24, 25]),
        ({"words": "earth", "language": ("fr",)}, [25]),
        ({"words": "Oi 27"}, [27]),
        ({"words": "no such words"}, []),
        ({"status": ("approved", "rejected")}, []),
    ],
)
def test_filters(opened_app, filters, expected):
    assert numbers(*opened_app, **filters) == expected


def test_a_wrong_rule_is_told(opened_app):
    with pytest.raises(RecipeError, match="unknown field 'qualty'"):
        numbers(*opened_app, rule="qualty > 0.5")


def test_statuses_and_people_follow_the_record(opened_app, say):
    app, opened = opened_app
    decide(opened, say, app.ids[1], action="approve")
    decide(opened, say, app.ids[2], action="reject", reason="off_topic")
    assert numbers(app, opened, status=("approved",)) == [1]
    assert numbers(app, opened, status=("rejected",)) == [2]
    assert numbers(app, opened, actor=("root",)) == [1, 2]
    assert len(numbers(app, opened, status=("undecided",))) == 25
    assert numbers(app, opened, rule="true", status=("approved", "rejected")) == [1, 2]


def test_a_page_shows_texts_of_its_rows_alone(opened_app, say):
    app, opened = opened_app
    decide(opened, say, app.ids[2], action="reject", reason="off_topic")
    with opened.pool.borrow() as store:
        page = page_of(opened, np.array([1, 2]), opened.stands(store)).to_pylist()
    assert page[0] == {
        "status": "✕ rejected: off topic",
        "row": "faq.jsonl 2",
        "asks": "What is the capital of land 2?",
        "answers": "The capital of land 2 is town 2.",
        "flags": "",
        "split": "train",
        "language": "en",
        "topic": "",
        "by": "root",
    }
    assert page[1]["status"] == "○ undecided"
    assert page[1]["flags"] == "toxic"


def test_an_excerpt_is_one_line():
    assert excerpt("a\n\n b\tc") == "a b c"
    assert len(excerpt("x" * 500)) == 160


def test_many_are_decided_at_once_and_taken_back_at_once(opened_app, say):
    app, opened = opened_app
    decide(opened, say, app.ids[1], action="approve")
    done = decide_many(opened, OWNER, np.arange(5), "reject", rule="browse: x", reason="off_topic")
    assert (done.decided, done.left) == (4, 1)  # a person had read row 1
    assert done.text() == "Rejected 4 rows; 1 that a person had decided stay as they are."
    assert app.standing() == {1: "approve", 2: "reject", 3: "reject", 4: "reject", 5: "reject"}
    assert [(b["n"], b["action"], b["rule"]) for b in batches(opened, OWNER)] == [(4, "reject", "browse: x")]
    assert take_back(opened, OWNER, done.batch_id) == 4
    assert app.standing() == {1: "approve"}
    assert batches(opened, OWNER) == []


def test_a_reviewer_decides_one_by_one(app):
    opened = app.open(ana="reviewer")
    with pytest.raises(NotAllowed):
        decide_many(opened, Person("ana", "reviewer"), np.arange(3), "approve", rule="x", reason=None)
    assert app.standing() == {}
    opened.pool.close()


def test_filters_tell_how_rows_were_chosen():
    assert Filters().text() == "every row"
    assert Filters(status=("undecided",), words="egg", flagged=True).text() == (
        "status=undecided; flagged=True; words=egg"
    )


def test_others_decisions_are_not_told_to_who_has_not_decided(app, say):
    opened = app.open(ana="reviewer", bob="reviewer", ada="adjudicator")
    sitting = Sitting(opened, Person("ana", "reviewer"), "review")
    sitting.start(app.ids[6])
    sitting.take(say(sitting.view(), action="reject", reason="off_topic", note="why"))
    with opened.pool.borrow() as store:
        told = {
            name: row_history(store, Person(name, role), app.ids[6])
            for name, role in (("ana", "reviewer"), ("bob", "reviewer"), ("ada", "adjudicator"))
        }
    assert told["bob"] == []
    assert told["ana"][0].endswith("you rejected (off_topic; why)")
    assert told["ada"][0].endswith("ana rejected (off_topic; why)")
    opened.pool.close()
