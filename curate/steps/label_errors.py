"""Categorical answers that the other rows contradict: confident learning on predictions out of fold."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from ..encoders import STATIC, encoder_for
from ..quality import answers, features
from ..quality.answers import Family
from ..quality.label_odds import label_odds, predictable
from ..row_vectors import row_vectors
from ..step import KEEP, Opinion, verdicts


class LabelErrors:
    """Sends rows to review whose label, by the other rows, should be another one.

    A family of rows (one system prompt, one beginning of the prompt, or one file) has categorical answers
    when most of them are short and come again and again. Where there is none, every row is kept and the
    step costs nothing.

    Args:
        seed: Of the folds.
    """

    name = "label_errors"
    version = 1
    reasons = {
        "suspect_label": "Rows with like prompts have another label.",
        "unlisted_answer": "Nearly all rows of this kind answer with one of some labels; this one does not.",
    }

    def __init__(self, *, seed: int = 13) -> None:
        self.seed = seed

    @property
    def measure_params(self) -> dict[str, Any]:
        """The encoder of the prompts."""
        return {"encoder": encoder_for(STATIC).identity}

    def measure(self, batch: pa.Table) -> pa.Table:
        columns = answers.measured(batch) | {"prompt_vector": features.packed(row_vectors(batch).prompt)}
        return pa.table({"row_id": batch.column("row_id"), **columns})

    def decide(self, measures: pa.Table) -> pa.Table:
        opinions = [KEEP] * measures.num_rows
        for family in answers.families(measures):
            odds = label_odds(measures, family, self.seed)
            if not predictable(family, odds):
                continue
            for row, opinion in zip(family.rows.tolist(), _opinions(family, odds), strict=True):
                opinions[row] = opinion
        return verdicts(measures.column("row_id"), self.name, opinions)


def _opinions(family: Family, odds: np.ndarray) -> list[Opinion]:
    """What is said of the rows of a family, by the probability of each class; shape (n, n_classes)."""
    named = np.flatnonzero(family.labels >= 0)
    suspects = np.zeros(len(family.rows), bool)
    suspects[named[suspect(family.labels[named], odds[named])]] = True
    best = odds.argmax(axis=1)
    found: list[Opinion] = []
    for i, label in enumerate(family.labels.tolist()):
        told = {"rows": len(family.rows), "classes": len(family.classes)}
        expected = family.classes[int(best[i])]
        if label < 0:
            told |= {"probability": round(float(odds[i].max()), 3)}
            detail = json.dumps({"expected": expected, **told}, ensure_ascii=False)
            found.append(Opinion("review", "unlisted_answer", value=expected, detail=detail))
            continue
        score = round(1 - float(odds[i, label]), 4)
        if not suspects[i]:
            found.append(Opinion("keep", score=score))
            continue
        told |= {"given": family.classes[label], "probability": round(float(odds[i].max()), 3)}
        detail = json.dumps({"expected": expected, **told}, ensure_ascii=False)
        found.append(Opinion("review", "suspect_label", score, expected, detail=detail))
    return found


def suspect(labels: np.ndarray, odds: np.ndarray) -> np.ndarray:
    """Which rows are off the diagonal of the confident joint, shape (n,), bool.

    Source: confident learning, Northcutt et al. 2021, by cleanlab.
    """
    from cleanlab.filter import find_label_issues

    if len(np.unique(labels)) < 2:
        return np.zeros(len(labels), bool)
    totals = np.maximum(odds.sum(axis=1, keepdims=True), 1e-12)
    return np.asarray(find_label_issues(labels, odds / totals, filter_by="both", n_jobs=1), bool)
