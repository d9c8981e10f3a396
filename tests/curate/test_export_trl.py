from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.curate.export import export
from tuneset.curate.export.arguments import arguments_object, is_respelled
from tuneset.curate.export.features import note_features
from tuneset.curate.readers.shapes import shape_of
from tuneset.review_app import approve, freeze
from tuneset.schemas.example import canonical_json, content_id

ORACLE = runpy.run_path(str(Path(__file__).with_name("oracles") / "trl.py"))
USER = {"role": "user", "content": "Where is bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}
NO = {"role": "assistant", "content": "No idea."}
CALL = {"id": "c1", "type": "function", "function": {"name": "find_bay", "arguments": '{"bay":4}'}}
SPACED = {**CALL, "function": {"name": "find_bay", "arguments": '{"dock": "n", "bay": 4}'}}
CALLS = {"role": "assistant", "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "name": "find_bay", "content": "north"}
TOOL = {"type": "function", "function": {"name": "find_bay", "parameters": {"enum": [None, 1]}}}
UNTRAINED = {**ANSWER, "content": "Hello!", "weight": 0.0}


@pytest.fixture
def frozen(workspaces, tmp_path: Path):
    """A function that freezes rows, all in train."""

    def build(*rows: dict[str, Any]) -> Path:
        named = [workspaces.row(n, **row) for n, row in enumerate(rows, start=1)]
        told = [workspaces.verdict(row["row_id"], "split", "assign", value="train") for row in named]
        out = workspaces.build(tmp_path / "w", named, told)
        approve(out, where="true", actor="ana")
        freeze(out)
        return out

    return build


@pytest.fixture
def mixed(frozen) -> Path:
    """A row of every kind."""
    reasoned = {**ANSWER, "content": "There.", "reasoning_content": "Bay 4 is north."}
    return frozen(
        {"messages": [USER, ANSWER]},
        {"messages": [{"role": "system", "content": "Be brief."}, USER, UNTRAINED, USER, ANSWER]},
        {"messages": [USER, CALLS, RESULT, {**ANSWER, "weight": 1.0}], "tools": [TOOL]},
        {"messages": [USER, {"role": "assistant", "tool_calls": [SPACED]}], "tools": [TOOL]},
        {"messages": [USER, reasoned]},
        {"messages": [USER, ANSWER], "label": True},
        {"messages": [USER, NO], "label": False},
        {"messages": [USER, ANSWER], "rejected": [NO]},
        {"messages": [USER, CALLS], "rejected": [NO], "tools": [TOOL]},
    )


def _rows(result: Any) -> list[dict[str, Any]]:
    return ORACLE["lines"](Path(result.folder) / "train.jsonl")


EXPECTED = {
    "trl": (5, {"preference_row": 2, "negative_label": 1, "zero_weight": 1}),
    "trl-prompt": (5, {"preference_row": 2, "negative_label": 1, "trained_prompt": 1}),
    "trl-dpo": (2, {"not_a_preference_row": 7}),
    "trl-kto": (6, {"not_labelled": 5}),
}


@pytest.mark.parametrize("to", EXPECTED)
def test_each_form_takes_its_rows_and_trl_takes_them(mixed: Path, tmp_path: Path, to: str) -> None:
    pytest.importorskip("trl")
    result = export(mixed, to=to)
    rows = _rows(result)
    assert (len(rows), result.refused) == EXPECTED[to]
    assert ORACLE["accepts"](to, rows) == [None] * len(rows)
    assert ORACLE["loaded"](Path(result.folder), tmp_path / "cache") == {"train": rows}


def test_trl_objects_to_what_it_cannot_take() -> None:
    """The oracle is no rubber stamp."""
    pytest.importorskip("trl")
    bad = [
        {"messages": [USER, {"role": "assistant", "content": None}]},
        {"messages": [{"role": "system", "content": "a"}, USER, {"role": "system", "content": "b"}, ANSWER]},
        {"messages": [USER, ANSWER, ANSWER]},
        {"messages": [{**ANSWER, "role": "stranger"}]},
        {"text": "plain"},
        {"messages": [USER, ANSWER], "label": True},
    ]
    assert None not in ORACLE["accepts"]("trl", bad)
    system = {"role": "system", "content": "s"}
    assert ORACLE["accepts"]("trl-prompt", [{"prompt": [system], "completion": [ANSWER]}]) != [None]
    assert ORACLE["accepts"]("trl-dpo", [{"prompt": [USER], "chosen": [ANSWER], "rejected": []}]) != [None]


def test_a_tool_row_has_arguments_as_objects(mixed: Path) -> None:
    result = export(mixed, to="trl")
    row = next(r for r in _rows(result) if len(r["messages"]) == 4)
    assert row["messages"][1]["tool_calls"] == [
        {"id": "c1", "type": "function", "function": {"name": "find_bay", "arguments": {"bay": 4}}}
    ]
    assert row["messages"][2] == RESULT
    assert row["tools"] == [TOOL]
    assert result.changes == {"arguments_respelled": 1, "label_left_out": 1}


def test_the_script_knows_what_the_rows_have(mixed: Path) -> None:
    beside = {**CALLS, "content": "Let me look."}
    for to, has in [("trl", {"TOOLS", "TOOL_CALLS", "REASONING"}), ("trl-dpo", {"TOOLS", "TOOL_CALLS"})]:
        text = (Path(export(mixed, to=to).folder) / "train.py").read_text()
        names = ("TOOLS", "TOOL_CALLS", "REASONING", "CONTENT_BESIDE_CALLS")
        assert {name for name in names if f"HAS_{name} = True" in text} == has
    found: set[str] = set()
    note_features({"messages": [USER, beside]}, found)
    assert found == {"tool_calls", "content_beside_calls"}


def test_a_prompt_holds_the_untrained_answers(mixed: Path) -> None:
    result = export(mixed, to="trl-prompt")
    row = next(r for r in _rows(result) if len(r["prompt"]) == 4)
    assert row["completion"] == [ANSWER]
    assert row["prompt"][2] == UNTRAINED


def test_answers_apart_gives_each_trained_answer_its_own_row(frozen) -> None:
    turns = [USER, ANSWER, USER, UNTRAINED, USER, {**NO, "weight": 1.0}, USER, {**UNTRAINED, "content": "z"}]
    result = export(frozen({"messages": turns}), to="trl-prompt", changes=["answers_apart"])
    context = [{**ANSWER, "weight": 0.0}, {**UNTRAINED}]
    assert _rows(result) == [
        {"prompt": [USER], "completion": [ANSWER]},
        {"prompt": [USER, context[0], USER, context[1], USER], "completion": [{**NO, "weight": 1.0}]},
    ]
    assert result.changes == {"answers_apart": 1}


def test_a_pair_is_a_good_and_a_bad_row(frozen) -> None:
    result = export(frozen({"messages": [USER, ANSWER], "rejected": [NO]}), to="trl-kto")
    assert _rows(result) == [
        {"prompt": [USER], "completion": [ANSWER], "label": True},
        {"prompt": [USER], "completion": [NO], "label": False},
    ]
    assert result.changes == {"pairs_as_labels": 1}


REFUSED = [
    ("trl", {"messages": [USER, UNTRAINED, USER, ANSWER]}, "zero_weight"),
    ("trl", {"messages": [USER, {**ANSWER, "weight": 0.5}]}, "fractional_weight"),
    ("trl-prompt", {"messages": [USER, ANSWER, USER, ANSWER]}, "trained_prompt"),
    ("trl-prompt", {"messages": [USER, {**ANSWER, "weight": 1.0}, USER, ANSWER]}, "trained_prompt"),
    ("trl-prompt", {"messages": [USER, {**ANSWER, "weight": 0.5}, USER, ANSWER]}, "fractional_weight"),
    ("trl-prompt", {"messages": [USER, {**ANSWER, "weight": 0.0}]}, "zero_weight"),
    ("trl-prompt", {"messages": [USER, NO], "label": False}, "negative_label"),
    ("trl-prompt", {"messages": [{"role": "system", "content": "s"}, ANSWER]}, "first_turn_not_user"),
    ("trl-prompt", {"messages": [ANSWER]}, "empty_prompt"),
    ("trl-kto", {"messages": [USER, ANSWER]}, "not_labelled"),
    ("trl-kto", {"messages": [USER, CALLS, RESULT, ANSWER], "rejected": [NO]}, "unclear_prompt"),
    ("trl-kto", {"messages": [USER, {**ANSWER, "weight": 0.0}], "label": True}, "zero_weight"),
    ("trl-dpo", {"messages": [USER, CALLS, RESULT, ANSWER], "rejected": [NO]}, "unclear_prompt"),
    ("trl-dpo", {"messages": [USER, ANSWER], "rejected": [USER]}, "roles_not_alternating"),
]


@pytest.mark.parametrize(("to", "row", "reason"), REFUSED)
def test_what_a_form_cannot_say_is_refused(frozen, to: str, row: dict[str, Any], reason: str) -> None:
    good = {"trl-dpo": {"rejected": [NO]}, "trl-kto": {"label": True}}.get(to, {})
    out = frozen(row, {"messages": [USER, ANSWER], **good})
    assert export(out, to=to).refused == {reason: 1}


COME_BACK = {
    "trl": [1, 3, "respelled", 5, "without its verdict"],
    "trl-prompt": [1, 2, "respelled", 5, "without its verdict"],
    "trl-dpo": [8, 9],
    "trl-kto": [6, 7, "good", "bad", "good call", "bad for a call"],
}


@pytest.mark.parametrize("to", COME_BACK)
def test_rows_come_back_with_the_same_content(mixed: Path, to: str) -> None:
    """By number the rows that are the same; but for the three changes that the export counts."""
    version = ORACLE["lines"](mixed / "versions/v1/train.jsonl")
    known: dict[Any, str] = {i: row["content_id"] for i, row in enumerate(version, start=1)}
    known |= {
        "respelled": content_id([USER, {**CALLS, "tool_calls": [_canonical(SPACED)]}], tools=[TOOL]),
        "without its verdict": content_id([USER, ANSWER]),
        "good": content_id([USER, ANSWER], label=True),
        "bad": content_id([USER, NO], label=False),
        "good call": content_id([USER, CALLS], label=True, tools=[TOOL]),
        "bad for a call": content_id([USER, NO], label=False, tools=[TOOL]),
    }
    back = [_read(row) for row in _rows(export(mixed, to=to))]
    assert back == [known[name] for name in COME_BACK[to]]


def _canonical(call: dict[str, Any]) -> dict[str, Any]:
    arguments = canonical_json(json.loads(call["function"]["arguments"]))
    return {**call, "function": {**call["function"], "arguments": arguments}}


def _read(row: dict[str, Any]) -> str:
    shape = shape_of(row)
    assert shape is not None
    draft = shape.convert(row)
    return content_id(draft.messages, tools=draft.tools, rejected=draft.rejected, label=draft.label)


def test_trl_learns_calls_and_answers_and_nothing_else() -> None:
    """Through the marked copy of a template that TRL has, as `assistant_only_loss` does."""
    utils = pytest.importorskip("trl.chat_template_utils")
    tokenizer = ORACLE["tokenizers"]()["qwen2_5"]
    call = {"type": "function", "function": {"name": "find_bay", "arguments": {"bay": 4}}}
    turns = [USER, {"role": "assistant", "tool_calls": [call]}, RESULT, ANSWER]
    told = tokenizer.apply_chat_template(
        turns,
        tools=[TOOL],
        chat_template=utils.get_training_chat_template(tokenizer),
        return_dict=True,
        return_assistant_tokens_mask=True,
    )
    pairs = zip(told["input_ids"], told["assistant_masks"], strict=True)
    learnt = tokenizer.decode([token for token, mask in pairs if mask])
    assert learnt.replace("\n", "") == (
        '<tool_call>{"name": "find_bay", "arguments": {"bay": 4}}</tool_call><|im_end|>North dock.<|im_end|>'
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "b": [1.5, null, true]}', {"a": 1, "b": [1.5, None, True]}),
        ("{}", {}),
        ('{"n": 1e3}', {"n": 1000.0}),
        ("[1]", "arguments_not_object"),
        ('{"a": 1', "arguments_not_object"),
        ("", "arguments_not_object"),
        ('{"a": NaN}', "arguments_not_object"),
        ("[" * 100_000, "arguments_not_object"),
        ('{"a": 1e999}', "arguments_not_kept"),
        ('{"a": 0.12345678901234567890123}', "arguments_not_kept"),
        ('{"a": 1, "a": 2}', "arguments_not_kept"),
        ('{"a": "\\ud800"}', "arguments_not_kept"),
    ],
)
def test_arguments_become_the_object_that_they_mean(text: str, value: Any) -> None:
    assert arguments_object(text) == value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), json_values, max_size=3))
def test_what_was_written_canonically_is_not_respelled(value: dict[str, Any]) -> None:
    text = canonical_json(value)
    found = arguments_object(text)
    if isinstance(found, dict):
        assert not is_respelled(text, found)
        assert canonical_json(found) == text
    else:
        assert found == "arguments_not_kept"
