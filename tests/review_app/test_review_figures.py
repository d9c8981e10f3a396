"""Figures from a real record: decisions made at the desk by three people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tuneset.cli.main import main
from tuneset.curate.ledger import Ledger
from tuneset.review_app import approve
from tuneset.review_app.desk import Desk, Shown
from tuneset.review_app.office import Office
from tuneset.review_app.people import Person, add_person
from tuneset.review_app.queue import sync
from tuneset.review_app.review_figures import (
    agreement_line,
    events,
    quality_scores,
    read_agreement,
    read_progress,
)
from tuneset.review_app.store import Draft, Store
from tuneset.schemas.review import Answers, ReviewItem

SEEN = Shown("2026-01-01T00:00:00.000Z", 4_000, "key")
PEOPLE = ("ana", "bob", "cem")


def _item(n: int, *, need: int) -> ReviewItem:
    row = f"f:{n}"
    return ReviewItem(
        task="review", item_id=row, row_ids=(row,), content_ids=(f"c{n}",), rank=n, why="", need=need
    )


def _pair() -> ReviewItem:
    return ReviewItem(
        task="pair", item_id="p", row_ids=("f:1", "f:2"), content_ids=("c1", "c2"), rank=9, why="", need=2
    )


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path / "review.db") as store:
        for name in PEOPLE:
            add_person(store, name, "reviewer", by="root")
        add_person(store, "ada", "adjudicator", by="root")
        sync(store, [_item(1, need=2), _item(2, need=2), _item(3, need=2), _item(4, need=1), _pair()], "run1")
        yield store


def _decide(store: Store, name: str, item: str, action: Any, **more: Any) -> None:
    desk = Desk(store, Person(name, "reviewer"))
    desk.decide(desk.open_item("review", item), action, SEEN, **more)


def _payload(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": text}]}


@pytest.fixture
def decided(store: Store) -> Store:
    tone = Answers(labels={"tone": ["warm"]}, ratings={"help": 4})
    _decide(store, "ana", "f:1", "approve", payload=_payload("one two three four"), answers=tone)
    _decide(store, "bob", "f:1", "approve", payload=_payload("one two three five"), answers=tone)
    _decide(store, "ana", "f:2", "reject", reason="unsafe")
    _decide(store, "bob", "f:2", "approve")
    _decide(store, "ana", "f:3", "reject", reason="duplicate")
    _decide(store, "bob", "f:3", "reject", reason="duplicate")
    pair = Desk(store, Person("cem", "reviewer"))
    pair.prefer(pair.open_item("pair", "p"), "a", SEEN, left="b")
    Office(store, Person("ada", "adjudicator")).adjudicate("f:2", "c2", "approve", SEEN)
    return store


def test_progress_of_a_record(decided: Store) -> None:
    told = read_progress(decided, scores={"f:1": 0.9, "f:2": 0.8, "f:3": 0.1})
    # f:1 is disputed, for two edits differ; f:2 was settled by ada; f:4 is open
    stands = told.standing
    assert (stands.total, stands.approved, stands.rejected, stands.disputed, stands.open) == (4, 1, 1, 1, 1)
    assert (stands.by_people, stands.by_rule, stands.reasons) == (2, 0, {"duplicate": 1})
    # one for the dispute, one for f:4, one more person for the pair
    assert told.left is not None
    assert told.left.decisions == 3
    assert told.everyone.decisions == 8
    assert [(p.actor, p.decisions, p.edited.count) for p in told.people] == [
        ("ada", 1, 0),
        ("ana", 3, 1),
        ("bob", 3, 1),
        ("cem", 1, 0),
    ]
    assert told.people[1].reading.median.value == 4.0
    assert told.score is not None
    assert (told.score.approved, told.score.rejected) == (3, 3)
    json.dumps(told.as_dict(), allow_nan=False)


def test_agreement_of_a_record(decided: Store) -> None:
    told = read_agreement(decided, label_sets={"tone": ["warm", "cold"]}, scales={"help": range(1, 6)})
    assert told.decisions.observed.value == pytest.approx(2 / 3)
    assert (told.decisions.shared, told.decisions.votes) == (3, {"approve": 3, "reject": 3})
    assert [(p.a, p.b, p.same.count) for p in told.decisions.pairs] == [("ana", "bob", 2)]
    assert told.labels["tone"].observed.value == 1.0
    assert told.labels["tone"].alpha.text() == "undefined: only one label was used"
    assert told.ratings["help"].observed.units == 1
    assert told.edits is not None
    assert told.edits.distance.value == pytest.approx(1 / 4)
    assert told.preferences is not None
    assert told.preferences.outcomes["a"] == 1
    assert told.repeats is not None
    assert told.repeats.same.of == 0
    json.dumps(told.as_dict(), allow_nan=False)


def test_an_empty_record_has_figures_too(tmp_path: Path) -> None:
    with Store.reading(tmp_path / "none.db") as store:
        assert events(store).num_rows == 0
        told = read_progress(store)
        assert (told.standing.total, told.left, told.people) == (None, None, ())
        assert read_agreement(store).decisions.text() == "undefined: nobody voted"
        assert agreement_line(store.votes()) is None


def test_scores_come_from_the_step_quality(workspaces, tmp_path: Path) -> None:
    rows = [workspaces.row(n, workspaces.turns("q", f"a {n}")) for n in (1, 2)]
    ids = [row["row_id"] for row in rows]
    told = [workspaces.verdict(ids[0], "quality", score=0.75), workspaces.verdict(ids[1], "quality")]
    with_score = workspaces.build(tmp_path / "a", rows, told)
    assert quality_scores(Ledger.open(with_score)) == {ids[0]: 0.75}
    without = workspaces.build(tmp_path / "b", rows, [workspaces.verdict(i, "defects") for i in ids])
    assert quality_scores(Ledger.open(without)) is None


def test_status_tells_who_decided_and_how_far_they_agree(story: Path, workspaces, capsys) -> None:
    ids = {n: workspaces.row(n, [])["row_id"] for n in range(1, 9)}
    approve(story, where="split == 'train'", actor="root")  # rows 1, 4, 8
    with Store.open(story / "review.db") as store:
        store.append_many(
            [Draft("approve", ids[5], "c"), Draft("reject", ids[7], "c"), Draft("approve", ids[4], "c")],
            actor="ben",
        )
        store.append_many([Draft("reject", ids[5], "c"), Draft("reject", ids[7], "c")], actor="ana")
    capsys.readouterr()
    assert main(["status", str(story)]) == 0
    text = capsys.readouterr().out
    # row 4 was approved by ben with other content, rows 1 and 8 by rule; 7 is rejected by both, 5 disputed
    assert "decisions    2 approved, 1 rejected, 1 changed since, 2 open" in text
    assert "             2 by people, 2 by rule; 1 disputed" in text
    assert "people       ben 3, ana 2" in text
    assert "agreement    observed agreement 0.50 (" in text
    assert "on 2 rows of 2 people" in text
    assert main(["status", str(story), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["review"]["by_people"], told["review"]["by_rule"], told["review"]["disputed"]) == (2, 2, 1)
    assert told["people"] == {"ben": 3, "ana": 2}
    assert told["agreement"]["observed"]["value"] == 0.5
