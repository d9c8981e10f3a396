"""What is measured of an answer, one number a row, and the paired summary over rows."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..schemas.evaluation import MetricSummary
from .answer import Answer
from .stats import Interval, Values, bootstrap_interval, mcnemar_p, newcombe_interval, sign_flip_p

SHORT_REFERENCE_CHARACTERS = 64
SHORT_REFERENCE_SHARE = 0.9
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+|[^\w\s]")
"""A word, a sign, or a character of a script that writes no spaces."""


@dataclass(frozen=True)
class Metric:
    """A score of one answer against its reference.

    Args:
        name: Its name in summaries.
        score: From the answer and the reference text to a number.
        better: Which direction is better.
        binary: Whether every score is 0 or 1.
        says: What it is, as one phrase for reports.
    """

    name: str
    score: Callable[[Answer, str], float]
    better: Literal["higher", "lower"]
    binary: bool
    says: str


def normalise(text: str) -> str:
    """Text in NFC with white space collapsed and trimmed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def exact_match(answer: Answer, reference: str) -> float:
    """1 when answer and reference are the same text, but for Unicode form and white space."""
    return float(normalise(answer.text) == normalise(reference))


def loss(answer: Answer, reference: str) -> float:
    """Nats a token of the reference under the model."""
    del reference
    return answer.reference_loss


def word_f1(answer: Answer, reference: str) -> float:
    """Harmonic mean of precision and recall over the words that answer and reference share.

    Source: the F1 of SQuAD (Rajpurkar et al., 2016), without its English rules on articles.
    """
    said, wanted = (Counter(WORD.findall(normalise(t).casefold())) for t in (answer.text, reference))
    if not said or not wanted:
        return float(said == wanted)
    shared = (said & wanted).total()
    return 2 * shared / (said.total() + wanted.total())


_EXACT = Metric("exact_match", exact_match, "higher", True, "share of answers equal to the reference")
_LOSS = Metric("loss", loss, "lower", False, "nats a token of the reference answer, mean of rows")
_WORDS = Metric("word_f1", word_f1, "higher", False, "words shared with the reference, F1, mean of rows")
METRICS: dict[str, Metric] = {metric.name: metric for metric in (_EXACT, _LOSS)}
"""Of a model at hand."""
HOSTED_METRICS: dict[str, Metric] = {metric.name: metric for metric in (_EXACT, _WORDS)}
"""Of a model behind a chat endpoint, which does not tell how likely it finds a given text."""
ALL_METRICS: dict[str, Metric] = {**METRICS, **HOSTED_METRICS}


def choose_primary(references: Sequence[str], over_long: str = "loss") -> tuple[str, str]:
    """The metric that decides, and why; it depends on the references alone, never on results.

    Exact match decides where answers are short, as labels and names are; over longer texts two good
    answers seldom agree, and another metric decides.

    Args:
        references: The wanted answers.
        over_long: The metric for longer texts.
    """
    short = sum(len(text) <= SHORT_REFERENCE_CHARACTERS for text in references)
    if short >= SHORT_REFERENCE_SHARE * len(references):
        return "exact_match", f"{short} of {len(references)} references are short"
    return over_long, f"{len(references) - short} of {len(references)} references are long texts"


def summarise(metric: Metric, base: Values, tuned: Values, *, seed: int) -> MetricSummary:
    """One metric over paired rows.

    Args:
        metric: The metric.
        base: Its values for the base model, one a row.
        tuned: For the tuned model, in the same order.
        seed: Seed of resampling.
    """
    differences = tuned - base
    fixed = broken = None
    if metric.binary:
        fixed, broken = int((differences > 0).sum()), int((differences < 0).sum())
        p, test = mcnemar_p(fixed, broken), "exact McNemar test"
    else:
        p, test = sign_flip_p(differences, seed=seed), "sign-flip permutation test"
    interval = _interval(metric, base, tuned, seed)
    return MetricSummary(
        base=float(base.mean()),
        tuned=float(tuned.mean()),
        diff=float(differences.mean()),
        low=interval.low,
        high=interval.high,
        p=p,
        n=len(differences),
        better=metric.better,
        method=f"{interval.method}; {test}",
        fixed=fixed,
        broken=broken,
    )


def _interval(metric: Metric, base: Values, tuned: Values, seed: int) -> Interval:
    differences = tuned - base
    if metric.binary and np.ptp(differences) == 0:
        both = int(((base > 0) & (tuned > 0)).sum())
        neither = int(((base == 0) & (tuned == 0)).sum())
        fixed, broken = int((differences > 0).sum()), int((differences < 0).sum())
        return newcombe_interval(fixed, broken, both, neither)
    return bootstrap_interval(differences, seed=seed)
