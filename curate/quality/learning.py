"""From decisions to a learned model, its card and its scores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from ...schemas.quality import LearnedQuality
from ..groups import Groups
from .context import context_of
from .default_model import default_model, sigmoid
from .features import Features, chunks, read
from .fit import Fitted, fit
from .intervals import THRESHOLDS, approval_threshold, auc, bootstrap, precision
from .label_odds import copies
from .learned_model import DENSE, LearnedModel, design
from .pool import Pool


class Examples(NamedTuple):
    """The decisions that teach.

    Args:
        rows: Positions in the pool, shape (n,), int64.
        good: Whether the row was approved, shape (n,), bool.
        last: Sequence number of the newest decision.
        by_rule: Decisions by a rule, which teach nothing.
        changed: Decisions on other content or on rows that are no longer judged, which teach nothing.
        edited: Rows that were approved with an edit: as they were, they are not good.
        unsaid: Disputed rows and rejected duplicates, which say nothing of quality.
    """

    rows: np.ndarray
    good: np.ndarray
    last: int
    by_rule: int
    changed: int
    edited: int = 0
    unsaid: int = 0


def learned(pool: Pool, examples: Examples, seed: int) -> tuple[LearnedQuality, np.ndarray]:
    """A model fitted to decisions, and its score of every row of the pool, shape (n,)."""
    context = context_of(pool.measures, seed)
    means, chosen = _tables(pool.measures, context, examples.rows)
    groups = _groups(pool, examples.rows)
    found = fit(chosen - means, examples.good, groups, seed)
    model = LearnedQuality(
        default=default_model().identity,
        dense=list(DENSE),
        bias=found.bias,
        means=[round(m, 6) for m in means.tolist()],
        weights=[round(w, 6) for w in found.weights.tolist()],
        decided=examples.last,
        card=_card(found, examples, groups, _default_auc(pool, examples), seed),
    )
    return model, scores_of(model, pool.measures, context)


def scores_of(model: LearnedQuality, measures: pa.Table, context: dict[str, np.ndarray]) -> np.ndarray:
    """The score of every measured row, in [0, 1], shape (n,)."""
    judge = LearnedModel(model, "")
    told, start = [np.zeros(0)], 0
    for features in chunks(measures):
        told.append(judge.log_odds(features, _slice(context, start, features)))
        start += len(features.signals)
    return sigmoid(np.concatenate(told))


def _slice(context: dict[str, np.ndarray], start: int, features: Features) -> dict[str, np.ndarray]:
    return {name: values[start : start + len(features.signals)] for name, values in context.items()}


def _tables(
    measures: pa.Table, context: dict[str, np.ndarray], rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The mean of every feature over all rows, and the features of some rows."""
    total: np.ndarray | float = 0.0
    start = 0
    for features in chunks(measures):
        total = total + design(features, _slice(context, start, features)).sum(axis=0)
        start += len(features.signals)
    some = read(measures.take(pa.array(rows)))
    return np.asarray(total) / max(start, 1), design(some, {name: v[rows] for name, v in context.items()})


def _groups(pool: Pool, rows: np.ndarray) -> np.ndarray:
    """The first row of each decided row's group: near-duplicates and nearly equal prompts, shape (n,)."""
    mine = pool.measures.take(pa.array(rows))
    vectors = read(mine).prompt
    alike = copies(vectors, mine.column("grams").to_pylist())
    groups = Groups(len(rows))
    groups.join_equal(alike.tolist())
    ids, partners = (
        pool.row_ids.take(pa.array(rows)).to_pylist(),
        pool.partners.take(pa.array(rows)).to_pylist(),
    )
    groups.join_equal([partner or name for partner, name in zip(partners, ids, strict=True)])
    return groups.first_members()


def _default_auc(pool: Pool, examples: Examples) -> float:
    some = read(pool.measures.take(pa.array(examples.rows)))
    return auc(examples.good, default_model().log_odds(some))


def _card(
    found: Fitted, examples: Examples, groups: np.ndarray, default_auc: float, seed: int
) -> dict[str, object]:
    good, scores = examples.good, found.out_of_fold
    return {
        "decisions": len(good),
        "approved": int(good.sum()),
        "rejected": int((~good).sum()),
        "by_rule": examples.by_rule,
        "changed": examples.changed,
        "edited": examples.edited,
        "unsaid": examples.unsaid,
        "groups": len(np.unique(groups)),
        "meaning": found.meaning,
        "strength": found.strength,
        "figures": bootstrap(good, scores, groups, seed),
        "default_auc": round(default_auc, 4),
        "precision": [precision(good, scores, t) for t in THRESHOLDS],
        "proposed": approval_threshold(good, scores),
    }
