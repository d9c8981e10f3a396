"""Row shapes: each is told from the others and read without loss."""

import json

import pytest
from tuneset.curate.readers.shapes import SHAPES, RowProblem, detect, shape_of
from tuneset.schemas.recipe import Columns

U, A, S = "user", "assistant", "system"


def turns(*pairs):
    return [{"role": role, "content": content} for role, content in pairs]


PAIR = turns((U, "Q"), (A, "R"))
CASES = [
    ("openai_messages", {"messages": PAIR}, PAIR),
    ("openai_messages", {"messages": json.dumps(PAIR)}, PAIR),
    (
        "openai_messages",
        {"messages": [{"role": U, "content": [{"type": "text", "text": "Q"}]}, PAIR[1]]},
        PAIR,
    ),
    ("openai_messages", {"system": "Be kind.", "messages": PAIR}, [*turns((S, "Be kind.")), *PAIR]),
    ("sharegpt", {"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "R"}]}, PAIR),
    ("sharegpt", {"conversations": PAIR}, PAIR),
    ("bare_messages", PAIR, PAIR),
    ("alpaca", {"instruction": "Q", "input": "", "output": "R"}, PAIR),
    ("alpaca", {"instruction": "Q", "context": "in", "response": "R"}, turns((U, "Q\n\nin"), (A, "R"))),
    (
        "alpaca",
        {"instruction": "Q", "output": "R", "history": [["a", "b"]]},
        [*turns((U, "a"), (A, "b")), *PAIR],
    ),
    ("alpaca", {"instruction": "Q", "output": "R", "history": ""}, PAIR),
    (
        "instances",
        {"instruction": "Q", "instances": [{"input": "in", "output": "R"}]},
        turns((U, "Q\n\nin"), (A, "R")),
    ),
    ("prompt_completion", {"prompt": "Q", "completion": "R"}, PAIR),
    ("prompt_completion", {"prompt": [PAIR[0]], "completion": [PAIR[1]]}, PAIR),
    ("question_answer", {"question": "Q", "answer": "R"}, PAIR),
    ("question_answer", {"question": "Q", "answers": {"text": ["R"], "answer_start": [0]}}, PAIR),
    ("input_output", {"input": "Q", "output": "R"}, PAIR),
    (
        "turn_dicts",
        {"chat": {"turn_1": {"Human": "<|Human|>: Q<eoh>\n", "MOSS": "<|MOSS|>: R<eom>\n"}}},
        PAIR,
    ),
    ("turn_dicts", {"conversation": [{"user": "Q", "assistant": "R"}]}, PAIR),
    ("transcript", {"text": "\n\nHuman: Q\n\nAssistant: R"}, PAIR),
    ("transcript", {"text": "### Instruction:\nQ\n\n### Response:\nR"}, PAIR),
    ("transcript", {"text": "<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\nR<|im_end|>"}, PAIR),
    (
        "transcript",
        {"text": "<s>[INST] <<SYS>>\nBe kind.\n<</SYS>>\n\nQ [/INST] R </s>"},
        [*turns((S, "Be kind.")), *PAIR],
    ),
]


@pytest.mark.parametrize(("name", "row", "messages"), CASES)
def test_shape_is_found_and_read(name, row, messages):
    shape = shape_of(row)
    assert shape is not None
    assert shape.name == name
    assert shape.convert(row).messages == messages


@pytest.mark.parametrize(("row", "messages"), [c[1:] for c in CASES if isinstance(c[1], dict)])
def test_other_members_stay_in_meta(row, messages):
    draft = shape_of(row).convert({**row, "my_id": 7, "tags": ["x"]})
    assert {"my_id": 7, "tags": ["x"]}.items() <= draft.meta.items()
    assert draft.messages == messages


LOSS = turns((A, "bad"))
PREFERENCES = [
    ({"prompt": "Q", "chosen": "R", "rejected": "bad"}, "preference"),
    ({"prompt": turns((U, "Q")), "chosen": turns((A, "R")), "rejected": LOSS}, "preference"),
    ({"chosen": PAIR, "rejected": turns((U, "Q"), (A, "bad"))}, "preference"),
    ({"chosen": "\n\nHuman: Q\n\nAssistant: R", "rejected": "\n\nHuman: Q\n\nAssistant: bad"}, "preference"),
    (
        {
            "conversations": [{"from": "human", "value": "Q"}],
            "chosen": {"from": "gpt", "value": "R"},
            "rejected": {"from": "gpt", "value": "bad"},
        },
        "preference",
    ),
    (
        {
            "input": {"messages": turns((U, "Q"))},
            "preferred_output": turns((A, "R")),
            "non_preferred_output": LOSS,
        },
        "openai_preference",
    ),
    ({"prompt": "Q", "responses": [{"text": "bad", "score": 1}, {"text": "R", "score": 5}]}, "ranked"),
    ({"prompt": "Q", "replies": [{"text": "R", "rank": 0}, {"text": "bad", "rank": 3}]}, "ranked"),
]


@pytest.mark.parametrize(("row", "name"), PREFERENCES)
def test_preference_keeps_winner_and_loser(row, name):
    shape = shape_of(row)
    assert shape.name == name
    draft = shape.convert(row)
    assert (draft.messages, draft.rejected) == (PAIR, LOSS)


def test_a_dialogue_inside_an_answer_is_not_taken_apart():
    row = {"prompt": "Write a dialogue.", "chosen": "User: hi\nAssistant: hello", "rejected": "no"}
    assert shape_of(row).convert(row).messages[-1]["content"] == "User: hi\nAssistant: hello"


@pytest.mark.parametrize("label", [True, False])
def test_feedback_label_is_read(label):
    assert shape_of({"messages": PAIR}).convert({"messages": PAIR, "label": label}).label is label
    row = {"prompt": "Q", "completion": "R", "label": label}
    assert shape_of(row).convert(row).label is label


def test_a_class_name_called_label_is_no_feedback():
    draft = shape_of({"messages": PAIR}).convert({"messages": PAIR, "label": "billing"})
    assert draft.label is None
    assert draft.meta == {"label": "billing"}


CALL = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": '{"q":"x"}'}}


def test_sharegpt_tool_call_becomes_an_openai_one():
    row = {
        "conversations": [
            {"from": "human", "value": "Q"},
            {"from": "function_call", "value": '{"name": "find", "arguments": {"q": "x"}}'},
            {"from": "observation", "value": "found"},
            {"from": "gpt", "value": "R"},
        ],
        "tools": '[{"name": "find", "parameters": {"type": "object"}}]',
    }
    draft = shape_of(row).convert(row)
    assert draft.messages == [
        PAIR[0],
        {"role": A, "content": None, "tool_calls": [CALL]},
        {"role": "tool", "content": "found", "tool_call_id": "call_1"},
        PAIR[1],
    ]
    assert draft.tools == [
        {"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}
    ]


def test_openai_tool_calls_keep_their_ids_and_arguments():
    call = {**CALL, "id": "abc"}
    row = {"messages": [PAIR[0], {"role": A, "content": None, "tool_calls": [call]}]}
    assert shape_of(row).convert(row).messages[1]["tool_calls"] == [call]
    row["messages"].append({"role": "tool", "content": "found"})
    assert shape_of(row).convert(row).messages[2].get("tool_call_id") is None


def test_weights_of_assistant_turns_are_kept():
    row = {"messages": [{**PAIR[0], "loss_weight": 0.0}, {**PAIR[1], "loss_weight": 1.0}]}
    assert shape_of(row).convert(row).messages == [PAIR[0], {**PAIR[1], "weight": 1.0}]


def test_unknown_members_of_turns_stay_in_meta():
    row = {"messages": [PAIR[0], {**PAIR[1], "model": "m1"}]}
    assert shape_of(row).convert(row).meta == {"turn_members": {"1": {"model": "m1"}}}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"messages": []}, "'messages' is empty"),
        ({"messages": "hello"}, "not a list of turns"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "unknown role 'wizard'"),
        ({"messages": [{"content": "x"}]}, "has no role"),
        ({"messages": [{"role": U, "content": 7}]}, "content of type int"),
        ({"messages": [{"role": U, "content": [{"type": "image_url"}]}]}, "only text is supported"),
        ({"messages": [{"role": A, "content": "", "tool_calls": [{"id": "1"}]}]}, "without a name"),
        ({"messages": [{"role": A, "content": "x", "weight": 3}]}, "weight 3"),
        ({"instruction": "Q", "output": None}, "'output' is null"),
        ({"prompt": "Q", "completion": {"a": 1}}, "is a dict, not text"),
        ({"chosen": "a", "rejected": "b"}, "no prompt in common"),
    ],
)
def test_unreadable_row_says_why(row, reason):
    with pytest.raises(RowProblem, match=reason):
        shape_of(row).convert(row)


