"""Signals by hand, the shipped model on rows that it never saw, figures by published values."""

import json
import math
import string

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.curate.quality import features, intervals
from tuneset.curate.quality.default_model import FIT, default_model, sigmoid
from tuneset.curate.quality.fit import folds_of, platt
from tuneset.curate.quality.learned_model import DENSE
from tuneset.curate.quality.scoring import most_telling
from tuneset.curate.quality.signals import SIGNALS, signals_of
from tuneset.curate.quality.words import in_words
from tuneset.curate.steps.quality import Quality
from tuneset.curate.testing import check_step, sample_batch
from tuneset.schemas.step_options import QualityOptions

PROMPT = "Explain in two or three sentences how a heat pump warms a house."
ANSWER = (
    "A heat pump takes heat from the outside air and moves it into the house. A refrigerant evaporates outside, "
    "is compressed until it is hot, and gives its heat to the rooms as it condenses."
)
WORSE = {
    "empty": "",
    "refusal": "I'm sorry, but I can't help with that.",
    "cut": ANSWER[:-37],
    "loop": "A heat pump takes heat from the outside air. " * 12,
    "other": "Simmer the lentils with bay leaves for half an hour, then stir in the spinach and season to taste.",
    "echo": PROMPT,
    "token": ANSWER + "<|im_end|>",
    "html": f"<div><p>{ANSWER}</p></div>&nbsp;",
    "keys": "dfkj sldkfj qwpoe zmxnb alskdj fhgur woeiru xcmvn",
    "words": " ".join(sorted(ANSWER.split())),
    "mojibake": ANSWER.replace("heat", "hÃ©at").replace(".", "â€œ"),
    "next turn": ANSWER + "\n\nHuman: And how loud is one?",
    "placeholder": "[insert answer]",
}


def signals(prompt, response):
    return dict(zip(SIGNALS, signals_of(prompt, response), strict=True))


def scores(pairs):
    step = Quality()
    return step.decide(step.measure(sample_batch(pairs))).column("score").to_pylist()


def test_signals_by_hand():
    told = signals("Name two red fruits.", "Red apples, red cherries")
    assert told["response_words"] == pytest.approx(math.log(5))
    assert told["length_ratio"] == pytest.approx(0)
    assert told["prompt_covered"] == 0  # name, fruits; neither `red` nor `two` is longer than three letters
    assert told["commonest_word"] == 0.5
    assert told["comma_ratio"] == 0.25
    assert told["repeated_pairs"] == 0
    told = signals("Say it.", "one two three four one two three four")
    assert told["repeated_pairs"] == pytest.approx(3 / 7)  # 7 pairs, 4 of them distinct
    assert told["commonest_word"] == 0.25


@pytest.mark.parametrize(
    ("prompt", "response", "name", "value"),
    [
        ("Summarize the text below.", "A story.", "missing_material", 1),
        ("Summarize the text below.\nOnce there was a king.", "A story.", "missing_material", 0),
        ("Fix this sentence: he go home", "He goes home.", "missing_material", 0),
        ("Hi", "We went to the market and then we", "cut_off", 1),
        ("Hi", "We went to the market and then we", "open_end", 1),
        ("Hi", "We went to the market and then home.", "cut_off", 0),
        ("Hi", "Apples", "cut_off", 0),
        ("Hi", "", "no_words", 1),
        ("Hi", "TBD", "bare_mark", 1),
        ("Hi", "None", "bare_mark", 1),
        ("Hi", "Finance", "bare_mark", 0),
        ("Hi", "The plan is TBD by the whole team.", "bare_mark", 0),
        ("List three colours.", "1. red\n2. blue\n3. green", "list_fit", 1),
        ("List three colours.", "red", "list_fit", -1),
        ("Why?", "1. red\n2. blue", "list_fit", 0),
        ("Hi", "As an AI language model, I am here.", "mark_ai_self", 1),
        ("How warm is it at 12 in July?", "At 12 it is 30 degrees.", "shared_numbers", 1),
    ],
)
def test_a_signal_by_hand(prompt, response, name, value):
    assert signals(prompt, response)[name] == value


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_signals_are_finite_numbers_for_any_text(prompt, response):
    found = signals_of(prompt, response)
    assert len(found) == len(SIGNALS)
    assert all(math.isfinite(value) for value in found)


def test_a_long_text_costs_no_more_than_its_head_and_tail():
    long = "word " * 400_000
    assert signals("Hi", long)["response_words"] < math.log(2000)


def test_every_signal_has_words():
    for name in (*DENSE, FIT, "meaning"):
        for high in (False, True):
            assert in_words(name, high) != name


