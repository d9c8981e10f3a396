"""Agreement figures against the values that their papers and handbooks print."""

from __future__ import annotations

import numpy as np
import pytest
from tuneset.review_app.agreement import (
    Ratings,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    observed_agreement,
)


def _units(text: str, level="nominal") -> Ratings:
    """One line a rater, one character a unit; a dot is no vote."""
    lines = [[None if c == "." else c for c in line] for line in text.split()]
    columns = [list(unit) for unit in zip(*lines, strict=True)]
    if level != "nominal":
        columns = [[None if c is None else int(c) for c in unit] for unit in columns]
    return Ratings.from_rows(columns, level=level)


def _table(counts: list[list[int]]) -> Ratings:
    """Two raters, from the table of their labels."""
    cells = [(i, j) for i, line in enumerate(counts) for j, n in enumerate(line) for _ in range(n)]
    return Ratings.from_rows(cells, labels=range(len(counts)), raters=("a", "b"))


# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", sections A, B and C to E.
TWO_BINARY = "0100000010 1110010000"
TWO_NOMINAL = "aabbdcccedda babbbccceddd"
FOUR_MISSING = "123321412... 1233224125.3 .3332342251. 12332441251."


@pytest.mark.parametrize(
    ("text", "level", "alpha"),
    [
        (TWO_BINARY, "nominal", 0.095),
        (TWO_NOMINAL, "nominal", 0.692),
        (FOUR_MISSING, "nominal", 0.743),
        (FOUR_MISSING, "ordinal", 0.815),
        (FOUR_MISSING, "interval", 0.849),
    ],
)
def test_alpha_of_krippendorff_2011(text: str, level, alpha: float) -> None:
    figure = krippendorff_alpha(_units(text, level))
    assert figure.value == pytest.approx(alpha, abs=5e-4)
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low < alpha < figure.high


# Gwet 2014, Handbook of Inter-Rater Reliability, 4th edition: four raters and twelve units, in its tables
# the one unit with a single vote has a 3 of the third rater. Values as the author's package irrCAC prints.
GWET = "123321412... 1233224125.. .33323422513 12332441251."


def test_gwets_four_raters() -> None:
    ratings = _units(GWET, "interval")
    nominal = _units(GWET)
    ac1 = gwet_ac(nominal)
    assert ac1.name == "Gwet's AC1"
    assert ac1.value == pytest.approx(0.77544, abs=5e-6)
    assert ac1.standard_error == pytest.approx(0.14295, abs=5e-6)
    assert ac1.analytic == pytest.approx((0.46081, 1.0), abs=5e-6)
    assert (ac1.units, ac1.raters) == (11, 4)
    fleiss = fleiss_kappa(nominal)
    assert fleiss.value == pytest.approx(0.76117, abs=5e-6)
    assert fleiss.standard_error == pytest.approx(0.15302, abs=5e-6)
    assert fleiss.analytic == pytest.approx((0.42438, 1.0), abs=5e-6)
    assert observed_agreement(nominal).value == pytest.approx(0.81818, abs=5e-6)
    alpha = krippendorff_alpha(nominal)
    assert alpha.value == pytest.approx(0.743, abs=5e-4)
    assert alpha.standard_error == pytest.approx(0.146, abs=5e-4)
    assert alpha.analytic == pytest.approx((0.419, 1.0), abs=5e-4)
    squared = krippendorff_alpha(ratings)
    assert (squared.value, squared.standard_error) == pytest.approx((0.849, 0.129), abs=5e-4)
    assert squared.analytic == pytest.approx((0.561, 1.0), abs=5e-4)


@pytest.mark.parametrize(
    ("weights", "value", "error", "low"),
    [
        ("linear", 0.859, 0.117, 0.600),
        ("ordinal", 0.899, 0.107, 0.664),
        ("quadratic", 0.914, 0.104, 0.685),
    ],
)
def test_gwets_ac2_of_the_four_raters(weights, value: float, error: float, low: float) -> None:
    figure = gwet_ac(_units(GWET, "ordinal"), weights=weights)
    assert figure.name == "Gwet's AC2"
    assert (figure.value, figure.standard_error) == pytest.approx((value, error), abs=5e-4)
    assert figure.analytic == pytest.approx((low, 1.0), abs=5e-4)


@pytest.mark.parametrize(
    ("weights", "value", "error"),
    [("linear", 0.818, 0.149), ("ordinal", 0.850, 0.147), ("quadratic", 0.865, 0.146)],
)
def test_weighted_fleiss_of_the_four_raters(weights, value: float, error: float) -> None:
    figure = fleiss_kappa(_units(GWET, "ordinal"), weights=weights)
    assert (figure.value, figure.standard_error) == pytest.approx((value, error), abs=5e-4)


