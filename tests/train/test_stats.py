from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats as oracle
from tuneset.train.metrics import METRICS, choose_primary, exact_match, normalise, summarise
from tuneset.train.stats import (
    bootstrap_interval,
    detectable_difference,
    judge,
    mcnemar_p,
    newcombe_interval,
    sign_flip_p,
    wilson,
)


@pytest.mark.parametrize(
    ("fixed", "broken"), [(f, b) for f in range(8) for b in range(8)] + [(60, 0), (120, 80)]
)
def test_mcnemar_is_the_exact_binomial_test(fixed, broken):
    n = fixed + broken
    expected = oracle.binomtest(fixed, n, 0.5).pvalue if n else 1.0
    assert mcnemar_p(fixed, broken) == pytest.approx(expected, rel=1e-12)


def test_mcnemar_by_hand():
    assert mcnemar_p(5, 0) == 2 / 32
    assert mcnemar_p(4, 1) == 2 * 6 / 32


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (3, 10), (10, 10), (47, 64)])
def test_wilson_is_the_score_interval(successes, n):
    expected = oracle.binomtest(successes, n).proportion_ci(method="wilson")
    assert wilson(successes, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_newcombe_against_the_published_example():
    # Newcombe 1998, cells 20, 12, 2, 16: difference 0.2, method 10 gives 0.0562 to 0.3292
    interval = newcombe_interval(12, 2, 20, 16)
    assert (interval.low, interval.high) == pytest.approx((0.0562, 0.3292), abs=5e-5)


def test_newcombe_keeps_a_width_where_all_rows_changed_alike():
    interval = newcombe_interval(20, 0, 0, 0)
    assert 0.5 < interval.low < 0.9
    assert interval.high == 1.0
    same = newcombe_interval(0, 0, 10, 10)
    assert same.low < 0 < same.high
    assert same.low == pytest.approx(-same.high)


@pytest.mark.parametrize("seed", range(3))
def test_sign_flip_tries_every_pattern_of_few_rows(seed):
    values = np.random.default_rng(seed).normal(0.4, 1, 9)
    sums = [
        abs(sum(s * v for s, v in zip(signs, values, strict=True)))
        for signs in itertools.product((1, -1), repeat=9)
    ]
    expected = sum(s >= abs(values.sum()) * (1 - 1e-12) for s in sums) / 2**9
    assert sign_flip_p(values, seed=1) == pytest.approx(expected)


def test_sign_flip_samples_patterns_of_many_rows():
    values = np.random.default_rng(0).normal(0.3, 1, 60)
    expected = oracle.permutation_test(
        (values,), np.mean, permutation_type="samples", n_resamples=20_000, rng=np.random.default_rng(1)
    ).pvalue
    assert sign_flip_p(values, seed=3) == pytest.approx(expected, abs=0.01)


def test_sign_flip_of_no_difference_is_1():
    assert sign_flip_p(np.zeros(40), seed=0) == 1.0
    assert sign_flip_p(np.zeros(5), seed=0) == 1.0


def test_bootstrap_agrees_with_scipy():
    values = np.random.default_rng(5).exponential(1, 80)
    expected = oracle.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(1)
    ).confidence_interval
    interval = bootstrap_interval(values, seed=2)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=0.02)


def test_bootstrap_is_seeded():
    values = np.random.default_rng(5).normal(size=50)
    assert bootstrap_interval(values, seed=2) == bootstrap_interval(values, seed=2)
    assert bootstrap_interval(values, seed=2) != bootstrap_interval(values, seed=3)


def test_bootstrap_covers_the_truth_about_as_often_as_it_says():
    dice = np.random.default_rng(11)
    hits = 0
    for i in range(400):
        interval = bootstrap_interval(dice.normal(0.2, 1, 60), seed=i, resamples=800)
        hits += interval.low <= 0.2 <= interval.high
    assert 0.91 <= hits / 400 <= 0.975


def test_bootstrap_of_many_rows_works_in_chunks():
    values = np.random.default_rng(0).normal(1, 1, 30_000)
    interval = bootstrap_interval(values, seed=0, resamples=300)
    half = 1.96 / np.sqrt(30_000)
    assert interval.low == pytest.approx(values.mean() - half, abs=0.3 * half)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.3 * half)


def test_detectable_difference_by_hand():
    values = np.array([1.0, -1.0] * 50)  # spread 1.00504, so 2.80159 x 1.00504 / 10
    assert detectable_difference(values) == pytest.approx(0.28157, abs=1e-4)
    assert detectable_difference(values[:1]) == np.inf


@pytest.mark.parametrize(
    ("low", "high", "p", "better", "verdict"),
    [
        (0.1, 0.3, 0.01, "higher", "better"),
        (-0.3, -0.1, 0.01, "higher", "worse"),
        (-0.3, -0.1, 0.01, "lower", "better"),
        (0.1, 0.3, 0.01, "lower", "worse"),
        (-0.1, 0.3, 0.04, "higher", "inconclusive"),
        (0.1, 0.3, 0.06, "higher", "inconclusive"),
        (0.0, 0.3, 0.01, "higher", "inconclusive"),
        (0.1, 0.3, 0.05, "higher", "inconclusive"),
    ],
)
def test_verdict_needs_interval_and_p(low, high, p, better, verdict):
    assert judge(low, high, p, better=better) == verdict


def test_false_alarms_are_rare_when_nothing_changed():
    dice = np.random.default_rng(4)
    alarms = 0
    for i in range(300):
        base, tuned = dice.integers(0, 2, (2, 50)).astype(float)
        m = summarise(METRICS["exact_match"], base, tuned, seed=i)
        alarms += judge(m.low, m.high, m.p, better="higher") != "inconclusive"
    assert alarms / 300 <= 0.07


def test_summary_of_a_binary_metric_by_hand():
    base, tuned = np.array([0, 0, 0, 1, 1, 0.0]), np.array([1, 1, 1, 1, 0, 0.0])
    m = summarise(METRICS["exact_match"], base, tuned, seed=0)
    assert (m.base, m.tuned, m.fixed, m.broken, m.n) == (2 / 6, 4 / 6, 3, 1, 6)
    assert m.diff == pytest.approx(1 / 3)
    assert m.p == 0.625  # 2 x (4 + 1) / 16
    assert m.low <= m.diff <= m.high


def test_summary_of_a_loss_by_hand():
    base, tuned = np.array([3.0, 2.0, 4.0]), np.array([1.0, 1.0, 1.0])
    m = summarise(METRICS["loss"], base, tuned, seed=0)
    assert (m.base, m.tuned, m.diff, m.better, m.fixed) == (3.0, 1.0, -2.0, "lower", None)
    assert m.p == 0.25  # all signs alike: 2 of 8 patterns
    assert (m.low, m.high) == (-3.0, -1.0)


class Said:
    def __init__(self, text):
        self.text = text
        self.reference_loss = 0.0


@pytest.mark.parametrize(
    ("text", "reference", "same"),
    [("a  b\n", "a b", 1.0), ("café", "cafe\u0301", 1.0), ("A", "a", 0.0), ("a.", "a", 0.0), ("", " ", 1.0)],
)
def test_exact_match_forgives_unicode_form_and_white_space_only(text, reference, same):
    assert exact_match(Said(text), reference) == same


def test_normalise():
    assert normalise(" x\u00a0 y\t") == "x y"


def test_primary_metric_depends_on_the_references_alone():
    assert choose_primary(["intent: a"] * 9 + ["x" * 500])[0] == "exact_match"
    assert choose_primary(["intent: a"] * 8 + ["x" * 500] * 2)[0] == "loss"
