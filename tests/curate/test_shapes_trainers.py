from __future__ import annotations

import pytest
from tuneset.curate.readers.shapes import shape_of

USER, ANSWER = {"role": "user", "content": "Q"}, {"role": "assistant", "content": "R"}


def test_axolotls_flag_of_a_turn_is_its_weight():
    row = {"messages": [USER, {**ANSWER, "train": False}, USER, {**ANSWER, "train": True}, USER, ANSWER]}
    draft = shape_of(row).convert(row)
    assert [turn.get("weight") for turn in draft.messages] == [None, 0.0, None, 1.0, None, None]
    assert draft.meta == {}


def test_a_flag_that_is_no_weight_stays_beside_the_turn():
    row = {"messages": [{**USER, "train": True}, {**ANSWER, "train": "yes"}]}
    draft = shape_of(row).convert(row)
    assert draft.messages == [USER, ANSWER]
    assert draft.meta == {"turn_members": {"0": {"train": True}, "1": {"train": "yes"}}}


@pytest.mark.parametrize("label", [True, False])
def test_a_judged_conversation_keeps_its_verdict(label: bool):
    row = {"completion": [USER, ANSWER], "label": label, "id": 7}
    shape = shape_of(row)
    assert shape.name == "judged_conversation"
    draft = shape.convert(row)
    assert (draft.messages, draft.label, draft.meta) == ([USER, ANSWER], label, {"id": 7})


def test_a_completion_after_a_prompt_is_no_whole_conversation():
    row = {"prompt": [USER], "completion": [ANSWER], "label": True}
    assert shape_of(row).name == "prompt_completion"
    assert shape_of({"completion": [ANSWER], "label": "good"}) is None
