"""The queue's orders, what each item is told to be here for, and the overlap."""

import json
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.curate.ledger import Ledger
from tuneset.review_app.items import review_items
from tuneset.review_app.orders import ORDERS, draws
from tuneset.schemas.errors import RecipeError
from tuneset.schemas.quality import QUEUE
from tuneset.schemas.review import DECISIONS

SENTENCES = {
    "truncated": "The answer stops in the middle of a sentence.",
    "toxic": "The answer attacks a group of people.",
    "contact_data": "The row holds an e-mail address.",
    "low_quality": "The quality score is below the limit that the recipe sets.",
    "same_meaning": "Prompt and response mean what those of a kept row mean, in other words.",
    "odd": "It looks odd.",
}


def policy(order, *, overlap=0.0, seed=1):
    return SimpleNamespace(order=order, overlap_ratio=overlap, seed=seed)


@pytest.fixture
def run(workspaces, tmp_path):
    """Eight kept rows and a dropped one; the table is worked by hand.

    row  quality  doubt   asked for by                      topic, task
    1    0.95     0.1     -                                 garden, writing
    2    0.52     0.96    -                                 garden, writing
    3    0.10     0.2     quality (low_quality)             garden, code
    4    0.70     0.6     defects (truncated)               garden, writing
    5    0.30     0.6     toxicity, defects                 trains, writing
    6    0.90     0.2     - (pii edited it)                 trains, writing
    7    0.45     0.9     near_duplicate (same_meaning)     other, writing
    8    0.60     0.8     own (odd)                         garden, writing
    9    dropped by defects
    """
    row, verdict, turns = workspaces.row, workspaces.verdict, workspaces.turns
    rows = [row(n, turns(f"question {n}", f"answer {n}")) for n in range(1, 10)]
    ids = {n: r["row_id"] for n, r in enumerate(rows, start=1)}
    seen = range(1, 9)

    def said(step, told, **common):
        return [verdict(ids[n], step, **{**common, **told.get(n, {})}) for n in seen]

    asks = {"action": "review"}
    told = [verdict(ids[n], "defects") for n in range(1, 10)]
    told[3] = verdict(ids[4], "defects", **asks, reason="truncated")
    told[4] = verdict(ids[5], "defects", **asks, reason="truncated")
    told[8] = verdict(ids[9], "defects", "drop", reason="truncated")
    told += said("pii", {6: {"action": "edit", "reason": "contact_data"}})
    told += said("toxicity", {5: {**asks, "reason": "toxic", "score": 0.9}})
    scores = dict(zip(seen, (0.95, 0.52, 0.1, 0.7, 0.3, 0.9, 0.45, 0.6), strict=True))
    told += said("quality", {n: {"score": s} for n, s in scores.items()} | {
        3: {**asks, "reason": "low_quality", "score": 0.1}})  # fmt: skip
    told += said(
        "near_duplicate", {7: {**asks, "reason": "same_meaning", "score": 0.9, "related_id": ids[9]}}
    )
    told += said("own", {8: {**asks, "reason": "odd"}})
    topics = dict.fromkeys(seen, "garden") | {5: "trains", 6: "trains", 7: "other"}
    told += said("topic", {n: {"value": topics[n], "detail": json.dumps({"task": "code" if n == 3 else "writing"})}
                           for n in seen}, action="assign", reason="topic")  # fmt: skip
    edits = [{"row_id": ids[6], "step": "pii", "messages": turns("question 6", "[EMAIL_1]")}]
    return workspaces.build(tmp_path / "out", rows, told, edits=edits, sentences=SENTENCES), ids


def rows_of(out, ids, order, **more):
    numbers = {row_id: n for n, row_id in ids.items()}
    items = [i for i in review_items(Ledger.open(out), policy(order, **more)) if i.task == "review"]
    assert [i.rank for i in items] == list(range(len(items)))
    return [(numbers[i.item_id], i.why) for i in items]


def test_fifo_is_the_order_of_the_input(run):
    assert rows_of(*run, "fifo") == [(n, "next in the order of the input") for n in range(1, 9)]


def test_uncertainty_is_by_distance_from_the_middle_and_never_says_which_side(run):
    middle, somewhat, hardly = (
        f"its quality is {x}in doubt" for x in ("", "somewhat ", "hardly ")
    )  # 0.8 and 0.4 of doubt
    assert rows_of(*run, "uncertainty") == [
        (2, middle), (7, middle), (8, middle), (4, somewhat), (5, somewhat), (3, hardly), (6, hardly), (1, hardly),
    ]  # fmt: skip


def test_the_queue_that_was_learned_comes_first_and_audits_say_so(run):
    out, ids = run
    (out / "quality").mkdir()
    columns = [
        [ids[6], ids[1], "gone:1"],
        [1, 2, 3],
        [0.51, 0.2, 0.9],
        [0.98, 0.4, 0.2],
        [False, True, False],
    ]
    queue = pa.Table.from_arrays(
        [pa.array(c, f.type) for c, f in zip([*columns, ["long", "", ""]], QUEUE, strict=True)], schema=QUEUE
    )
    pq.write_table(queue, out / "quality" / "queue.parquet")
    found = rows_of(out, ids, "uncertainty")
    assert found[:3] == [
        (6, "its quality is in doubt"),
        (1, "random sample that checks the learned threshold"),
        (2, "its quality is in doubt"),
    ]
    assert [n for n, _ in found] == [6, 1, 2, 7, 8, 4, 5, 3]


