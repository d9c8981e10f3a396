"""Rows in the canonical form: a problem stands at a member that the row has."""

from __future__ import annotations

from tuneset.schemas.providers.hf import DatasetRow
from tuneset.schemas.providers.problems import problems

CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def test_a_call_that_an_answer_leaves_open_is_told_at_the_answer() -> None:
    user = {"role": "user", "content": "q"}
    calls, told = {"role": "assistant", "tool_calls": [CALL]}, {"role": "assistant", "content": "a"}
    row = {"row_id": "r", "content_id": "0" * 32, "prompt": [user], "rejected": [told]}
    (found,) = problems(DatasetRow, {**row, "chosen": [calls, told]})
    assert (found.code, found.where) == ("tool_call_unanswered", "chosen.1")
    (found,) = problems(DatasetRow, {**row, "prompt": [user, calls, user], "chosen": [told]})
    assert (found.code, found.where) == ("tool_call_unanswered", "prompt.2")
