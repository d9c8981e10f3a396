"""What holds for agreement figures whatever the votes, and what is said where there are none."""

from __future__ import annotations

import math
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from tuneset.review_app.agreement import (
    Ratings,
    Share,
    agreement,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    observed_agreement,
)

LABELS = ("x", "y", "z")
VOTE = st.sampled_from([*LABELS, None])
UNITS = st.lists(st.lists(VOTE, min_size=3, max_size=3), min_size=2, max_size=25)
FIGURES = [observed_agreement, fleiss_kappa, krippendorff_alpha, gwet_ac]


def _value(figure) -> float | None:
    return figure.value


@pytest.mark.parametrize("figure", FIGURES)
@settings(max_examples=40, deadline=None)
@given(units=UNITS)
def test_other_names_for_labels_change_nothing(figure, units) -> None:
    before = figure(Ratings.from_rows(units, labels=LABELS), resamples=50)
    for names in permutations(LABELS):
        after = figure(Ratings.from_rows(units, labels=names), resamples=50)
        assert after.undefined == before.undefined
        assert after.value == (None if before.value is None else pytest.approx(before.value, abs=1e-12))


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize("figure", FIGURES)
@settings(max_examples=25, deadline=None)
@given(units=UNITS)
def test_the_order_of_raters_and_units_changes_nothing(figure, level, units) -> None:
    numbers = [[None if v is None else LABELS.index(v) for v in unit] for unit in units]
    before = figure(Ratings.from_rows(numbers, labels=range(3), level=level), resamples=50)
    turned = [unit[::-1] for unit in reversed(numbers)]
    assert figure(Ratings.from_rows(turned, labels=range(3), level=level), resamples=50) == before


@pytest.mark.parametrize("figure", FIGURES)
@settings(max_examples=40, deadline=None)
@given(votes=st.lists(st.sampled_from(LABELS), min_size=2, max_size=30))
def test_perfect_agreement_is_one_with_an_honest_interval(figure, votes) -> None:
    assume(len(set(votes)) > 1)
    told = figure(Ratings.from_rows([[v] * 3 for v in votes], labels=LABELS))
    assert told.value == 1.0
    assert told.high == 1.0
    assert -1 <= told.low < 1  # a few equal votes prove no certainty
    assert told.method.startswith("Wilson bound")


@pytest.mark.parametrize("figure", [fleiss_kappa, krippendorff_alpha, gwet_ac])
def test_one_label_alone_is_told_in_words(figure) -> None:
    told = figure(Ratings.from_rows([["yes", "yes"]] * 20, labels=("yes", "no")))
    assert (told.value, told.low, told.high) == (None, None, None)
    assert told.text() == "undefined: only one label was used"
    assert (told.units, told.raters) == (20, 2)


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize(
    ("units", "why"),
    [
        ([], "nobody voted"),
        ([[None, None]], "nobody voted"),
        ([["x", None], ["y", None]], "only one person voted"),
        ([["x", None], [None, "y"]], "no row was voted on by two people"),
    ],
)
def test_too_few_votes_are_told_in_words(figure, units, why: str) -> None:
    assert figure(Ratings.from_rows(units, labels=LABELS)).text() == f"undefined: {why}"


def test_cohen_tells_what_it_cannot_tell() -> None:
    ratings = Ratings.from_rows([["x", "x", None], ["x", "x", "y"]], labels=LABELS, raters=("a", "b", "c"))
    assert cohen_kappa(ratings, "a", "b").text() == "undefined: only one label was used"
    assert cohen_kappa(ratings, "a", "c").value == 0  # never the same label, and never by chance
    apart = Ratings.from_rows([["x", None], [None, "y"]], labels=LABELS, raters=("a", "b"))
    assert cohen_kappa(apart, "a", "b").text() == "undefined: they share no row"


@settings(max_examples=60, deadline=None)
@given(units=st.lists(st.tuples(*[st.integers(0, 3)] * 2), min_size=2, max_size=40))
@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_cohen_is_what_scikit_learn_says(weights, units) -> None:
    first, second = (list(column) for column in zip(*units, strict=True))
    ratings = Ratings.from_rows(units, labels=range(4), raters=("a", "b"))
    told = cohen_kappa(ratings, "a", "b", weights=weights or "identity", resamples=20)
    if len({*first, *second}) < 2:
        assert told.value is None
    else:
        right = cohen_kappa_score(first, second, labels=list(range(4)), weights=weights)
        assert told.value == pytest.approx(right, abs=1e-9)


