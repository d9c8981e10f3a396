from __future__ import annotations

from typing import Any

import pytest
from tuneset.schemas.errors import RecipeError
from tuneset.train.chat import IGNORED, ChatFormat
from tuneset.train.data import select_rows
from tuneset.train.version import FrozenRow


@pytest.fixture
def chat(tiny_tokenizer: Any) -> ChatFormat:
    return ChatFormat(tiny_tokenizer, [tiny_tokenizer.eos_token_id])


def row(name: str, question: str, answer: str, **more: Any) -> FrozenRow:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return FrozenRow(name, "c" * 32, "train", turns, **more)


def test_bad_answers_and_preference_rows_never_become_targets(chat):
    rows = [
        row("good", "hello", "good day"),
        row("liked", "hello", "good day", label=True),
        row("bad", "hello", "no", label=False),
        row("pair", "hello", "good day", rejected=[{"role": "assistant", "content": "no"}]),
        row("empty", "hello", ""),
    ]
    selection = select_rows(rows, chat, max_length=100, over_length="error")
    assert [r.row_id for r in selection.used] == ["good", "liked"]
    assert selection.left_out == {
        "label_false": ["bad"],
        "preference_row": ["pair"],
        "empty_completion": ["empty"],
    }


def test_counts_and_notes_tell_what_was_left_out(chat):
    rows = [row("good", "hello", "ok"), row("bad", "hello", "no", label=False)]
    selection = select_rows(rows, chat, max_length=100, over_length="error")
    counts = selection.counts()
    assert counts["rows"] == 1
    assert counts["left_out"] == {"label_false": ["bad"]}
    assert counts["tokens"] == len(selection.used[0].tokens.input_ids)
    assert selection.notes("train") == ["train: 1 rows not used, people marked the answer as bad: bad"]


def test_long_rows_end_the_run_by_default_and_are_named(chat):
    rows = [row("short", "hello", "ok"), row("long", "hello " * 80, "ok")]
    with pytest.raises(RecipeError) as error:
        select_rows(rows, chat, max_length=60, over_length="error")
    assert "long" in error.value.what
    assert "60 tokens" in error.value.what


def test_long_rows_can_be_dropped(chat):
    rows = [row("short", "hello", "ok"), row("long", "hello " * 80, "ok")]
    selection = select_rows(rows, chat, max_length=60, over_length="drop")
    assert [r.row_id for r in selection.used] == ["short"]
    assert selection.left_out == {"over_length": ["long"]}


def test_shortened_prompts_keep_the_template_and_the_whole_completion(chat):
    rows = [row("long", "one " + "hello " * 80 + "two", "good day")]
    selection = select_rows(rows, chat, max_length=60, over_length="truncate_prompt")
    tokens = selection.used[0].tokens
    text = chat.tokenizer.decode(tokens.input_ids)
    assert 50 <= len(tokens.input_ids) <= 60
    assert text.startswith("<|im_start|>system\nBe kind<|im_end|>\n<|im_start|>user\none hello")
    assert text.endswith("two<|im_end|>\n<|im_start|>assistant\ngood day<|im_end|>")
    assert chat.tokenizer.decode([t for t in tokens.labels if t != IGNORED]) == "good day<|im_end|>"
    assert selection.truncated == ["long"]


def test_a_completion_is_never_cut(chat):
    rows = [row("long", "hello", "good day " * 80)]
    selection = select_rows(rows, chat, max_length=60, over_length="truncate_prompt")
    assert selection.used == []
    assert selection.left_out == {"completion_over_length": ["long"]}


def test_shortening_ends_with_text_that_grows_when_cut(chat):
    rows = [row("emoji", "🙂" * 100, "ok")]
    selection = select_rows(rows, chat, max_length=60, over_length="truncate_prompt")
    assert len(selection.used) + len(selection.left_out.get("completion_over_length", [])) == 1
