"""The mask on the chat template of the default base model, where that model is on this machine."""

from __future__ import annotations

import pytest
from tuneset.train.chat import IGNORED, ChatFormat
from tuneset.train.models import cache_folder

FOLDER = cache_folder() / "smollm2-135m-instruct"
TURNS = [
    {"role": "user", "content": "Is it open?"},
    {"role": "assistant", "content": "Yes, until nine."},
    {"role": "user", "content": "And on Sunday?"},
    {"role": "assistant", "content": "Closed."},
]


@pytest.fixture(scope="module")
def chat() -> ChatFormat:
    if not (FOLDER / "tokenizer.json").is_file():
        pytest.skip("run: tuneset models pull smollm2-135m-instruct")
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(FOLDER, local_files_only=True)
    return ChatFormat(tokenizer, [tokenizer.eos_token_id])


def test_answers_and_their_end_tokens_are_learnt(chat):
    tokens = chat.tokenize(TURNS)
    learnt = chat.tokenizer.decode([label for label in tokens.labels if label != IGNORED])
    assert learnt == "Yes, until nine.<|im_end|>Closed.<|im_end|>"
    assert chat.tokenizer.decode(tokens.input_ids) == (
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
        "<|im_start|>user\nIs it open?<|im_end|>\n<|im_start|>assistant\nYes, until nine.<|im_end|>\n"
        "<|im_start|>user\nAnd on Sunday?<|im_end|>\n<|im_start|>assistant\nClosed.<|im_end|>"
    )


@pytest.mark.parametrize(
    "answer", ["Closed.", "\nClosed.", " Closed", "12 €", "你好", "🙂\n\n- a\n- b", "```py\nx\n```"]
)
def test_prompt_tokens_are_those_of_use(chat, answer):
    turns = [*TURNS[:3], {"role": "assistant", "content": answer}]
    prompt = chat.prompt_ids(turns[:3])
    tokens = chat.tokenize(turns)
    assert tokens.input_ids[: len(prompt)] == prompt
    assert tokens.labels[len(prompt) :] == chat.completion_ids(turns, 3) == tokens.input_ids[len(prompt) :]
    assert tokens.labels[-1] == chat.stop_ids[0]


def test_tools_are_not_dropped_in_silence(chat):
    from tuneset.train.chat import Unusable

    with pytest.raises(Unusable, match="tools_not_rendered"):
        chat.tokenize(TURNS, [{"type": "function", "function": {"name": "look", "parameters": {}}}])
