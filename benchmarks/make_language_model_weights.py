"""Fits how a language model's figures move a quality score: `curate/quality/language_model.json`.

    python benchmarks/make_language_model_weights.py QLORA [--model NAME_OR_FOLDER] [-o FILE]

QLORA is a clone of github.com/artidoro/qlora at commit 7f4e95a (MIT), with OpenAssistant replies
(Apache-2.0). Good answers of one turn stand against rows damaged in one of twenty ways (`damage_rows.py`,
another seed than the quality model saw). A logistic regression whose offset is the default model's log odds:
it learns only what is left to tell. Scores are kept in the ordinary cache: a second fit costs seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from damage_rows import Pair, damaged
from make_quality_model import features_of
from quality_sources import open_assistant, vicuna
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from tuneset.curate.language_model import LanguageModel, TurnScore, score_cache, score_turns
from tuneset.curate.quality.default_model import default_model
from tuneset.curate.quality.language_model import BOUND, FEATURES, features_of_turn

SEED = 31
SOURCES = [
    "github.com/artidoro/qlora @ 7f4e95a68dc076bea9b3a413d2b512eca6d004e5 (MIT),"
    " with OpenAssistant replies (Apache-2.0)",
    "damaged copies of these rows: benchmarks/damage_rows.py",
]
MAX_CHARACTERS = 1_000
"""Of prompt and answer, each: longer rows cost too much of a CPU."""
RIDGE = (0.3, 1.0, 3.0, 10.0, 30.0)
NEARLY = 0.01
"""Nats above the least loss: the strongest ridge within them is taken, so that the weights do least harm."""
HARD = 3.0
"""Log odds within which a row is among the harder ones, of which half of the sample is drawn."""


def drawn(folder: Path, each: int) -> tuple[list[Pair], np.ndarray, np.ndarray]:
    """Rows, whether each is good, and its log odds by the default model: half of them hard, half any."""
    g = random.Random(SEED)
    models, people = open_assistant(folder)
    answers = [*people, *(a for a in models if a.grade == 3), *(a for a in vicuna(folder) if a.grade >= 0)]
    pairs = [(a.prompt, a.text) for a in answers if _short(a.prompt) and _short(a.text)]
    pairs = [p for p in dict.fromkeys(pairs) if not p[0].startswith("user: ")]
    worse = [row for _, _, row in damaged(pairs, SEED, each=2) if row[1].strip() and len(row[1]) < 2_000]
    told: list[Pair] = []
    for side in (pairs, worse):
        pool = g.sample(side, min(len(side), 1_500))
        odds = default_model().log_odds(features_of(pool))
        hard = [p for p, o in zip(pool, odds, strict=True) if abs(o) < HARD][: each // 2]
        told += [*hard, *[p for p in pool if p not in set(hard)][: each - len(hard)]]
    good = np.arange(len(told)) < each
    return told, good, default_model().log_odds(features_of(told))


def _short(text: str) -> bool:
    return 0 < len(text.strip()) <= MAX_CHARACTERS


def fitted(table: np.ndarray, good: np.ndarray, offset: np.ndarray, ridge: float) -> np.ndarray:
    """Weights of a logistic regression with an offset, the bias last, by Newton's method."""
    design = np.column_stack([table, np.ones(len(table))])
    penalty = np.diag([ridge] * table.shape[1] + [1e-6])
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-(offset + design @ weights)))
        slope = design.T @ (p - good) + penalty @ weights
        weights = weights - np.linalg.solve((design.T * (p * (1 - p))) @ design + penalty, slope)
    return weights


def out_of_fold(table: np.ndarray, good: np.ndarray, offset: np.ndarray, ridge: float) -> np.ndarray:
    moved = np.zeros(len(good))
    for inside, outside in StratifiedKFold(10, shuffle=True, random_state=SEED).split(table, good):
        weights = fitted(table[inside], good[inside], offset[inside], ridge)
        adds = (table[outside] @ weights[:-1] + weights[-1]).clip(-BOUND, BOUND)
        moved[outside] = offset[outside] + adds
    return moved


def log_loss(odds: np.ndarray, good: np.ndarray) -> float:
    return float(np.logaddexp(0, np.where(good, -odds, odds)).mean())


def scored(pairs: Sequence[Pair], model: str) -> list[TurnScore]:
    talks = [[{"role": "user", "content": p}, {"role": "assistant", "content": r}] for p, r in pairs]
    loaded = LanguageModel(model, device="cpu")
    return [turns[0] for turns in score_turns(talks, loaded, cache=score_cache(), progress=progress)]


def progress(done: int, whole: int) -> None:
    print(f"  {done} of {whole} rows scored", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("qlora", type=Path)
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--each", type=int, default=150, help="good rows, and as many damaged ones")
    home = Path(__file__).resolve().parent.parent / "curate" / "quality" / "language_model.json"
    parser.add_argument("-o", "--out", type=Path, default=home)
    args = parser.parse_args()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    pairs, good, offset = drawn(args.qlora, args.each)
    told = scored(pairs, args.model)
    known = np.array([t.problem is None for t in told])
    table = np.array([features_of_turn(t) for t in told if t.problem is None])
    good, offset = good[known], offset[known]
    print(
        f"{known.sum()} rows; without: AUC {roc_auc_score(good, offset):.4f},"
        f" {log_loss(offset, good):.4f} nats"
    )
    scale = table.std(axis=0)
    losses = []
    for ridge in RIDGE:
        moved = out_of_fold(table / scale, good, offset, ridge)
        losses.append(log_loss(moved, good))
        print(
            f"  ridge {ridge:5.1f}: AUC {roc_auc_score(good, moved):.4f}, {losses[-1]:.4f} nats out of fold"
        )
    chosen = max(r for r, loss in zip(RIDGE, losses, strict=True) if loss < min(losses) + NEARLY)
    weights = fitted(table / scale, good, offset, chosen)
    described = {
        "model": args.model,
        "sources": SOURCES,
        "bias": round(float(weights[-1]), 3),
        "weights": dict(zip(FEATURES, np.round(weights[:-1] / scale, 3).tolist(), strict=True)),
    }
    args.out.write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
    print(args.out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
