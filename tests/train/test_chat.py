from __future__ import annotations

from typing import Any

import pytest
from tuneset.schemas.errors import ModelError
from tuneset.train.chat import IGNORED, ChatFormat, Unusable

TURNS = [
    {"role": "system", "content": "Be kind"},
    {"role": "user", "content": "hello"},
    {"role": "assistant", "content": "good day"},
    {"role": "user", "content": "what is your name"},
    {"role": "assistant", "content": "one two"},
]


@pytest.fixture
def chat(tiny_tokenizer: Any) -> ChatFormat:
    return ChatFormat(tiny_tokenizer, [tiny_tokenizer.eos_token_id])


def learnt(chat: ChatFormat, turns, tools=None) -> str:
    tokens = chat.tokenize(turns, tools)
    return chat.tokenizer.decode([label for label in tokens.labels if label != IGNORED])


def with_template(chat: ChatFormat, template: str) -> ChatFormat:
    import copy

    tokenizer = copy.deepcopy(chat.tokenizer)
    tokenizer.chat_template = template
    return ChatFormat(tokenizer, chat.stop_ids)


def test_assistant_turns_and_their_end_tokens_are_learnt_and_nothing_else(chat):
    assert learnt(chat, TURNS) == "good day<|im_end|>one two<|im_end|>"


def test_tokens_are_the_template_up_to_the_last_end_token(chat):
    tokens = chat.tokenize(TURNS)
    text = chat.tokenizer.decode(tokens.input_ids)
    assert text == (
        "<|im_start|>system\nBe kind<|im_end|>\n<|im_start|>user\nhello<|im_end|>\n"
        "<|im_start|>assistant\ngood day<|im_end|>\n<|im_start|>user\nwhat is your name<|im_end|>\n"
        "<|im_start|>assistant\none two<|im_end|>"
    )
    assert tokens.input_ids == chat.encode(text)
    assert all(
        label in (IGNORED, token) for token, label in zip(tokens.input_ids, tokens.labels, strict=True)
    )


def test_end_token_is_learnt_after_each_turn(chat):
    stop = chat.stop_ids[0]
    assert chat.tokenize(TURNS).labels.count(stop) == 2


def test_prompt_in_training_has_the_tokens_of_the_prompt_in_use(chat):
    tokens = chat.tokenize(TURNS)
    prompt = chat.prompt_ids(TURNS[:4])
    assert tokens.input_ids[: len(prompt)] == prompt
    assert tokens.input_ids[len(prompt) :] == chat.completion_ids(TURNS, 4)


@pytest.mark.parametrize(
    "answer", ["\nstarts with a line break", " starts with a space", "ends with one ", "é ü 你好 🙂"]
)
def test_answers_at_the_border_keep_the_prompt_tokens(chat, answer):
    turns = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": answer}]
    prompt = chat.prompt_ids(turns[:1])
    assert chat.tokenize(turns).input_ids[: len(prompt)] == prompt
    assert learnt(chat, turns) == answer + "<|im_end|>"


def test_turn_of_weight_0_is_context_only(chat):
    turns = [dict(turn) for turn in TURNS]
    turns[2]["weight"] = 0
    assert learnt(chat, turns) == "one two<|im_end|>"
    assert chat.tokenize(turns).input_ids == chat.tokenize(TURNS).input_ids


def test_default_system_prompt_of_the_template_is_not_learnt(chat):
    turns = TURNS[1:3]
    assert learnt(chat, turns) == "good day<|im_end|>"
    assert "Be kind" in chat.tokenizer.decode(chat.tokenize(turns).input_ids)


def test_turns_after_the_last_answer_are_left_out(chat):
    assert (
        chat.tokenize([*TURNS, {"role": "user", "content": "no"}]).input_ids == chat.tokenize(TURNS).input_ids
    )


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        ([{"role": "user", "content": "hello"}], "no_assistant_turn"),
        ([{"role": "user", "content": "a"}, {"role": "assistant", "content": " \n"}], "empty_completion"),
        ([{"role": "user", "content": "a"}, {"role": "assistant"}], "empty_completion"),
        ([{"role": "assistant", "content": "hello"}], "no_prompt"),
        ([{"role": "system", "content": "a"}, {"role": "assistant", "content": "hello"}], "no_prompt"),
        (
            [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "weight": 0}],
            "all_weights_zero",
        ),
        (
            [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "weight": 0.5}],
            "fractional_weight",
        ),
    ],
)
def test_rows_that_teach_nothing_or_the_wrong_thing_are_refused(chat, turns, reason):
    with pytest.raises(Unusable, match=reason):
        chat.tokenize(turns)


def test_tools_that_the_template_ignores_are_not_lost_in_silence(chat):
    tools = [{"type": "function", "function": {"name": "look", "parameters": {}}}]
    with pytest.raises(Unusable, match="tools_not_rendered"):
        chat.tokenize(TURNS, tools)


def test_tool_calls_that_the_template_ignores_are_not_lost_in_silence(chat):
    call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    turns = [TURNS[1], {"role": "assistant", "content": "let me see", "tool_calls": [call]}]
    with pytest.raises(Unusable, match="tool_calls_not_rendered"):
        chat.tokenize(turns)


def test_tool_arguments_reach_the_template_as_an_object(chat):
    template = (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}"
        "{% for c in m.tool_calls or [] %}{{ c.function.name }} {{ c.function.arguments | tojson }}"
        "{% endfor %}"
        "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": '{"up": 1}'}}
    turns = [TURNS[1], {"role": "assistant", "content": None, "tool_calls": [call]}]
    assert learnt(with_template(chat, template), turns) == 'look {"up": 1}<|im_end|>'


def test_template_that_rewrites_earlier_turns_is_refused(chat):
    template = "{{ messages | length }}" + chat.tokenizer.chat_template
    with pytest.raises(ModelError, match="differently"):
        with_template(chat, template).tokenize(TURNS)


def test_template_without_an_end_token_is_refused(chat):
    template = (
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
        "{% if add_generation_prompt %}assistant: {% endif %}"
    )
    with pytest.raises(ModelError, match="stop token"):
        with_template(chat, template).tokenize(TURNS)


def test_template_that_refuses_a_row_does_not_end_the_run(chat):
    template = (
        "{{ raise_exception('no system turns here') if messages[0].role == 'system' }}"
        + chat.tokenizer.chat_template
    )
    with pytest.raises(Unusable, match="template_refuses"):
        with_template(chat, template).tokenize(TURNS)


def test_model_without_a_template_is_refused(chat):
    with pytest.raises(ModelError, match="no chat template"):
        with_template(chat, "")
