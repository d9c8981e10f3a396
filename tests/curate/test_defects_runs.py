"""What only all rows of a run tell, by hand-made families, and the parts that it is made of."""

import numpy as np
import pytest
from tuneset.curate.steps.defects import Pair
from tuneset.curate.steps.defects.families import at_limit, common, form_of, odd_forms, truncated, unrelated
from tuneset.curate.steps.defects.truncation import ends_in_list
from tuneset.curate.steps.defects.words import beginnings, english_words, unlikely_letters


@pytest.mark.parametrize(
    ("answer", "form"),
    [
        ("intent: top_up_failed", "intent:token"),
        ("Intent: refund", "intent:token"),
        ("intent: top up", "intent:text"),
        ("Intent = refund", "intent=token"),
        ("The intent is refund.", "text"),
        ("42", "number"),
        ('{"a": 1}', "json"),
        ("Positive", "Word"),
    ],
)
def test_form_of(answer, form):
    assert form_of(answer) == form


def test_odd_forms_need_a_majority_of_many():
    families = ["a"] * 50 + ["b"] * 20 + [None]
    forms = ["intent:token"] * 48 + ["text"] * 2 + ["number"] * 19 + ["text", "text"]
    assert sorted(odd_forms(families, forms)) == [48, 49]
    mixed = ["intent:token"] * 30 + ["number"] * 20
    assert odd_forms(["a"] * 50, mixed) == {}


def test_prose_is_no_form_to_hold_others_to():
    assert odd_forms(["a"] * 50, ["text"] * 49 + ["number"]) == {}


def test_an_answer_that_fits_another_row_is_told_from_one_that_fits_nowhere():
    scores = np.array([5.0, -4.0, -3.0, np.nan, 4.0])
    digests = [1, 1, 2, 3, 4]
    found = unrelated(scores, digests, np.ones(5, bool), np.zeros(5, np.uint32))
    assert {i: code for i, (code, _) in found.items()} == {1: "answer_of_another_row", 2: "unrelated_answer"}


def test_at_most_a_tenth_of_a_file_is_unrelated():
    scores = np.linspace(-9.0, -1.0, 300)
    found = unrelated(scores, [None] * 300, np.ones(300, bool), np.zeros(300, np.uint32))
    assert len(found) == 30
    assert unrelated(np.full(3, np.nan), [None] * 3, np.ones(3, bool), np.zeros(3, np.uint32)) == {}


def test_an_end_is_missed_where_ends_are_usual():
    scores = np.full(200, np.nan)
    scores[:4] = 1.0
    lists, files = np.zeros(200, bool), np.zeros(200, np.uint32)
    assert truncated(scores, lists, files).tolist() == [0, 1, 2, 3]
    scores[4:150] = -1.0  # a file whose whole answers lack a full stop, too
    assert truncated(scores, lists, files).tolist() == []


def test_an_answer_of_three_rows_is_common():
    ends = [
        ("ends in x", 9),
        (None, 9),
        ("ends in x", 9),
        ("ends in x", 8),
        ("ends in x", 9),
        (None, 9),
        (None, 9),
    ]
    assert common(ends).tolist() == [True, False, True, False, True, False, False]


def test_sure_cuts_are_found_among_answers_that_never_have_an_end():
    scores = np.r_[np.full(150, -2.0), np.full(20, 4.0), np.full(30, np.nan)]
    found = truncated(scores, np.zeros(200, bool), np.zeros(200, np.uint32))
    assert found.tolist() == list(range(150, 170))


def test_a_common_length_without_an_end_is_a_limit():
    lengths = np.array([500] * 9 + list(range(300, 340)))
    endless = np.ones(len(lengths), bool)
    assert sorted(at_limit(lengths, endless)) == list(range(9))
    assert at_limit(lengths, np.zeros(len(lengths), bool)) == {}
    assert at_limit(np.arange(300, 340), np.ones(40, bool)) == {}


def test_ends_in_list():
    assert ends_in_list("Fruits:\n- apple\n- pear")
    assert ends_in_list("1. Apple\n2. Pear")
    assert not ends_in_list("An apple a day keeps the doctor away.")


def test_letters_of_words_are_likelier_than_mash():
    assert unlikely_letters("the museum opens at nine in the morning") > -2.8
    assert unlikely_letters("die erfolgswahrscheinlichkeit liegt bei") > -3.4
    assert unlikely_letters("qzxjkv wqpfgh zxcvbn lkjhgq") < -3.6


def test_known_words_are_words():
    assert {"museum", "morning", "the"} <= english_words()
    assert "museu" in beginnings()
    assert "museu" not in english_words()


def test_a_pair_knows_what_was_asked():
    assert Pair("Write a function that adds.", "def add(a, b):\n    return a + b").is_code
    assert Pair("Write a function that adds.", "x").asks_code
    assert not Pair("Name a rapid river.", "The Rhine.").asks_code
    assert Pair("Write a play of two friends.", "x").asks_script or Pair("Write a dialogue.", "x").asks_script
