"""What a row model's error says of a row: one problem for one fault, at its place."""

from __future__ import annotations

from typing import Any

import pytest
from tuneset.schemas.providers.openai import ChatRow
from tuneset.schemas.providers.problems import problems

ANSWER = {"role": "assistant", "content": "North dock."}
TEXT = {"type": "text", "text": "Bay 4?"}
PARTS: list[tuple[Any, list[tuple[str, str]]]] = [
    ("", [("empty_content", "messages.0.content")]),
    (5, [("wrong_type", "messages.0.content")]),
    (None, [("wrong_type", "messages.0.content")]),
    ([], [("wrong_type", "messages.0.content")]),
    ([1], [("wrong_type", "messages.0.content.0")]),
    ([{**TEXT, "text": ""}], [("empty_content", "messages.0.content.0.text")]),
    ([{"type": "text"}], [("missing_member", "messages.0.content.0.text")]),
    ([{"text": "Bay 4?"}], [("missing_member", "messages.0.content.0")]),
    ([TEXT, {"type": "audio"}], [("unknown_kind", "messages.0.content.1")]),
    ([{**TEXT, "lang": "en"}], [("unknown_member", "messages.0.content.0.lang")]),
    (
        [{**TEXT, "lang": "en"}, {**TEXT, "text": 4}],
        [("unknown_member", "messages.0.content.0.lang"), ("wrong_type", "messages.0.content.1.text")],
    ),
]


@pytest.mark.parametrize(("content", "expected"), PARTS)
def test_content_is_a_text_or_parts_and_is_told_of_as_what_it_is(content: Any, expected: Any) -> None:
    found = problems(ChatRow, {"messages": [{"role": "user", "content": content}, ANSWER]})
    assert [(p.code, p.where) for p in found] == expected


def test_a_list_that_is_too_short_is_not_called_no_text() -> None:
    (found,) = problems(ChatRow, {"messages": [{"role": "user", "content": []}, ANSWER]})
    assert "at least 1 item" in found.sentence


def test_a_member_that_is_called_like_the_kind_of_its_holder_keeps_its_place() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "find bay", "arguments": "{}"}}
    row = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "tool_calls": [call]}]}
    (found,) = problems(ChatRow, row)
    assert (found.code, found.where) == ("bad_function_name", "messages.1.tool_calls.0.function.name")


def test_every_fault_of_a_row_is_told() -> None:
    row = {"messages": [{"role": "user"}, {"role": "human", "content": "x"}, {**ANSWER, "id": 7}], "tools": 4}
    assert [(p.code, p.where) for p in problems(ChatRow, row)] == [
        ("missing_member", "messages.0.content"),
        ("unknown_role", "messages.1"),
        ("unknown_member", "messages.2.id"),
        ("wrong_type", "tools"),
    ]
