"""Trains the quality model that ships with the package: `curate/quality/model.json`.

    python benchmarks/make_quality_model.py QLORA EVALS.whl [-o curate/quality/model.json]

QLORA is a clone of github.com/artidoro/qlora at commit 7f4e95a (MIT): answers of 44 models to 80 and 953
prompts, with GPT-4's scores, and the OpenAssistant replies (Apache-2.0) to the latter. EVALS.whl is
evals-3.0.1.post1 (MIT) of the Python package index: tasks with short right answers.

A logistic regression on differences between a better and a worse row: answers to one prompt whose grades
differ, and rows beside the same or another row that was damaged (`damage_rows.py`). Graded pairs are drawn so
that the longer answer wins as often as the shorter one, or of about equal length, since length alone would
explain them all.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from damage_rows import Pair, damaged
from quality_sources import Answer, open_assistant, short_answers, vicuna
from sklearn.linear_model import LogisticRegression
from tuneset.curate.encoders import STATIC, encoder_for
from tuneset.curate.quality.features import Features
from tuneset.curate.quality.signals import SIGNALS, signals

VERSION = "1"
QUANTILES = (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98)
FIT_SCALE = 3.0
SOURCES = [
    "github.com/artidoro/qlora @ 7f4e95a68dc076bea9b3a413d2b512eca6d004e5 (MIT),"
    " with OpenAssistant replies (Apache-2.0)",
    "evals 3.0.1.post1, Python package index (MIT; folders with other licences left out)",
    "damaged copies of these rows: benchmarks/damage_rows.py",
]


class Contrast(NamedTuple):
    """A better and a worse row, what told them apart, and its weight."""

    better: Pair
    worse: Pair
    kind: str
    weight: float


def graded(answers: Sequence[Answer], g: random.Random) -> Iterator[Contrast]:
    """Answers to one prompt, graded 1.5 apart: the shorter wins in half of them, or lengths are alike."""
    by_group: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_group[answer.group].append(answer)
    for group in by_group.values():
        pairs = [(a, b) for a in group for b in group if a.grade - b.grade >= 1.5]
        shorter = [p for p in pairs if len(p[0].text) < len(p[1].text)]
        longer = [p for p in pairs if len(p[0].text) >= len(p[1].text)]
        n = min(len(shorter), len(longer), 60)
        near = [p for p in pairs if abs(math.log(len(p[0].text) / len(p[1].text))) < 0.25]
        for kind, drawn in (
            ("graded", g.sample(shorter, n) + g.sample(longer, n)),
            ("near", g.sample(near, min(len(near), 80))),
        ):
            yield from (Contrast((a.prompt, a.text), (b.prompt, b.text), kind, 1.0) for a, b in drawn)


def ladder(answers: Sequence[Answer]) -> Iterator[Contrast]:
    """A stronger and a weaker model's answers to one prompt, of about one length."""
    by_group: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_group[answer.group].append(answer)
    for group in by_group.values():
        for a in group:
            for b in group:
                apart = a.grade - b.grade >= (1 if a.grade == 3 else 2)
                if apart and abs(math.log(len(a.text) / len(b.text))) < 0.5:
                    yield Contrast((a.prompt, a.text), (b.prompt, b.text), "ladder", 2.0)


def planted(rows: Sequence[Pair], g: random.Random) -> Iterator[Contrast]:
    """Each row beside damaged copies of itself, and those beside another row."""
    for at, kind, worse in damaged(rows, 13, each=4):
        yield Contrast(rows[at], worse, kind, 1.0)
        yield Contrast(g.choice(rows), worse, f"across {kind}", 1.0)


def contrasts(qlora: Path, wheel: Path) -> tuple[list[Contrast], list[Pair]]:
    """All training contrasts, and the undamaged rows."""
    g = random.Random(13)
    scored = list(vicuna(qlora))
    models, people = open_assistant(qlora)
    best = [a for a in models if a.grade == 3]
    drawn = [g.choice(pair) for pair in zip(people, best, strict=False)]
    good = [*drawn, *(a for a in scored if a.grade >= 0), *g.sample(list(short_answers(wheel)), 1200)]
    rows = [(a.prompt, a.text) for a in good if a.prompt.strip() and len(a.prompt) < 3000]
    return [*graded(scored, g), *ladder(models), *planted(rows, g)], rows


