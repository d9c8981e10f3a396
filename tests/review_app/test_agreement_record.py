"""Agreement of edits, comparisons and repeated decisions, from tables of the record."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.review_app.agreement import (
    decision_ratings,
    edit_agreement,
    label_ratings,
    preference_agreement,
    repeats,
    scale_ratings,
)
from tuneset.review_app.agreement.edits import distance, turns
from tuneset.review_app.agreement.votes import asked
from tuneset.schemas.review import EDITIONS, PREFERENCES


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [
        (["q", "the cat sat"], ["q", "the cat sat"], 0.0),
        (["q", "the cat sat"], ["q", "the dog sat"], 1 / 3),
        (["q", "the cat sat."], ["q", "the cat sat"], 1 / 4),
        (["a very long prompt of many words", "yes"], ["a very long prompt of many words", "no"], 1.0),
        (["one two", "three four"], ["one TWO", "three four five"], 2 / 5),
        (["q"], ["q", "a new turn"], 1.0),
        (["猫が好き"], ["犬が好き"], 1 / 4),
        (["a b"], ["a  b"], 1 / 4),  # white space alone: by characters
        ([], [], 0.0),
    ],
)
def test_distance_by_hand(a, b, apart: float) -> None:
    assert distance(a, b) == pytest.approx(apart)
    assert distance(b, a) == pytest.approx(apart)


TEXTS = st.lists(st.text(alphabet="ab .", max_size=8), max_size=3)


@given(a=TEXTS, b=TEXTS)
def test_a_distance_is_between_0_and_1_and_0_only_for_the_same(a, b) -> None:
    apart = distance(a, b)
    assert 0 <= apart <= 1
    padded = [t + [""] * (3 - len(t)) for t in (a, b)]
    assert (apart == 0) == (padded[0] == padded[1])


def _payload(*texts: str, **more: Any) -> str:
    messages = [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(texts)]
    return json.dumps({"messages": messages, "tools": None, "rejected": None, "label": None, **more})


def test_every_text_of_a_payload_is_compared() -> None:
    call = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    payload = json.loads(_payload("hi", "x", rejected=[{"role": "assistant", "content": "bad"}]))
    payload["messages"][1] |= {"content": None, "tool_calls": call}
    assert turns(json.dumps(payload))[::2] == ["hi", "bad"]
    assert '"name": "f"' in turns(json.dumps(payload))[1]


def _editions(*lines: tuple[str, str, str, str, str]) -> pa.Table:
    names = ("content_id", "row_id", "actor", "at", "payload")
    rows = [{**dict(zip(names, line, strict=True)), "parent_id": "p"} for line in lines]
    return pa.Table.from_pylist(rows, schema=EDITIONS)


def _votes(*lines: dict[str, Any]) -> pa.Table:
    empty = {"shown_id": None, "content_id": "c", "task": "review", "value": None, "action": "approve"}
    schema = pa.schema(
        [(n, pa.string()) for n in ("row_id", "actor", "shown_id", "content_id", "task", "value", "action")]
    )
    return pa.Table.from_pylist([{**empty, **line} for line in lines], schema=schema)


def test_edits_of_two_people_to_one_row() -> None:
    table = _editions(
        ("c1", "r1", "ana", "2026-01-01T00:00:00Z", _payload("q", "first try of mine")),
        ("c2", "r1", "ana", "2026-01-01T00:01:00Z", _payload("q", "one two three four")),
        ("c3", "r1", "ben", "2026-01-01T00:00:30Z", _payload("q", "one two three five")),
        ("c4", "r2", "ana", "2026-01-01T00:00:00Z", _payload("q", "same")),
        ("c5", "r2", "ben", "2026-01-01T00:00:00Z", _payload("q", "same")),
        ("c6", "r3", "ana", "2026-01-01T00:00:00Z", _payload("q", "alone")),
    )
    told = edit_agreement(table)
    assert told.distance.value == pytest.approx((1 / 4 + 0) / 2)
    assert (told.identical, told.pairs, told.rows, told.distance.raters) == (1, 2, 2, 2)
    assert told.distance.low == 0
    assert told.distance.high == pytest.approx(1 / 4)
    shown = {"shown_id": "p"}
    votes = _votes(
        {"row_id": "r1", "actor": "ana", "content_id": "c1", **shown},  # the second text was taken back
        {"row_id": "r1", "actor": "ben", "content_id": "c3", **shown},
        {"row_id": "r2", "actor": "ana", "content_id": "c4", **shown},
        {"row_id": "r2", "actor": "ben", "content_id": "c5", "action": "reject", **shown},
        {"row_id": "r2", "actor": "ada", "content_id": "c5", "task": "adjudicate", **shown},
        {"row_id": "r3", "actor": "ana", "content_id": "c6", **shown},
        {"row_id": "r3", "actor": "cid", "content_id": "c6", **shown},  # wrote the same; it is kept once
        {"row_id": "r3", "actor": "dan", "content_id": "p", **shown},  # approved as it was
    )
    standing = edit_agreement(table, votes=votes)
    assert standing.distance.value == pytest.approx((1 + 0) / 2)
    assert (standing.identical, standing.pairs, standing.rows) == (1, 2, 2)
    nothing = edit_agreement(EDITIONS.empty_table())
    assert nothing.distance.text() == "undefined: no row was edited by two people"


def _preferences(*lines: tuple[str, str, str, str]) -> pa.Table:
    rows = []
    for seq, (item, actor, outcome, left) in enumerate(lines, 1):
        line = dict.fromkeys(PREFERENCES.names) | {"seq": seq, "source": "conflict"}
        rows.append(line | {"item_id": item, "actor": actor, "outcome": outcome, "left": left})
    return pa.Table.from_pylist(rows, schema=PREFERENCES)


def test_comparisons_agree_and_lean_to_a_side() -> None:
    lines = [(f"p{n}", "ana", "a", "a") for n in range(12)]  # ana always takes the left side
    lines += [(f"p{n}", "ben", "a" if n < 9 else "b", "b") for n in range(12)]
    lines += [("q", "ben", "tie", "a"), ("q", "cid", "both_bad", "a")]
    told = preference_agreement(_preferences(*lines))
    assert told.observed.value == pytest.approx(9 / 13)
    assert told.outcomes == {"a": 21, "b": 3, "tie": 1, "both_bad": 1}
    ana, ben, cid = told.people
    assert (ana.left.count, ana.left.of, ana.p) == (12, 12, pytest.approx(2 / 2**12))
    assert ana.words == "prefers the left side: 100% of the wins"
    # 3 of 12 or fewer, twice: 2 * (1 + 12 + 66 + 220) / 4096
    assert (ben.left.count, ben.p) == (3, pytest.approx(2 * 299 / 4096))
    assert ben.words == "no sign of a side bias"
    assert cid.words == "undefined: no comparison had a winner"
    assert (told.bias.actor, told.bias.left.count, told.bias.left.of) == (None, 15, 24)
    empty = preference_agreement(PREFERENCES.empty_table())
    assert empty.observed.text() == "undefined: nobody voted"
    assert empty.bias.left.value is None


def _events(*lines: tuple[Any, ...]) -> pa.Table:
    """Actor, action, row, content, and more members by name; one a day where no hour is given."""
    names = ("task", "shown_id", "rule", "supersedes")
    rows = []
    for seq, (actor, action, row, content, *more) in enumerate(lines, 1):
        extra = {"task": "review", "at": f"2026-01-{seq:02}T09:00:00.000Z", **(more[0] if more else {})}
        told = {"seq": seq, "actor": actor, "action": action, "row_id": row, "content_id": content}
        rows.append({**dict.fromkeys(names), **told, **extra})
    texts = ("at", "actor", "action", "row_id", "content_id", "task", "shown_id", "rule")
    numbers = [("seq", pa.int64()), ("supersedes", pa.int64())]
    return pa.Table.from_pylist(rows, schema=pa.schema([*numbers, *((n, pa.string()) for n in texts)]))


def test_repeated_decisions_of_one_person() -> None:
    told = repeats(
        _events(
            ("ana", "approve", "r1", "c1"),
            ("ana", "approve", "r1", "c1"),  # the same again
            ("ana", "reject", "r1", "c1"),  # a third reading is not compared
            ("ana", "approve", "r2", "c2"),
            ("ana", "reject", "r2", "c2"),  # another than before
            ("ana", "approve", "r3", "c3"),  # undone by the next
            ("ana", "undo", "r3", "c3", {"supersedes": 6}),
            ("ana", "reject", "r3", "c3"),
            ("ben", "approve", "r1", "c1"),
            ("ben", "reject", "r1", "c9"),  # another content
            ("ben", "reject", "r4", "c4"),
            ("ben", "approve", "r4", "c8", {"shown_id": "c4"}),  # edited, but shown the same
            ("ben", "approve", "r5", "c5", {"rule": "true", "task": "rule"}),
            ("ben", "reject", "r5", "c5"),
            ("ben", "approve", "r6", "c6"),
            ("ben", "reject", "r6", "c6", {"task": "adjudicate"}),
            ("ben", "approve", "r7", "c7", {"at": "2026-02-01T09:00:00.000Z"}),
            ("ben", "reject", "r7", "c7", {"at": "2026-02-01T09:59:59.000Z"}),  # a correction
            ("ben", "reject", "r7", "c7", {"at": "2026-02-01T11:00:00.000Z"}),
        )
    )
    assert (told.same.count, told.same.of) == (2, 4)
    assert {name: (s.count, s.of) for name, s in told.people.items()} == {"ana": (1, 2), "ben": (1, 2)}
    # first: approve approve reject reject; second: approve reject approve reject
    assert told.kappa.value == pytest.approx((1 / 2 - 1 / 2) / (1 - 1 / 2))
    assert (
        repeats(_events(("ana", "approve", "r", "c"))).kappa.text() == "undefined: nobody decided a row twice"
    )


def test_votes_become_ratings_row_by_row_and_content_by_content() -> None:
    ratings = decision_ratings(
        _votes(
            {"row_id": "r1", "actor": "ana", "content_id": "c1"},
            {"row_id": "r1", "actor": "ben", "content_id": "c2", "shown_id": "c1", "action": "reject"},
            {"row_id": "r1", "actor": "cid", "content_id": "c9"},  # another round
            {"row_id": "r1", "actor": "dan", "content_id": "c1", "task": "adjudicate"},
        )
    )
    assert ratings.raters == ("ana", "ben", "cid")
    assert ratings.labels == ("approve", "reject")
    assert ratings.codes.tolist() == [[0, 1, -1], [-1, -1, 0]]


def test_answers_become_ratings() -> None:
    def value(**answers: Any) -> str:
        return json.dumps(answers)

    votes = _votes(
        {"row_id": "r1", "actor": "ana", "value": value(labels={"tone": ["warm"]}, ratings={"help": 4})},
        {"row_id": "r1", "actor": "ben", "value": value(labels={"tone": ["cold"]}, ratings={"help": 5})},
        {"row_id": "r2", "actor": "ana", "value": value(labels={"topic": ["a", "b"]})},
        {"row_id": "r2", "actor": "ben", "value": value(labels={"topic": ["b"]})},
        {"row_id": "r3", "actor": "ben"},
    )
    assert asked(votes) == {"labels": {"tone", "topic"}, "ratings": {"help"}}
    tone = label_ratings(votes, "tone", ["warm", "cold"])
    assert list(tone) == ["tone"]
    assert tone["tone"].codes.tolist() == [[0, 1]]
    topic = label_ratings(votes, "topic", ["a", "b", "c"])
    assert list(topic) == ["a", "b", "c"]
    assert topic["a"].codes.tolist() == [[1, 0]]
    assert topic["b"].codes.tolist() == [[1, 1]]
    scale = scale_ratings(votes, "help", range(1, 6))
    assert (scale.level, scale.labels, scale.codes.tolist()) == ("ordinal", (1, 2, 3, 4, 5), [[3, 4]])
