from __future__ import annotations

import pytest
from tuneset.curate.readers.shapes import RowProblem, shape_of

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


ASKED = {"role": "user", "parts": [{"text": "Q"}]}
TOLD = {"role": "user", "content": [{"text": "Q"}]}
CONVERSE = {"schemaVersion": "bedrock-conversation-2024", "messages": [TOLD]}


def compared(answer: object) -> dict:
    return {"contents": [ASKED], "completions": [{"score": 1, "completion": answer}]}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (compared("R"), "'completions'[0] is no turn"),
        (
            compared({"parts": [{"functionResponse": {"name": "f", "response": {}}}, {"text": "R"}]}),
            "more than",
        ),
        ({"contents": [{"role": ["user"], "parts": [{"text": "Q"}]}]}, "unknown role ['user']"),
        ({**CONVERSE, "toolConfig": [1]}, "'toolConfig' is no object"),
        ({**CONVERSE, "toolConfig": {"tools": 3}}, "'toolConfig.tools' is a int"),
        ({**CONVERSE, "system": "S"}, "'system' is a str"),
        (
            {**CONVERSE, "messages": [{**TOLD, "content": [{"reasoningContent": {"reasoningText": "T"}}]}]},
            "reasoning without text",
        ),
        ({"prompt": {"text": "Q", "role": "prompter", "replies": [{"text": "R", "replies": 3}]}}, "is a int"),
    ],
)
def test_a_row_with_a_member_of_another_type_says_so(row: dict, says: str):
    with pytest.raises(RowProblem) as caught:
        shape_of(row).convert(row)
    assert says in str(caught.value)


@pytest.mark.parametrize(("text", "content"), [("", None), ("One moment.", "One moment.")])
def test_a_call_is_kept_beside_the_text_of_its_part(text: str, content: str | None):
    part = {"text": text, "functionCall": {"name": "f", "args": {"a": 1}, "id": "c"}}
    row = {"contents": [ASKED, {"role": "model", "parts": [part]}]}
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
    assert shape_of(row).convert(row).messages == [
        USER | {"content": "Q"},
        {"role": "assistant", "content": content, "tool_calls": [call]},
    ]


def test_what_stands_beside_an_annotated_row_is_kept():
    data = {"row_id": "a:1", "content_id": "0", "row": '{"messages": [{"role": "user", "content": "Q"}]}'}
    row = {"data": data, "metadata": {"team": "north"}}
    shape = shape_of(row)
    assert shape.name == "annotation_record"
    assert shape.convert(row).meta == {"row_id": "a:1", "content_id": "0", "metadata": {"team": "north"}}