def _slow_alpha(units: list[list[Any]], level: str) -> float | None:
    """Krippendorff's alpha pair by pair, as its definition reads."""
    shared = [[v for v in unit if v is not None] for unit in units]
    shared = [unit for unit in shared if len(unit) > 1]
    every = [v for unit in shared for v in unit]
    n = len(every)

    def apart(a: int, b: int) -> float:
        if level == "nominal":
            return float(a != b)
        if level == "interval":
            return float((a - b) ** 2)
        low, high = min(a, b), max(a, b)
        between = sum(every.count(g) for g in range(low, high + 1))
        return (between - (every.count(a) + every.count(b)) / 2) ** 2

    def pairs(values: list[int]) -> float:
        return sum(apart(a, b) for i, a in enumerate(values) for j, b in enumerate(values) if i != j)

    expected = pairs(every) / (n * (n - 1)) if n > 1 else 0
    if not expected:
        return None
    return 1 - sum(pairs(unit) / (len(unit) - 1) for unit in shared) / n / expected


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
@settings(max_examples=60, deadline=None)
@given(
    units=st.lists(
        st.lists(st.sampled_from([0, 1, 2, 3, None]), min_size=4, max_size=4), min_size=1, max_size=10
    )
)
def test_alpha_is_what_its_definition_says(level, units) -> None:
    told = krippendorff_alpha(Ratings.from_rows(units, labels=range(4), level=level), resamples=20)
    right = _slow_alpha(units, level)
    assert told.value == (None if right is None else pytest.approx(right, abs=1e-9))


def _noisy(n: int, raters: int, seed: int) -> Ratings:
    dice = np.random.default_rng(seed)
    codes = np.repeat(dice.integers(0, 3, (n, 1)), raters, axis=1)
    codes = np.where(dice.random(codes.shape) < 0.3, dice.integers(0, 3, codes.shape), codes)
    codes[dice.random(codes.shape) < 0.2] = -1
    names = tuple(f"r{i}" for i in range(raters))
    return Ratings(codes.astype(np.int32), (0, 1, 2), names, "interval")


@pytest.mark.parametrize("figure", FIGURES)
def test_the_interval_is_that_of_resampled_rows(figure) -> None:
    """Against a bootstrap that draws whole rows one by one, with other draws."""
    ratings = _noisy(60, 3, seed=5)
    told = figure(ratings)
    dice = np.random.default_rng(99)
    drawn = []
    for _ in range(400):
        codes = ratings.codes[dice.integers(0, 60, 60)]
        drawn.append(figure(Ratings(codes, ratings.labels, ratings.raters, "interval"), resamples=1).value)
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert (told.low, told.high) == pytest.approx((low, high), abs=0.04)


@pytest.mark.parametrize("figure", FIGURES)
def test_the_formula_and_the_bootstrap_agree_on_many_rows(figure) -> None:
    told = figure(_noisy(2000, 4, seed=2))
    assert told.analytic == pytest.approx((told.low, told.high), abs=0.01)
    again = figure(_noisy(2000, 4, seed=2))
    assert again == told  # seeded
    assert figure(_noisy(2000, 4, seed=2), seed=1).low != told.low


def test_one_shared_row_has_a_value_and_no_interval() -> None:
    told = observed_agreement(Ratings.from_rows([["x", "y"]], labels=LABELS))
    assert (told.value, told.low, told.method) == (0.0, None, "no interval: too few rows")
    assert told.text() == "0.00"


def test_the_last_vote_of_a_rater_counts() -> None:
    ratings = Ratings.from_votes(["u", "u", "u", "v"], ["ana", "ben", "ana", "ben"], ["x", "x", "y", None])
    assert ratings.raters == ("ana", "ben")
    assert ratings.codes.tolist() == [[1, 0], [-1, -1]]


def test_the_summary_by_hand() -> None:
    """Four rows: ana and ben agree on 2 of 3, ana and cid on 1 of 1, ben and cid on 0 of 1."""
    rows = [["x", "x", None], ["x", "y", "x"], ["y", "y", None], [None, None, "y"]]
    told = agreement(Ratings.from_rows(rows, labels=("x", "y"), raters=("ana", "ben", "cid")))
    assert (told.units, told.shared, told.votes) == (4, 3, {"x": 4, "y": 4})
    assert told.observed.value == pytest.approx((1 + 1 / 3 + 1) / 3)
    assert [(p.a, p.b, p.same.count, p.same.of) for p in told.pairs] == [
        ("ana", "ben", 2, 3),
        ("ana", "cid", 1, 1),
        ("ben", "cid", 0, 1),
    ]
    people = {p.actor: (p.with_others.count, p.with_others.of, p.votes, p.shared) for p in told.people}
    # in row 2 the others of ana tie (y, x); those of ben say x, x; those of cid tie
    assert people == {"ana": (2, 2, 3, 3), "ben": (2, 3, 3, 3), "cid": (0, 0, 2, 1)}
    text = told.text()
    assert text.startswith("78% observed on 3 rows of 3 people; Krippendorff's alpha")
    assert not any(isinstance(v, float) and math.isnan(v) for v in _leaves(told.as_dict()))


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for v in value.values() for leaf in _leaves(v)]
    if isinstance(value, list | tuple):
        return [leaf for v in value for leaf in _leaves(v)]
    return [value]


def test_a_share_tells_its_interval() -> None:
    assert Share.count_of(0, 0).text() == "undefined: nothing to count"
    share = Share.count_of(15, 50)
    # Newcombe 1998, Statistics in Medicine 17:857, has 15 of 148 and 81 of 263; the interval of 81 of 263
    printed = Share.count_of(81, 263)
    assert (printed.low, printed.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert share.text() == "30% (19% to 44%; 15 of 50)"