@pytest.mark.parametrize("kind", WORSE)
def test_the_shipped_model_prefers_the_undamaged_answer(kind):
    better, worse = scores([(PROMPT, ANSWER), (PROMPT, WORSE[kind])])
    assert better > worse


def test_parts_add_up_to_the_log_odds_and_curves_are_flat_outside():
    model = default_model()
    zeros = np.zeros((2, 256), np.float32)
    rows = np.array([[1e9] * len(SIGNALS), [-1e9] * len(SIGNALS)], np.float32)
    told = features.Features(rows, zeros, zeros)
    expected = [
        model.bias
        + sum(c.values[end] for name, c in model.curves.items() if name != "cosine")
        + np.interp(0, model.curves["cosine"].knots, model.curves["cosine"].values)
        for end in (-1, 0)
    ]
    assert model.log_odds(told) == pytest.approx(expected)


def test_the_step_keeps_the_contract():
    check_step(Quality())
    check_step(Quality(QualityOptions(min_score=0.5)))


def test_a_limit_sends_low_rows_to_review_and_none_sends_nothing():
    batch = sample_batch([(PROMPT, ANSWER), (PROMPT, "TODO")])
    free = Quality()
    assert free.decide(free.measure(batch)).column("action").to_pylist() == ["keep", "keep"]
    strict = Quality(QualityOptions(min_score=0.5))
    told = strict.decide(strict.measure(batch)).to_pylist()
    assert [t["reason"] for t in told] == [None, "low_quality"]
    detail = json.loads(told[1]["detail"])
    assert detail["model"] == "default 1"
    assert len(detail["why"]) == 3


def test_vectors_come_back_from_bytes():
    vectors = np.zeros((2, 256), np.float32)
    vectors[0, 0], vectors[1, 255] = 1, -1
    column = pa.chunked_array([features.packed(vectors)])
    assert features.unpacked(column).tolist() == vectors.tolist()
    assert features.unpacked(column.slice(1)).tolist() == vectors[1:].tolist()


def test_the_largest_parts_tell():
    table = np.array([[0.1, -2.0, 1.0], [0.0, 0.0, 0.01]])
    top, _, parts = most_telling(table, table > 0, 2)
    assert top.tolist() == [[1, 2], [-1, -1]]
    assert parts[0].tolist() == [-2.0, 1.0]


def test_sigmoid_of_large_values():
    assert sigmoid(np.array([-1e9, 0, 1e9])).tolist() == [0, 0.5, 1]


def test_wilson_by_published_values():
    # Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611
    assert intervals.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert intervals.wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)
    assert intervals.wilson(0, 0) == (0, 1)


def test_figures_by_hand():
    good = np.array([True, True, False, False])
    scores = np.array([0.9, 0.4, 0.4, 0.1])
    assert intervals.auc(good, scores) == 0.875  # four pairs: 1, 1, a tie, 1
    assert intervals.brier(good, scores) == pytest.approx((0.01 + 0.36 + 0.16 + 0.01) / 4)
    assert math.isnan(intervals.auc(np.array([True]), np.array([0.5])))
    assert intervals.calibration_error(np.ones(20, bool), np.full(20, 0.75)) == pytest.approx(0.25)
    told = intervals.precision(good, scores, 0.4)
    assert (told["n"], told["precision"]) == (3, 0.6667)


def test_a_threshold_is_proposed_only_where_it_is_sure():
    # 40 approvals at 0.9 and 40 rejections at 0.6: 40 of 40 gives a lower end of 0.912, 40 of 80 far less
    good = np.repeat([True, False], 40)
    scores = np.repeat([0.9, 0.6], 40)
    told = intervals.approval_threshold(good, scores)
    assert told is not None
    assert told["threshold"] == 0.61
    assert told["low"] == pytest.approx(40 / (40 + 1.959964**2), abs=1e-4)
    assert intervals.approval_threshold(good[::8], scores[::8]) is None


def test_groups_never_stand_on_both_sides():
    groups = np.arange(60) // 3
    folds = folds_of(groups, np.arange(60) % 2 == 0, 1)
    assert all(len(set(folds[groups == g].tolist())) == 1 for g in range(20))
    assert set(folds.tolist()) == set(range(5))


def test_platt_scaling_finds_the_slope_that_made_the_labels():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 4, 20_000)
    good = rng.random(20_000) < sigmoid(0.5 * logits + 1)
    slope, intercept = platt(logits, good)
    assert (slope, intercept) == (pytest.approx(0.5, abs=0.03), pytest.approx(1, abs=0.08))


def test_letters_alone_are_worse_than_words():
    pairs = [(PROMPT, ANSWER), (PROMPT, " ".join(string.ascii_lowercase))]
    assert scores(pairs)[0] > scores(pairs)[1]
