"""What the pane sends back is read strictly, and never raises."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.review_app.app.pane.contract import Answered, PaneRow, PaneView
from tuneset.review_app.app.pane.edited import edited_payload
from tuneset.review_app.app.pane.events import Edit, PaneEvent, Refusal
from tuneset.review_app.app.pane.reading import read_event
from tuneset.schemas.example import content_id


def load(name):
    spec = importlib.util.spec_from_file_location(
        f"tuneset_test_{name}", Path(__file__).with_name(f"{name}.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ITEMS = load("pane_items")
REVIEW = ITEMS.rich()[0]
ROW = REVIEW.rows[0]
DECIDE = {
    "kind": "decide",
    "nonce": "0" * 32,
    "ticket": REVIEW.ticket,
    "item_id": REVIEW.item_id,
    "content_ids": list(REVIEW.content_ids),
    "action": "approve",
    "row_id": ROW.row_id,
    "content_id": ROW.content_id,
    "answers": {"labels": {"topic": ["rooms"]}},
    "painted_at": "2026-11-25T04:38:52.159Z",
    "dwell_ms": 376,
    "input": "key",
}


def told(raw, view=REVIEW):
    """ "" for an event that is taken, "stale", or the refusal's sentence."""
    found = read_event(raw, view)
    if isinstance(found, PaneEvent):
        return ""
    return "stale" if found.stale else found.text


def about(view, **members):
    return {
        **DECIDE,
        "ticket": view.ticket,
        "item_id": view.item_id,
        "content_ids": list(view.content_ids),
        "row_id": None,
        "content_id": None,
        "answers": {},
        **members,
    }


