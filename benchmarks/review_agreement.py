"""Agreement figures beside the values that their papers and handbooks print, and their cost.

python benchmarks/review_agreement.py
"""

from __future__ import annotations

import time

import numpy as np
from tuneset.review_app.agreement import (
    Figure,
    Ratings,
    agreement,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
)

BINARY = "0100000010 1110010000"
NOMINAL = "aabbdcccedda babbbccceddd"
MISSING = "123321412... 1233224125.3 .3332342251. 12332441251."
FLEISS = """
444444 222555 233335 555555 222444 113333 333355 113334 114444 555555
144444 124444 222333 144444 224445 333335 111455 111112 224444 133555
555555 244444 224555 114444 144445 222224 111155 224444 133333 555555
"""
COHEN = ((88, 14, 18), (10, 40, 10), (2, 6, 12))
COHEN_1968 = 1 - np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]]) / 6
SKIN = ((10, 4, 1, 0), (5, 10, 12, 2), (2, 4, 12, 5), (0, 2, 6, 13))
ABSTRACTORS = ((13, 0, 0), (0, 20, 4), (0, 7, 56))
PARADOX = ((118, 5), (2, 0))


def units(text: str, level: str = "nominal") -> Ratings:
    """One word a rater, one character a unit; a dot is no vote."""
    columns = zip(*text.split(), strict=True)
    read = int if level != "nominal" else str
    return Ratings.from_rows([[None if c == "." else read(c) for c in unit] for unit in columns], level=level)


def table(counts) -> Ratings:
    """Two raters, from the table of their labels."""
    cells = [(i, j) for i, line in enumerate(counts) for j, n in enumerate(line) for _ in range(n)]
    return Ratings.from_rows(cells, labels=range(len(counts)), raters=("a", "b"))


def published() -> list[tuple[str, float, Figure]]:
    """Source, printed value, and our figure."""
    four = units(MISSING)
    patients = Ratings.from_rows([list(unit) for unit in FLEISS.split()])
    return [
        ("Krippendorff 2011, 2 raters, binary", 0.095, krippendorff_alpha(units(BINARY))),
        ("Krippendorff 2011, 2 raters, nominal", 0.692, krippendorff_alpha(units(NOMINAL))),
        ("Krippendorff 2011, 4 raters, missing votes, nominal", 0.743, krippendorff_alpha(four)),
        ("Krippendorff 2011, the same, ordinal", 0.815, krippendorff_alpha(units(MISSING, "ordinal"))),
        ("Krippendorff 2011, the same, interval", 0.849, krippendorff_alpha(units(MISSING, "interval"))),
        ("Gwet 2014, the same, AC1", 0.77544, gwet_ac(four)),
        ("Gwet 2014, the same, AC2 with quadratic weights", 0.914, gwet_ac(units(MISSING, "interval"))),
        ("Gwet 2014, the same, Fleiss' kappa", 0.76117, fleiss_kappa(four)),
        ("Gwet 2014, 100 pregnancies, AC1", 0.84933, gwet_ac(table(ABSTRACTORS))),
        ("Gwet 2002, 125 cases, AC1", 0.9408, gwet_ac(table(PARADOX))),
        ("Gwet 2002, 125 cases, Cohen's kappa", -0.0234, cohen_kappa(table(PARADOX), "a", "b")),
        ("Fleiss 1971, 30 patients, 6 raters", 0.430, fleiss_kappa(patients)),
        ("Cohen 1960, 200 patients", 0.492, cohen_kappa(table(COHEN), "a", "b")),
        ("Cohen 1968, the same, weighted", 0.348, cohen_kappa(table(COHEN), "a", "b", weights=COHEN_1968)),
        ("SAS PROC FREQ, skin conditions", 0.3449, cohen_kappa(table(SKIN), "a", "b")),
        ("SAS PROC FREQ, the same, linear", 0.5082, cohen_kappa(table(SKIN), "a", "b", weights="linear")),
    ]


def crowd(rows: int, people: int, labels: int, *, missing: float = 0.2) -> Ratings:
    """Votes that agree in part."""
    dice = np.random.default_rng(1)
    codes = np.repeat(dice.integers(0, labels, (rows, 1)), people, axis=1)
    codes = np.where(dice.random(codes.shape) < 0.3, dice.integers(0, labels, codes.shape), codes)
    codes[dice.random(codes.shape) < missing] = -1
    names = tuple(f"p{n}" for n in range(people))
    return Ratings(
        codes.astype(np.int32), tuple(range(labels)), names, "ordinal" if labels > 2 else "nominal"
    )


def main() -> None:
    """Print both tables."""
    print(f"{'source':<54} {'printed':>8}  ours (95 % interval)")
    for source, value, figure in published():
        print(f"{source:<54} {value:>8}  {figure.value:.5f} ({figure.low:.3f} to {figure.high:.3f})")
    print("\nevery figure and pair, 2,000 resamples each, CPU seconds, best of 3")
    for rows, people, labels, missing in ((5000, 5, 2, 0.2), (5000, 5, 5, 0.2), (20_000, 50, 2, 0.95)):
        ratings, spent = crowd(rows, people, labels, missing=missing), []
        for _ in range(3):
            start = time.process_time()
            told = agreement(ratings)
            spent.append(time.process_time() - start)
        what = f"{rows:>7,} rows {people:>3} people {labels} labels {len(told.pairs):>5,} pairs"
        print(f"{what} {min(spent):6.2f} s")


if __name__ == "__main__":
    main()
