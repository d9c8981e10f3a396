from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.curate.export.transforms import TRANSFORMS, find_transforms, transformed
from tuneset.curate.export.turn_changes import drop_tools, history_in_prompt, merge_same_role, system_to_user

CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
TOOL = {"type": "function", "function": {"name": "f"}}


def _turns(text: str) -> list[dict[str, Any]]:
    """`s rules | u question | a answer` as turns."""
    roles = {"s": "system", "d": "developer", "u": "user", "a": "assistant"}
    parts = [part.strip().split(" ", 1) for part in text.split("|")]
    return [{"role": roles[role], "content": content} for role, content in parts]


def _after(change: Any, messages: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]] | None:
    record = {"messages": messages, **more}
    before = copy.deepcopy(record)
    changed = change(record)
    assert record == before
    if changed is None:
        return None
    (one,) = changed
    return one["messages"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("s be brief | u q | a x", [("user", "be brief\n\nq"), ("assistant", "x")]),
        ("d be brief | u q | a x", [("user", "be brief\n\nq"), ("assistant", "x")]),
        ("s one | s two | u q | a x", [("user", "one\n\ntwo\n\nq"), ("assistant", "x")]),
        ("s one | a hello | u q | a x", [("assistant", "hello"), ("user", "one\n\nq"), ("assistant", "x")]),
        (
            "u q | a x | s now in French | u r | a y",
            [("user", "q"), ("assistant", "x"), ("user", "now in French\n\nr"), ("assistant", "y")],
        ),
        ("u q | a x", None),
        ("s one | a x", None),
        ("u q | s late | a x", None),
    ],
)
def test_system_text_goes_before_the_next_question(before: str, after: list[tuple[str, str]] | None) -> None:
    changed = _after(system_to_user, _turns(before))
    assert (changed and [(t["role"], t["content"]) for t in changed]) == after


def test_a_named_system_turn_stays() -> None:
    turns = _turns("s one | u q | a x")
    assert _after(system_to_user, [{**turns[0], "name": "example"}, *turns[1:]]) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("u q | a x | u r | a y", "User: q\n\nAssistant: x\n\nUser: r\n\nAssistant:"),
        ("s be brief | u q | a x | u r | a y", "User: q\n\nAssistant: x\n\nUser: r\n\nAssistant:"),
        ("a hello | u r | a y", "Assistant: hello\n\nUser: r\n\nAssistant:"),
        ("u q | s late | u r | a y", "User: q\n\nSystem: late\n\nUser: r\n\nAssistant:"),
        ("u q | a x", None),
        ("s be brief | u q | a x", None),
        ("u q | u r | a x", None),
        ("u q | a x | u r", None),
        ("u q | a x | a y", None),
    ],
)
def test_history_is_written_with_labels(before: str, after: str | None) -> None:
    turns = _turns(before)
    changed = _after(history_in_prompt, turns)
    if after is None:
        assert changed is None
        return
    assert changed is not None
    opening = turns[:1] if turns[0]["role"] == "system" else []
    assert changed == [*opening, {"role": "user", "content": after}, turns[-1]]


@pytest.mark.parametrize(
    "turn",
    [
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "assistant", "content": "x", "reasoning_content": "because"},
        {"role": "assistant", "content": "x", "name": "bot"},
        {"role": "assistant", "content": ""},
        {"role": "tool", "tool_call_id": "c1", "content": "north"},
    ],
)
def test_history_with_more_than_text_stays(turn: dict[str, Any]) -> None:
    assert _after(history_in_prompt, [*_turns("u q"), turn, *_turns("u r | a y")]) is None


