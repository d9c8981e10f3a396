"""Answers of base and tuned to the same questions, as metrics with intervals and one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..schemas.evaluation import MetricSummary
from .answer import Answer
from .metrics import Metric, summarise
from .stats import detectable_difference, judge

WHO = ("base", "tuned")


@dataclass(frozen=True)
class Paired:
    """What came out of a comparison.

    Args:
        metrics: By name.
        detectable: By name, the smallest difference that such rows would show; None where that is none.
        verdict: By the metric that decides.
        sentence: The verdict with its figures.
    """

    metrics: dict[str, MetricSummary]
    detectable: dict[str, float | None]
    verdict: Literal["better", "worse", "inconclusive"]
    sentence: str


def pair(
    metrics: Mapping[str, Metric],
    answers: Mapping[str, Sequence[Answer]],
    references: Sequence[str],
    *,
    primary: str,
    seed: int,
) -> Paired:
    """Score both models' answers and judge the difference.

    Args:
        metrics: What is measured.
        answers: By `base` and `tuned`, in the order of the references.
        references: The wanted answers.
        primary: The metric that decides.
        seed: Seed of resampling.
    """
    found: dict[str, MetricSummary] = {}
    detectable: dict[str, float | None] = {}
    for metric in metrics.values():
        base, tuned = (
            np.array([metric.score(a, r) for a, r in zip(answers[who], references, strict=True)])
            for who in WHO
        )
        found[metric.name] = summarise(metric, base, tuned, seed=seed)
        smallest = detectable_difference(tuned - base)
        detectable[metric.name] = smallest if np.isfinite(smallest) else None
    decided = found[primary]
    verdict = judge(decided.low, decided.high, decided.p, better=decided.better)
    return Paired(found, detectable, verdict, _sentence(primary, decided, verdict))


def _sentence(primary: str, m: MetricSummary, verdict: str) -> str:
    interval = f"95 % interval {m.low:+.3g} to {m.high:+.3g}"
    change = f"{primary.replace('_', ' ')} from {m.base:.3g} to {m.tuned:.3g} ({m.diff:+.3g}, {interval})"
    rows = f"on {m.n} held-out rows, p = {m.p:.2g}"
    if verdict == "inconclusive":
        return f"Inconclusive: {change} {rows}; these rows cannot tell base and tuned apart."
    return f"The tuned model is {verdict}: {change} {rows}."