def test_risk_is_by_gravity_then_redacted_then_doubtful(run):
    assert rows_of(*run, "risk") == [
        (5, "toxicity asks: The answer attacks a group of people; "
            "defects asks: The answer stops in the middle of a sentence"),
        (4, "defects asks: The answer stops in the middle of a sentence"),
        (8, "own asks: It looks odd"),
        (7, "near_duplicate asks: Prompt and response mean what those of a kept row mean, in other words"),
        (3, "its quality is in doubt"),
        (6, "pii replaced something: The row holds an e-mail address"),
        (2, "its quality is in doubt"),
        (1, "its quality is hardly in doubt"),
    ]  # fmt: skip


def test_rare_topics_come_first(run):
    found = rows_of(*run, "rare_topic")
    alone = "the only row without a topic, task writing"
    assert found[:2] == [(7, alone), (3, "the only row of topic garden, task code")]
    assert sorted(found[2:4]) == [(n, "one of 2 rows of topic trains, task writing") for n in (5, 6)]
    assert sorted(found[4:]) == [(n, "one of 4 rows of topic garden, task writing") for n in (1, 2, 4, 8)]


def test_a_random_order_is_the_seeds_and_stays_when_rows_go(run):
    out, ids = run
    first = rows_of(out, ids, "random")
    assert first == rows_of(out, ids, "random")
    assert {why for _, why in first} == {"random sample"}
    assert [n for n, _ in first] != [n for n, _ in rows_of(out, ids, "random", seed=2)]
    names = list(ids.values())
    order = [names[i] for i in np.argsort(draws(names, 1)[:, 0])]
    some = [name for i, name in enumerate(names) if i % 2]
    assert [some[i] for i in np.argsort(draws(some, 1)[:, 0])] == [n for n in order if n in some]


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_has_every_kept_row_once_and_no_word_of_a_score(run, order):
    out, ids = run
    items = list(review_items(Ledger.open(out), policy(order)))
    assert sorted(i.item_id for i in items) == sorted(ids[n] for n in range(1, 9))
    assert not any(word in i.why for i in items for word in ("score", "below", "0."))


def test_an_edited_row_is_queued_with_the_content_of_its_edit(run, workspaces):
    out, ids = run
    edited = workspaces.row(6, workspaces.turns("question 6", "[EMAIL_1]"))["content_id"]
    found = {i.item_id: i for i in review_items(Ledger.open(out), policy("fifo"))}
    assert found[ids[6]].content_ids == (edited,)


def test_an_unknown_order_is_refused(run):
    with pytest.raises(RecipeError, match="'fifi'.*\n.*\n.*did you mean 'fifo'"):
        review_items(Ledger.open(run[0]), policy("fifi"))


def test_orders_do_without_the_steps_that_they_ask(workspaces, tmp_path):
    row = workspaces.row(1, workspaces.turns("q", "a"))
    out = workspaces.build(tmp_path / "out", [row], [workspaces.verdict(row["row_id"], "own")])
    whys = {o: [i.why for i in review_items(Ledger.open(out), policy(o))] for o in ORDERS}
    assert whys == {
        "fifo": ["next in the order of the input"],
        "random": ["random sample"],
        "uncertainty": ["no quality score"],
        "risk": ["no quality score"],
        "rare_topic": ["random sample: the run has no topics"],
    }


def test_an_empty_run_has_no_items(workspaces, tmp_path):
    out = workspaces.build(tmp_path / "out", [], [])
    assert [list(review_items(Ledger.open(out), policy(o))) for o in ORDERS] == [[]] * len(ORDERS)


def test_content_that_changed_since_a_decision_says_so(run):
    out, ids = run
    same = next(i for i in review_items(Ledger.open(out), policy("fifo")) if i.item_id == ids[2])
    lines = [(ids[1], "f" * 32, None), (ids[2], "e" * 32, same.content_ids[0])]
    made = [
        dict.fromkeys(DECISIONS.names) | {"row_id": r, "action": "approve", "content_id": c, "shown_id": s}
        for r, c, s in lines
    ]
    decisions = pa.Table.from_pylist(made, schema=DECISIONS)
    whys = [i.why for i in review_items(Ledger.open(out), policy("fifo"), decisions)]
    changed = "its content changed since it was decided on; next in the order of the input"
    assert whys[:2] == [changed, "next in the order of the input"]


@given(st.integers(0, 2**31 - 1), st.floats(0, 1))
def test_the_overlap_is_a_share_and_grows_with_the_ratio(seed, ratio):
    names = [f"abc:{i}" for i in range(2000)]
    drawn = draws(names, seed)
    assert ((drawn >= 0) & (drawn < 1)).all()
    less, more = drawn[:, 1] < ratio / 2, drawn[:, 1] < ratio
    assert not (less & ~more).any()
    assert abs(more.mean() - ratio) < 0.08  # six standard deviations of a share of 2,000 rows


def test_the_overlap_waits_for_two_people(run):
    out, _ = run
    need = [[i.need for i in review_items(Ledger.open(out), policy("fifo", overlap=r))] for r in (0, 0.5, 1)]
    assert need[0] == [1] * 8
    assert need[2] == [2] * 8
    assert 0 < need[1].count(2) < 8
