"""Near-duplicate groups and pairs to compare: which rows, in which order, under which names."""

from types import SimpleNamespace

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.curate.ledger import Ledger
from tuneset.review_app.groups import NEAR, SHOWN, Link, cut, joined
from tuneset.review_app.items import review_items
from tuneset.review_app.names import item_names
from tuneset.review_app.pairs import left_side
from tuneset.schemas.review import DECISIONS

POLICY = SimpleNamespace(order="fifo", overlap_ratio=0.0, seed=1)


def items(out, task, decisions=None, policy=POLICY):
    found = [i for i in review_items(Ledger.open(out), policy, decisions) if i.task == task]
    assert [i.rank for i in found] == list(range(len(found)))
    return found


def decided(*lines):
    made = [
        dict.fromkeys(DECISIONS.names)
        | {"row_id": row, "content_id": content, "action": action, "reason": reason}
        for row, content, action, reason in lines
    ]
    return pa.Table.from_pylist(made, schema=DECISIONS)


@pytest.fixture
def run(workspaces, tmp_path):
    """Rows 1 to 12, compared by near_duplicate.

    1 - 2 (0.60), 3 - 2 (0.64): one group; row 4 was dropped for 2. 5 - 6 mean the same (0.90).
    7 and 8 contradict each other (0.97), and so do 9 and 10 (0.99). 11 is near 12 by less than half.
    """
    row, verdict, turns = workspaces.row, workspaces.verdict, workspaces.turns
    rows = [row(n, turns(f"question {n}", f"answer {n}")) for n in range(1, 12)]
    rows.append(row(12, turns("question 12", "answer"), rejected=turns("", "bad")[1:]))
    ids = {n: r["row_id"] for n, r in enumerate(rows, start=1)}
    contents = {n: r["content_id"] for n, r in enumerate(rows, start=1)}
    near = {1: (2, 0.6), 3: (2, 0.64), 11: (12, 0.49)}
    told = [verdict(ids[n], "near_duplicate") for n in range(1, 13)]
    for n, (other, score) in near.items():
        told[n - 1] |= {"related_id": ids[other], "score": score}
    told[3] |= {"action": "drop", "reason": "near_duplicate", "related_id": ids[2], "score": 0.9}
    for a, b, reason, score in (
        (5, 6, "same_meaning", 0.9), (7, 8, "conflicting_answer", 0.97), (9, 10, "conflicting_answer", 0.99)
    ):  # fmt: skip
        for n, other in ((a, b), (b, a)):
            told[n - 1] |= {"action": "review", "reason": reason, "related_id": ids[other], "score": score}
    return workspaces.build(tmp_path / "out", rows, told), ids, contents


def test_groups_are_the_rows_that_links_join_by_size_times_nearness(run):
    out, ids, _ = run
    found = [(i.row_ids, i.why) for i in items(out, "group")]
    assert found == [
        ((ids[1], ids[2], ids[3]), "3 rows that are nearly alike; 1 more dropped as near-duplicates of them"),
        ((ids[5], ids[6]), "2 rows that mean nearly the same"),
    ]  # 3 x 0.62 = 1.86 before 2 x 0.9 = 1.8


def test_pairs_are_conflicts_by_nearness_and_then_preference_rows(run):
    out, ids, contents = run
    found = items(out, "pair")
    assert [(i.row_ids, i.content_ids) for i in found] == [
        ((ids[9], ids[10]), (contents[9], contents[10])),
        ((ids[7], ids[8]), (contents[7], contents[8])),
        ((ids[12],), (contents[12],)),
    ]
    assert [i.why for i in found] == [
        "two rows ask nearly the same and are answered otherwise",
        "two rows ask nearly the same and are answered otherwise",
        "the chosen and the rejected answer of one row",
    ]
    assert len({i.item_id for i in found}) == 3


