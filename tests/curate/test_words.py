"""Words of texts for comparing."""

import pytest
from tuneset.curate.compare.words import tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("scratch中有131个音符", ["scratch", "中", "有", "131", "个", "音", "符"]),
        ("变得更加不饱和", ["变", "得", "更", "加", "不", "饱", "和"]),
        ("문장 2개", ["문", "장", "2", "개"]),
        ("f(x) = x3 + 2x", ["f", "x", "=", "x", "3", "+", "2", "x"]),
        ("mp3, gpt4 and don't", ["mp3", "gpt4", "and", "don't"]),
        ("größe und übermaß", ["größe", "und", "übermaß"]),
    ],
)
def test_signs_and_numbers_stand_by_themselves(text, words):
    assert tokens(text) == words
