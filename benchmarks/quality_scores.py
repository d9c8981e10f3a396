"""What the quality score and the search for wrong labels find, each beside its baseline.

    python benchmarks/quality_scores.py [DATA] [--qlora CLONE]

DATA is the folder of evaluation sets that `bench_quality.py` reads.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits
from tuneset.curate.encoders import STATIC, encoder_for
from tuneset.curate.quality import answers, features, intervals
from tuneset.curate.quality.context import context_of
from tuneset.curate.quality.default_model import default_model
from tuneset.curate.quality.features import Features
from tuneset.curate.quality.fit import fit
from tuneset.curate.quality.label_odds import copies
from tuneset.curate.quality.learned_model import design
from tuneset.curate.quality.signals import signals
from tuneset.curate.readers.shapes import Draft
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.steps.label_errors import LabelErrors
from tuneset.schemas.arrow import ROWS

SEEDS = 10
DECISIONS = (50, 100, 200)
SEEN_BY_A_REVIEWER = ("wrong_label", "wrong_format", "empty_answer", "refusal")
"""Kinds that one row alone shows; near-duplicates and leaks take another row to see."""
Pair = tuple[str, str]
LABELLED = ("pandalm_human.jsonl", "autoj_human.jsonl.gz", "llmbar.jsonl")
BETTER_WORSE = ("alpacaeval_prefs.jsonl.gz", "alpaca_cleaned_pairs.jsonl", "davinci_vs_gpt4.jsonl")


def rows_of(path: Path) -> list[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def prompt_of(row: Mapping[str, Any]) -> str:
    if "prompt" in row:
        return row["prompt"]
    return f"{row['instruction']}\n{row['input']}" if row.get("input") else row["instruction"]


def features_of(pairs: Sequence[Pair]) -> Features:
    encoder = encoder_for(STATIC)
    prompts, responses = [p for p, _ in pairs], [r for _, r in pairs]
    found = signals(prompts, responses).astype(np.float32)
    return Features(found, encoder.encode(prompts), encoder.encode(responses))


def scores_of(pairs: Sequence[Pair]) -> np.ndarray:
    return default_model().log_odds(features_of(pairs))


def preferences(path: Path) -> list[tuple[str, str, str]]:
    """Prompt, better answer, worse answer; ties are left out."""
    found = []
    for row in rows_of(path):
        if "better" in row:
            found.append((prompt_of(row), row["better"], row["worse"]))
        elif str(row["label"]) in ("1", "2"):
            both = [str(row["response_1"]), str(row["response_2"])]
            found.append((prompt_of(row), *(both if str(row["label"]) == "1" else both[::-1])))
    return found


def pair_accuracy(rows: Sequence[tuple[str, str, str]], name: str) -> None:
    better = scores_of([(p, b) for p, b, _ in rows])
    worse = scores_of([(p, w) for p, _, w in rows])
    lengths = np.array([(len(b), len(w)) for _, b, w in rows])
    right = (better > worse) + 0.5 * (better == worse)
    longer = (lengths[:, 0] > lengths[:, 1]) + 0.5 * (lengths[:, 0] == lengths[:, 1])
    shorter_wins = lengths[:, 0] < lengths[:, 1]
    error = 1.96 * float(right.std()) / len(rows) ** 0.5
    print(
        f"  {name:<36} {len(rows):5}  score {right.mean():.3f} ± {error:.3f}  length {longer.mean():.3f}"
        f"  where the shorter wins ({int(shorter_wins.sum())}): score {right[shorter_wins].mean():.3f}"
    )


def trained_prompts(qlora: Path | None) -> frozenset[str]:
    """The prompts that the shipped model saw, so that they can be left out."""
    if qlora is None:
        return frozenset()
    from quality_sources import open_assistant, vicuna

    models, people = open_assistant(qlora)
    return frozenset(a.prompt.strip() for a in (*vicuna(qlora), *models, *people))


def default_figures(folder: Path, qlora: Path | None) -> None:
    print("\npair accuracy of the default model, ties left out")
    seen = trained_prompts(qlora)
    for name in (*LABELLED, *BETTER_WORSE):
        rows = preferences(folder / name)
        pair_accuracy(rows, name)
        clean = [r for r in rows if r[0].strip() not in seen]
        if len(clean) < len(rows):
            pair_accuracy(clean, "  without prompts trained on")
    rows = rows_of(folder / "alpagasus.jsonl.gz")
    scores = scores_of([(prompt_of(r), r["output"]) for r in rows])
    lengths = [len(r["output"]) for r in rows]
    for flag in ("claude_ge_4_5", "helpfulness_ge_4_5"):
        flags = [r[flag] for r in rows]
        auc, base = roc_auc_score(flags, scores), roc_auc_score(flags, lengths)
        print(f"  alpagasus {flag}: AUC {auc:.3f}, length {base:.3f}")
    rows = rows_of(folder / "defects.jsonl")
    scores = scores_of([(prompt_of(r), r["output"]) for r in rows])
    lengths = np.array([len(r["output"]) for r in rows])
    kinds = np.array([r["defect"] or "" for r in rows])
    fine = kinds == ""
    print(
        f"planted defects: AUC {roc_auc_score(fine, scores):.3f}, length {roc_auc_score(fine, lengths):.3f}"
    )
    for kind in sorted(set(kinds) - {""}):
        some = fine | (kinds == kind)
        auc, base = roc_auc_score(fine[some], scores[some]), roc_auc_score(fine[some], lengths[some])
        print(f"  {kind:<32} AUC {auc:.3f}  length {base:.3f}")


def batch_of(conversations: Sequence[list[dict[str, Any]]]) -> pa.Table:
    drafts = [
        name_draft(Draft(turns, None, None, None, {}), f"rows:{i}", "rows", i)
        for i, turns in enumerate(conversations, start=1)
    ]
    return pa.Table.from_batches([rows_batch(drafts)], ROWS)


def simulated_reviewers(name: str, batch: pa.Table, bad: np.ndarray) -> None:
    """AUC on the rows left after some random right decisions, over seeds."""
    measures = pa.table({**features.measured(batch), **answers.measured(batch)})
    context = context_of(measures, 13)
    told = features.read(measures)
    table = design(told, context)
    table -= table.mean(axis=0)
    groups = copies(told.prompt, measures.column("grams").to_pylist())
    base = roc_auc_score(bad, -default_model().log_odds(told))
    print(f"{name}: {len(bad):,} rows, {int(bad.sum())} bad; default model AUC {base:.3f}")
    for n in DECISIONS:
        found = [_one_reviewer(table, bad, groups, n, seed) for seed in range(SEEDS)]
        aucs, guessed = np.array(found).T
        half = 2.262 * aucs.std(ddof=1) / SEEDS**0.5
        print(
            f"  {n:3} decisions: AUC {aucs.mean():.3f} ± {half:.3f} (least {aucs.min():.3f});"
            f" by cross-validation {guessed.mean():.3f}"
        )


def _one_reviewer(
    table: np.ndarray, bad: np.ndarray, groups: np.ndarray, n: int, seed: int
) -> tuple[float, float]:
    order = np.random.default_rng(seed).permutation(len(bad))
    decided, left = order[:n], order[n:]
    model = fit(table[decided], ~bad[decided], groups[decided], 13)
    auc = roc_auc_score(bad[left], -(table[left] @ model.weights))
    return auc, intervals.auc(~bad[decided], model.out_of_fold)


def reviewers(data: Path) -> None:
    print(f"\nsimulated reviewers, {SEEDS} seeds; intervals 95 %")
    folder = data / "09_sft_tasks" / "banking_intents"
    truth = [r["defect"] for r in rows_of(folder / "train_dirty_truth.jsonl")]
    batch = batch_of([r["messages"] for r in rows_of(folder / "train_dirty.jsonl")])
    simulated_reviewers("banking, dirty", batch, np.isin(np.array(truth, object), SEEN_BY_A_REVIEWER))
    rows = rows_of(data / "03_quality" / "defects.jsonl")
    turns = [
        [{"role": "user", "content": prompt_of(r)}, {"role": "assistant", "content": r["output"]}]
        for r in rows
    ]
    simulated_reviewers("planted defects", batch_of(turns), np.array([r["defect"] is not None for r in rows]))


def wrong_labels(data: Path) -> None:
    """Flipped labels of the banking rows, beside tf-idf and logistic regression alone."""
    folder = data / "09_sft_tasks" / "banking_intents"
    truth = [r["defect"] for r in rows_of(folder / "train_dirty_truth.jsonl")]
    wrong = np.array([defect == "wrong_label" for defect in truth])
    rows = rows_of(folder / "train_dirty.jsonl")
    step = LabelErrors()
    told = step.decide(step.measure(batch_of([r["messages"] for r in rows]))).to_pylist()
    ours = np.array([t["score"] or 0.0 for t in told])
    print(f"\nwrong labels: {int(wrong.sum())} of {len(rows):,} rows")
    _ranked("label_errors", ours, wrong)
    _ranked("tf-idf + logistic regression", _plain_baseline(rows), wrong)
    suspects = np.array([t["reason"] == "suspect_label" for t in told])
    kinds = np.array([str(defect).split(":")[0] for defect in truth])
    counts = {str(k): int((suspects & (kinds == k)).sum()) for k in np.unique(kinds)}
    print(f"  suspect_label: {int(suspects.sum())} rows, by kind {counts}")
    clean = batch_of([r["messages"] for r in rows_of(folder / "train.jsonl")])
    flagged = [t["reason"] for t in step.decide(step.measure(clean)).to_pylist() if t["reason"]]
    print(f"  undamaged rows: {len(flagged)} of {clean.num_rows} for review")


def _plain_baseline(rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """1 - the out-of-fold probability of the given answer, ungrouped folds."""
    texts = [r["messages"][-2]["content"] for r in rows]
    labels = [r["messages"][-1]["content"] for r in rows]
    common = {label for label, n in Counter(labels).items() if n >= 5}
    some = [i for i, label in enumerate(labels) if label in common]
    judge = OneVsRestClassifier(LogisticRegression(solver="liblinear"))
    model = make_pipeline(TfidfVectorizer(sublinear_tf=True), judge)
    chosen = np.array([labels[i] for i in some])
    odds = cross_val_predict(model, [texts[i] for i in some], chosen, cv=5, method="predict_proba")
    scores = np.zeros(len(rows))
    scores[some] = 1 - odds[np.arange(len(some)), np.searchsorted(np.unique(chosen), chosen)]
    return scores


def _ranked(name: str, scores: np.ndarray, wrong: np.ndarray) -> None:
    worst = np.argsort(-scores, kind="stable")[: len(scores) // 10]
    area = average_precision_score(wrong, scores)
    print(
        f"  {name:<30} area under precision-recall {area:.3f}, AUC {roc_auc_score(wrong, scores):.3f};"
        f" worst tenth holds {wrong[worst].sum() / wrong.sum():.1%} of them"
        f" (at most {min(1.0, len(worst) / wrong.sum()):.1%})"
    )


def quality_scores(data: Path, qlora: Path | None = None) -> None:
    """Print the figures of the quality score and of wrong labels.

    Args:
        data: The folder of evaluation sets.
        qlora: The clone that the shipped model was trained on, so that its prompts can be left out.
    """
    default_figures(data / "03_quality", qlora)
    with threadpool_limits(1):
        reviewers(data)
        wrong_labels(data)


def main() -> None:
    root = Path(__file__).resolve().parent.parent
    given = os.environ.get("TUNESET_EVAL_DATA", root.parent / "shared" / "data")
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path, default=Path(given))
    parser.add_argument("--qlora", type=Path, help="a clone of artidoro/qlora, to leave its prompts out")
    args = parser.parse_args()
    quality_scores(args.data, args.qlora)


if __name__ == "__main__":
    main()
