"""What the quality score and the search for wrong labels find, each beside its baseline.

    python benchmarks/quality_scores.py [DATA]

DATA is the folder of evaluation sets that `bench_quality.py` reads.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score
from tuneset.curate.encoders import STATIC, encoder_for
from tuneset.curate.quality.default_model import default_model
from tuneset.curate.quality.features import Features
from tuneset.curate.quality.signals import signals_of

Pair = tuple[str, str]
LABELLED = ("pandalm_human.jsonl", "autoj_human.jsonl.gz", "llmbar.jsonl")
BETTER_WORSE = ("alpacaeval_prefs.jsonl.gz", "alpaca_cleaned_pairs.jsonl", "davinci_vs_gpt4.jsonl")


def rows_of(path: Path) -> list[dict[str, Any]]:
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")
    with opened as f:
        return [json.loads(line) for line in f]


def prompt_of(row: Mapping[str, Any]) -> str:
    if "prompt" in row:
        return row["prompt"]
    return f"{row['instruction']}\n{row['input']}" if row.get("input") else row["instruction"]


def features_of(pairs: Sequence[Pair]) -> Features:
    encoder = encoder_for(STATIC)
    signals = np.array([signals_of(p, r) for p, r in pairs], np.float32)
    return Features(signals, encoder.encode([p for p, _ in pairs]), encoder.encode([r for _, r in pairs]))


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
        print(
            f"  alpagasus {flag}: AUC {roc_auc_score(flags, scores):.3f}, length {roc_auc_score(flags, lengths):.3f}"
        )
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


def quality_scores(data: Path, qlora: Path | None = None) -> None:
    """Print the figures of the quality score and of wrong labels."""
    default_figures(data / "03_quality", qlora)


if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    given = (
        sys.argv[1]
        if len(sys.argv) > 1
        else os.environ.get("TUNESET_EVAL_DATA", root.parent / "shared" / "data")
    )
    quality_scores(Path(given), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