def test_history_of_a_preference_keeps_both_answers() -> None:
    rejected = _turns("a bad")
    (changed,) = history_in_prompt({"messages": _turns("u q | a x | u r | a y"), "rejected": rejected}) or []
    assert changed["rejected"] == rejected
    assert changed["messages"][-1] == {"role": "assistant", "content": "y"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("u q | u r | a x", [("user", "q\n\nr"), ("assistant", "x")]),
        ("u q | a x | a y | a z", [("user", "q"), ("assistant", "x\n\ny\n\nz")]),
        ("s one | s two | u q | a x", [("system", "one\n\ntwo"), ("user", "q"), ("assistant", "x")]),
        ("u q | a x | u r | a y", None),
    ],
)
def test_turns_of_one_role_are_joined(before: str, after: list[tuple[str, str]] | None) -> None:
    changed = _after(merge_same_role, _turns(before))
    assert (changed and [(t["role"], t["content"]) for t in changed]) == after


def test_text_before_a_call_joins_it_and_nothing_joins_a_call() -> None:
    asks = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    result = {"role": "tool", "tool_call_id": "c1", "content": "north"}
    turns = [*_turns("u q | a Let me look."), asks, result, result, *_turns("a y")]
    changed = _after(merge_same_role, turns)
    assert changed is not None
    assert changed[1] == {"role": "assistant", "content": "Let me look.", "tool_calls": [CALL]}
    assert changed[2:] == turns[3:]
    assert _after(merge_same_role, [*_turns("u q"), asks, *_turns("a y")]) is None


@pytest.mark.parametrize("member", [{"weight": 0.0}, {"name": "bot"}, {"reasoning_content": "because"}])
def test_turns_that_differ_stay_apart(member: dict[str, Any]) -> None:
    turns = _turns("u q | a x | a y")
    assert _after(merge_same_role, [turns[0], {**turns[1], **member}, turns[2]]) is None


def test_an_untold_weight_is_the_weight_one() -> None:
    turns = _turns("u q | a x | a y")
    changed = _after(merge_same_role, [turns[0], {**turns[1], "weight": 1.0}, turns[2]])
    assert changed is not None
    assert changed[1]["content"] == "x\n\ny"


def test_the_winning_answer_is_never_joined_but_losing_turns_are() -> None:
    record = {"messages": _turns("u q | u r | a x"), "rejected": _turns("a bad | a worse")}
    (changed,) = merge_same_role(record) or []
    assert changed["messages"] == _turns("u q\n\nr | a x")
    assert changed["rejected"] == _turns("a bad\n\nworse")
    unclear = {"messages": _turns("u q | a x | a y"), "rejected": _turns("a bad")}
    assert merge_same_role(unclear) is None


def test_tools_are_dropped_where_nothing_calls_them() -> None:
    plain = {"messages": _turns("u q | a x"), "tools": [TOOL]}
    assert drop_tools(plain) == [{**plain, "tools": None}]
    assert drop_tools({"messages": _turns("u q | a x"), "tools": None}) is None
    asks = {"role": "assistant", "tool_calls": [CALL]}
    assert drop_tools({"messages": [*_turns("u q"), asks], "tools": [TOOL]}) is None
    assert drop_tools({**plain, "rejected": [asks]}) is None


def test_history_then_system_make_one_prompt() -> None:
    chosen = find_transforms(["system_to_user", "history_in_prompt", "merge_same_role"])
    (record,), touched = transformed({"messages": _turns("s one | u q | a x | u r | a y")}, chosen)
    assert record["messages"] == [
        {"role": "user", "content": "one\n\nUser: q\n\nAssistant: x\n\nUser: r\n\nAssistant:"},
        {"role": "assistant", "content": "y"},
    ]
    assert touched == ["history_in_prompt", "system_to_user"]


@given(st.lists(st.sampled_from(["s x", "u x", "a x", "u y", "a y"]), min_size=1, max_size=6))
def test_a_second_time_changes_nothing_and_no_text_is_lost(parts: list[str]) -> None:
    record = {"messages": _turns("|".join(parts))}
    for name in ("merge_same_role", "system_to_user", "history_in_prompt"):
        apply = TRANSFORMS[name].apply
        (changed,) = apply(record) or [record]
        assert apply(changed) is None
        told = "".join(t["content"] for t in changed["messages"])
        assert told.count("x") == sum(part.endswith("x") for part in parts)