@pytest.mark.parametrize("row", [7, "text", None, [], {}, {"text": "just a story"}, {"file": "x", "rows": 3}])
def test_what_is_no_example_has_no_shape(row):
    assert shape_of(row) is None


def test_detection_tells_its_evidence_and_the_minority():
    sample = [{"instruction": "Q", "output": "R"}] * 9 + [{"messages": PAIR}]
    found = detect(sample)
    assert found.shape.name == "alpaca"
    assert found.evidence.startswith("9 of 10 sampled rows have 'instruction'")
    assert "openai_messages 1" in found.evidence


def test_columns_from_the_recipe_win():
    columns = Columns(prompt="frage", response="antwort", system="rolle", label="gut")
    row = {"frage": "Q", "antwort": "R", "rolle": "Be kind.", "gut": "yes", "more": 1}
    found = detect([row], columns)
    draft = found.shape.convert(row)
    assert draft.messages == [*turns((S, "Be kind.")), *PAIR]
    assert (draft.label, draft.meta) == (True, {"more": 1})


def test_tree_gives_best_path_and_a_worse_reply():
    tree = {
        "prompt": {
            "text": "Q",
            "role": "prompter",
            "replies": [
                {"text": "bad", "role": "assistant", "rank": 1, "replies": []},
                {"text": "R", "role": "assistant", "rank": 0, "replies": []},
            ],
        }
    }
    draft = shape_of(tree).convert(tree)
    assert (draft.messages, draft.rejected) == (PAIR, LOSS)


def test_shape_names_are_distinct():
    names = [s.name for s in SHAPES]
    assert len(set(names)) == len(names)