def test_names_depend_on_contents_alone(run):
    out, _, _ = run
    first = [i.item_id for i in items(out, "pair")]
    assert first == [i.item_id for i in items(out, "pair")]
    assert (
        next(iter(item_names("pair", [["a", "b"], ["b", "a"], ["a"]]))) + "~2"
        == list(item_names("pair", [["a", "b"], ["b", "a"]]))[1]
    )
    assert next(item_names("group", [["a", "b"]])) != next(item_names("pair", [["a", "b"]]))


def test_what_was_settled_row_by_row_is_not_asked_again(run):
    out, ids, contents = run
    by_hand = decided(
        (ids[5], contents[5], "reject", "wrong_answer"), (ids[7], contents[7], "reject", "unsafe"),
        (ids[12], contents[12], "reject", "poor_style"), (ids[1], contents[1], "reject", "truncated"),
        (ids[9], contents[9], "approve", None),
    )  # fmt: skip
    assert [i.row_ids for i in items(out, "group", by_hand)] == [(ids[1], ids[2], ids[3])]
    assert [i.row_ids for i in items(out, "pair", by_hand)] == [(ids[9], ids[10])]


def test_what_was_settled_as_such_stays_in_the_queue(run):
    out, ids, contents = run
    as_such = decided(
        (ids[5], contents[5], "reject", "not_kept"), (ids[7], contents[7], "reject", "not_preferred"),
        (ids[12], contents[12], "reject", "tie"),
    )  # fmt: skip
    assert len(items(out, "group", as_such)) == 2
    assert len(items(out, "pair", as_such)) == 3


def test_a_rejection_of_another_content_settles_nothing(run):
    out, ids, _ = run
    assert len(items(out, "pair", decided((ids[7], "0" * 32, "reject", "unsafe")))) == 3


def test_preference_rows_follow_the_order_of_the_queue(workspaces, tmp_path):
    rejected = workspaces.turns("", "bad")[1:]
    rows = [workspaces.row(n, workspaces.turns(f"q{n}", "a"), rejected=rejected) for n in range(1, 6)]
    told = [workspaces.verdict(r["row_id"], "own") for r in rows]
    out = workspaces.build(tmp_path / "out", rows, told)
    random = SimpleNamespace(order="random", overlap_ratio=1.0, seed=4)
    pairs = items(out, "pair", policy=random)
    assert [i.row_ids for i in pairs] == [i.row_ids for i in items(out, "review", policy=random)]
    assert [i.need for i in pairs] == [2] * 5


def test_groups_join_nearest_first_and_are_cut_where_they_joined_last():
    links = [Link(0, 1, 0.9, False), Link(2, 3, 0.8, False), Link(1, 2, 0.7, False)]
    assert joined(links) == [[0, 1, 2, 3]]
    assert cut([list(range(10))]) == [(0, 1, 2, 3, 4), (5, 6, 7, 8, 9)]
    assert cut([list(range(9))]) == [tuple(range(9))]


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 40), st.floats(NEAR, 1)).filter(lambda t: t[0] != t[1]),
        max_size=60,
    )
)
def test_every_linked_row_is_in_one_group_of_two_to_nine(raw):
    links = sorted((Link(min(a, b), max(a, b), s, False) for a, b, s in raw), key=lambda k: -k.score)
    pieces = cut(joined(links))
    rows = [row for piece in pieces for row in piece]
    assert sorted(rows) == sorted({end for k in links for end in (k.left, k.right)})
    assert all(2 <= len(piece) <= SHOWN for piece in pieces)
    assert all(list(piece) == sorted(piece) for piece in pieces)


def test_sides_are_drawn_by_pair_and_person_and_stay():
    pairs = [f"pair:{i}" for i in range(1000)]
    ana = [left_side(pair, "ana", 7) for pair in pairs]
    assert ana == [left_side(pair, "ana", 7) for pair in pairs]
    assert ana != [left_side(pair, "bob", 7) for pair in pairs]
    assert ana != [left_side(pair, "ana", 8) for pair in pairs]
    assert 400 < ana.count("a") < 600  # six standard deviations of 1,000 fair draws
