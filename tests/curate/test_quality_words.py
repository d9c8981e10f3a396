"""Words counted in arrays against sets and regular expressions over one row."""

import re
import zlib
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tuneset.curate.quality.answers import grams_of
from tuneset.curate.quality.word_facts import WORD, known_words, word_facts, words_of
from tuneset.curate.text import normalise

TEXTS = st.text(alphabet="abé1_ '’.\n\x1f\x85²中", max_size=60) | st.text(max_size=40)
WORDS = st.lists(
    st.sampled_from(["a", "the", "house", "houses", "12", "7", "xqzt", "xqat", "größe", "zzzzzzzzz"])
)


@given(TEXTS)
@example("a'b'c'd 'e' f''g ' h'")
def test_words_are_those_of_the_regular_expression(text):
    assert words_of(text.lower()) == WORD.findall(text.lower())


@pytest.mark.parametrize("text", ["", "don't", "'tis rock'n'roll'", "x_1-y"])
def test_words_by_hand(text):
    hand = {
        "": [],
        "don't": ["don't"],
        "'tis rock'n'roll'": ["tis", "rock'n", "roll"],
        "x_1-y": ["x_1", "y"],
    }
    assert words_of(text) == hand[text]


@given(st.lists(st.tuples(WORDS, WORDS), max_size=4))
def test_facts_are_those_of_sets(rows):
    facts = word_facts([asked for asked, _ in rows], [told for _, told in rows])
    for i, (asked, told) in enumerate(rows):
        mine, theirs = set(asked), set(told)
        strange = {w for w in theirs - known_words() if len(w) > 2 and w.isalpha()}
        expected = {
            "asked": len(asked),
            "told": len(told),
            "letters": len("".join(told)),
            "digits": sum(w.isdigit() for w in told),
            "commonest": max(Counter(told).values(), default=0),
            "distinct": len(theirs),
            "pairs": len(set(pairwise(told))),
            "copied": len(set(pairwise(told)) & set(pairwise(asked))),
            "seven": sum(len(w) > 7 for w in theirs),
            "mine": sum(len(w) > 3 for w in mine),
            "theirs": sum(len(w) > 3 for w in theirs),
            "shared": sum(len(w) > 3 for w in mine & theirs),
            "numbers": sum(w.isdigit() for w in mine),
            "given": sum(w.isdigit() for w in mine & theirs),
            "asked_distinct": len(mine),
            "asked_strange": sum(len(w) > 2 and w.isalpha() for w in mine - known_words()),
            "strange": len(strange),
            "silent": sum(w.isascii() and not re.search("[aeiouy]", w) for w in strange),
        }
        assert {name: int(column[i]) for name, column in facts._asdict().items()} == expected


@given(TEXTS)
@example("How much IS it's worth?")
def test_grams_are_the_crc_of_words_and_of_pairs(text):
    words = re.findall(r"\w+", normalise(text))
    grams = [*words, *(f"{a} {b}" for a, b in pairwise(words))]
    assert grams_of(text) == [zlib.crc32(gram.encode()) for gram in grams]