def features_of(pairs: Sequence[Pair]) -> Features:
    encoder = encoder_for(STATIC)
    prompts, responses = [p for p, _ in pairs], [r for _, r in pairs]
    found = signals(prompts, responses).astype(np.float32)
    return Features(found, encoder.encode(prompts), encoder.encode(responses))


def knots_of(column: np.ndarray) -> np.ndarray:
    """Where a curve may bend: quantiles, or both ends of a signal with few values."""
    distinct = np.unique(column)
    found = distinct if len(distinct) <= 3 else np.unique(np.quantile(column, QUANTILES).round(4))
    return found if len(found) > 1 else np.array([distinct[0], distinct[-1] + 1e-6])


def hats(column: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """The share of each knot in each value, shape (n, n_knots): a curve is linear in them."""
    return np.column_stack([np.interp(column, knots, row) for row in np.eye(len(knots))])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("qlora", type=Path)
    parser.add_argument("evals", type=Path)
    home = Path(__file__).resolve().parent.parent / "curate" / "quality" / "model.json"
    parser.add_argument("-o", "--out", type=Path, default=home)
    args = parser.parse_args()
    told, good = contrasts(args.qlora, args.evals)
    places: dict[Pair, int] = {}
    for contrast in told:
        places.setdefault(contrast.better, len(places))
        places.setdefault(contrast.worse, len(places))
    features = features_of(list(places))
    columns = {name: features.signals[:, i] for i, name in enumerate(SIGNALS)} | {"cosine": features.cosine}
    knots = {name: knots_of(column) for name, column in columns.items()}
    blocks = [hats(columns[name], knots[name]) for name in columns]
    design = np.column_stack([*blocks, features.prompt * features.response * FIT_SCALE])
    better, worse = (np.array([places[c[i]] for c in told]) for i in (0, 1))
    sign = np.where(np.arange(len(told)) % 2, 1, -1)
    model = LogisticRegression(fit_intercept=False, max_iter=500)
    model.fit((design[better] - design[worse]) * sign[:, None], sign, sample_weight=[c.weight for c in told])
    weights = model.coef_[0]
    bad = sorted({places[c.worse] for c in told if c.kind not in ("graded", "near", "ladder")})
    fine = sorted({places[pair] for pair in good if pair in places})
    scale, bias = calibrated(design[fine] @ weights, design[bad] @ weights)
    usual = design[fine].mean(axis=0)
    write(args.out, weights * scale, bias, knots, usual)
    print(
        f"{len(told):,} contrasts of {len(places):,} rows; {args.out} has {args.out.stat().st_size:,} bytes"
    )


def calibrated(good: np.ndarray, bad: np.ndarray) -> tuple[float, float]:
    """Slope and intercept that make the sum log odds, both kinds in equal numbers. Source: Platt 1999."""
    values = np.concatenate([good, bad])[:, None]
    labels = np.repeat([1, 0], [len(good), len(bad)])
    model = LogisticRegression(class_weight="balanced").fit(values, labels)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def write(
    path: Path, weights: np.ndarray, bias: float, knots: dict[str, np.ndarray], usual: np.ndarray
) -> None:
    """Write the model, each curve moved so that it adds nothing to an undamaged row on average."""
    curves = {}
    start = 0
    for name, where in knots.items():
        values = weights[start : start + len(where)]
        middle = float(values @ usual[start : start + len(where)])
        bias += middle
        curves[name] = {"knots": np.round(where, 4).tolist(), "values": np.round(values - middle, 3).tolist()}
        start += len(where)
    fit = np.round(weights[start:] * FIT_SCALE, 3).tolist()
    told = {"version": VERSION, "sources": SOURCES, "bias": round(bias, 4), "curves": curves, "fit": fit}
    path.write_text(json.dumps(told, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