def test_gwets_two_abstractors() -> None:
    """Gwet 2014: 100 pregnancies by type; Cohen 0.796, AC1 0.849 (0.764 to 0.935)."""
    ratings = _table([[13, 0, 0], [0, 20, 4], [0, 7, 56]])
    assert cohen_kappa(ratings, "a", "b").value == pytest.approx(0.796, abs=5e-4)
    ac1 = gwet_ac(ratings)
    assert ac1.value == pytest.approx(0.8493305, abs=5e-8)
    assert ac1.analytic == pytest.approx((0.764, 0.935), abs=1e-3)


@pytest.mark.parametrize(
    ("weights", "value", "error"),
    [("identity", 0.432, 0.046), ("linear", 0.407, 0.053), ("quadratic", 0.383, 0.066)],
)
def test_gwets_223_patients(weights, value: float, error: float) -> None:
    """Gwet 2014: psychiatric diagnoses by two raters."""
    ratings = _table([[40, 4, 4, 17], [6, 25, 2, 13], [4, 1, 21, 12], [15, 5, 9, 45]])
    figure = cohen_kappa(ratings, "a", "b", weights=weights)
    assert (figure.value, figure.standard_error) == pytest.approx((value, error), abs=5e-4)


def test_the_kappa_paradox() -> None:
    """Gwet 2002, "Kappa statistic is not satisfactory for assessing the extent of agreement": 118 of 125
    agree; kappa -0.0234, AC1 0.9408."""
    ratings = _table([[118, 5], [2, 0]])
    assert cohen_kappa(ratings, "a", "b").value == pytest.approx(-0.0234, abs=5e-5)
    assert gwet_ac(ratings).value == pytest.approx(0.9408, abs=5e-5)


# Cohen 1960, table 2 (200 patients, three diagnoses); weights of disagreement: Cohen 1968, table 1.
COHEN = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
COHEN_1968 = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])


def test_kappa_of_cohen_1960_and_1968() -> None:
    ratings = _table(COHEN)
    kappa = cohen_kappa(ratings, "a", "b")
    assert kappa.value == pytest.approx(0.492, abs=5e-4)
    assert (kappa.units, kappa.raters) == (200, 2)
    weighted = cohen_kappa(ratings, "a", "b", weights=1 - COHEN_1968 / 6)
    assert (weighted.name, weighted.value) == ("weighted kappa", pytest.approx(0.348, abs=5e-4))


@pytest.mark.parametrize(
    ("table", "weights", "printed"),
    [
        # SAS/STAT User's Guide, PROC FREQ, "Agreement Study": skin conditions by two dermatologists.
        (
            [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]],
            "identity",
            (0.3449, 0.0724, 0.2030, 0.4868),
        ),
        # A SAS printout that statsmodels tests against.
        ([[0, 4, 1], [0, 8, 0], [0, 1, 5]], "identity", (0.4842, 0.1380, 0.2137, 0.7547)),
        ([[0, 4, 1], [0, 8, 0], [0, 1, 5]], "linear", (0.4701, 0.1457, 0.1845, 0.7558)),
    ],
)
def test_kappa_with_the_interval_that_sas_prints(table, weights, printed) -> None:
    figure = cohen_kappa(_table(table), "a", "b", weights=weights)
    assert figure.analytic is not None
    assert (figure.value, figure.standard_error, *figure.analytic) == pytest.approx(printed, abs=5e-5)


# Fleiss 1971, table 1: 30 patients, 6 psychiatrists, 5 diagnoses, the votes of each patient in order.
FLEISS = """
444444 222555 233335 555555 222444 113333 333355 113334 114444 555555
144444 124444 222333 144444 224445 333335 111455 111112 224444 133555
555555 244444 224555 114444 144445 222224 111155 224444 133333 555555
"""

# Ten units, fourteen raters, five labels: the counts of the example in Wikipedia's article on Fleiss' kappa.
FOURTEEN = """
0,0,0,0,14 0,2,6,4,2 0,0,3,5,6 0,3,9,2,0 2,2,8,1,1 7,7,0,0,0 3,2,6,3,0 2,5,3,2,2 6,5,2,1,0 0,2,2,3,7
"""


def test_kappa_of_fleiss_1971() -> None:
    ratings = Ratings.from_rows([list(unit) for unit in FLEISS.split()])
    assert observed_agreement(ratings).value == pytest.approx(0.556, abs=5e-4)
    figure = fleiss_kappa(ratings)
    assert figure.value == pytest.approx(0.430, abs=5e-4)
    assert (figure.units, figure.raters) == (30, 6)


def test_kappa_of_fourteen_raters() -> None:
    counts = [[int(n) for n in unit.split(",")] for unit in FOURTEEN.split()]
    units = [[label for label, n in enumerate(line) for _ in range(n)] for line in counts]
    ratings = Ratings.from_rows(units)
    assert ratings.counts.tolist() == counts
    assert observed_agreement(ratings).value == pytest.approx(0.378, abs=5e-4)
    assert fleiss_kappa(ratings).value == pytest.approx(0.210, abs=5e-4)