def test_a_decision_is_taken():
    event = read_event(DECIDE, REVIEW)
    assert isinstance(event, PaneEvent)
    assert (event.action, event.dwell_ms, event.input) == ("approve", 376, "key")
    assert event.answers.as_answers().labels == {"topic": ["rooms"]}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ticket": "another"}, "stale"),
        ({"content_ids": ["1" * 32]}, "stale"),
        ({"item_id": "abc:1"}, "stale"),
        ({"painted_at": None}, "not on the screen"),
        ({"action": "keep"}, "does not take the decision keep"),
        ({"action": None}, "does not take the decision"),
        ({"reason": "unsafe"}, "Only a rejection has a reason"),
        ({"action": "reject"}, "needs a reason"),
        ({"action": "reject", "reason": "ugly"}, "ugly is not one"),
        ({"action": "reject", "reason": "other"}, "needs a sentence"),
        ({"action": "reject", "reason": "other", "note": "why"}, ""),
        ({"answers": {}}, "Topic is not answered"),
        ({"answers": {"labels": {"topic": ["cars"]}}}, "label of topic"),
        ({"answers": {"labels": {"topic": ["rooms", "loans"]}}}, "takes one label"),
        ({"answers": {"labels": {"topic": ["rooms"]}, "ratings": {"help": 6}}}, "outside its scale"),
        ({"answers": {"labels": {"topic": ["rooms"]}, "ratings": {"help": True}}}, "cannot be read"),
        ({"answers": {"labels": {"topic": ["rooms"]}, "texts": {"other": "x"}}}, "field other"),
        ({"dwell_ms": -1}, "cannot be read"),
        ({"dwell_ms": "5"}, "cannot be read"),
        ({"input": "voice"}, "cannot be read"),
        ({"extra": 1}, "cannot be read"),
        ({"note": "x" * 10_001}, "cannot be read"),
        ({"edits": [{"turn": 9, "text": "x"}]}, "no turn 10"),
        ({"edits": [{"turn": 2, "field": "arguments", "call": 0, "text": "{"}]}, "not JSON"),
        ({"edits": [{"turn": 2, "field": "arguments", "call": 3, "text": "{}"}]}, "no such tool call"),
        ({"edits": [{"turn": 1, "field": "reasoning_content", "text": "x"}]}, "no reasoning"),
        ({"edits": [{"part": "rejected", "turn": 0, "text": "x"}]}, "no turn 1"),
        ({"edits": [{"turn": 1, "text": "\ud800"}]}, "cannot be read"),
        ({"edits": [{"turn": 1, "text": "x"}], "row_id": None}, "not shown here"),
        ({"edits": [{"turn": 1, "text": "x"}]}, ""),
        ({"kind": "open", "target": None}, "No item to open"),
        ({"kind": "flag", "row_id": "other:1"}, "stale"),
        ({"kind": "erase"}, "cannot be read"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(change, sentence):
    answer = told({**DECIDE, **change})
    assert sentence in answer if sentence else answer == ""


def test_what_a_person_may_not_is_refused():
    reader = replace(REVIEW, allowed=("open",))
    assert told(DECIDE, reader) == "You may not approve here."
    assert told({**DECIDE, "kind": "undo"}, reader) == "You may not undo here."
    no_edits = replace(REVIEW, allowed=("approve",))
    assert told({**DECIDE, "edits": [{"turn": 1, "text": "x"}]}, no_edits) == "You may not edit here."
    assert told(DECIDE, PaneView()) == "stale"


def test_an_event_that_was_answered_acts_once():
    undo = {"kind": "undo", "nonce": "1" * 32}
    assert told(undo) == ""
    assert told(undo, replace(REVIEW, answered=Answered(nonce="1" * 32))) == "stale"


def test_groups_pairs_and_votes_name_what_was_shown():
    group = ITEMS.group(3)
    rows = [row.row_id for row in group.rows]
    assert told(about(group, action="keep", keep=rows[:1]), group) == ""
    assert told(about(group, action="keep", keep=[]), group) == ""
    assert "not in this group" in told(about(group, action="keep", keep=["x:1"]), group)
    assert "not in this group" in told(about(group, action="keep", keep=rows[:1] * 2), group)
    pair = ITEMS.pair(1, swapped=True)
    assert told(about(pair, action="prefer", outcome="tie", left="b"), pair) == ""
    assert "sides" in told(about(pair, action="prefer", outcome="a", left="a"), pair)
    assert "outcome" in told(about(pair, action="prefer", left="b"), pair)
    case = ITEMS.adjudicate()
    chosen = {"row_id": case.rows[1].row_id, "content_id": case.rows[1].content_id}
    assert told(about(case, action="choose", choice=1, **chosen), case) == ""
    assert "not shown" in told(about(case, action="choose", row_id="x:1", content_id="0"), case)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(JSON, st.sampled_from([*DECIDE, "edits", "keep", "target", "on"]))
def test_nothing_that_a_browser_sends_raises(value, member):
    assert isinstance(read_event(value, REVIEW), Refusal)
    assert isinstance(read_event({**DECIDE, member: value}, REVIEW), (PaneEvent, Refusal))


def test_deep_and_strange_values_do_not_raise():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    for value in (deep, {1: 2}, object(), float("nan"), b"x", {"__proto__": {}}):
        assert isinstance(read_event(value, REVIEW), Refusal)


def test_an_edit_changes_its_field_alone():
    edits = [Edit(turn=4, text="New\r\n  "), Edit(turn=2, field="arguments", call=0, text='{"n":  1}')]
    payload = edited_payload(ROW, edits)
    assert isinstance(payload, dict)
    expected = [dict(turn) for turn in json.loads(json.dumps(ROW.messages))]
    expected[4]["content"] = "New\r\n  "
    expected[2]["tool_calls"][0]["function"]["arguments"] = '{"n":  1}'
    assert payload["messages"] == expected
    assert payload["tools"] == list(ROW.tools)
    assert ROW.messages[4]["content"] != "New\r\n  "


def test_no_edit_gives_the_content_that_was_shown():
    row = PaneRow(
        row_id="a:1",
        content_id="c",
        source="s",
        messages=[{"role": "user", "content": "x"}],
        rejected=[{"role": "assistant", "content": "y"}],
        label=None,
    )
    payload = edited_payload(row, [])
    assert isinstance(payload, dict)
    assert content_id(
        payload["messages"], tools=payload["tools"], rejected=payload["rejected"]
    ) == content_id(row.messages, rejected=row.rejected)


def test_a_view_is_json_and_keeps_great_numbers():
    data = json.loads(json.dumps(REVIEW.as_data()))
    assert data["rows"][0]["messages"][1]["content"] == ROW.messages[1]["content"]
    assert "12345678901234567890" in data["rows"][0]["tools"][0]
    assert data["reasons"][8] == {"code": "other", "text": "Other", "wants_note": True}
    assert data["ticket"] == "ticket-1"
