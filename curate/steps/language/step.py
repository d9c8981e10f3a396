"""The step: the language of prompt and answer, as ISO 639-1 codes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ...rows import rows_of
from ...step import Opinion, verdicts
from .asked import asks_for_another, speaks_of_translating
from .detect import Detector, Evidence, evidence
from .languages import UNKNOWN, tongues
from .mismatch import is_mismatch, worth_a_look
from .row_text import RowText, row_text
from .run_shares import CANDIDATES, Doubt, run_shares

OTHER_LANGUAGE = 0.05
NAMED_LANGUAGE = 0.5
"""Share of rows that are answered in another language than they are asked in, before anything is read: of
all rows, and of those whose prompt names a language."""

NAMES = -7.0
"""Nats of a language that a doubtful answer seems not to be in: names in Latin letters stand in any."""

OTHERS = 40
"""Languages that another language is likely one of."""

CROSSED = 0.01
"""Belief in the other side's language below which two sides are in two languages."""

SURE = 0.9
ENOUGH_LETTERS = 40
ENOUGH = 0.5
MIN_SCORE = 0.25
"""Belief below which a language is not told. Source: measured, see docs/LOG.md."""


class Language:
    """Assigns the language of the answer, and finds answers in another language than the prompt.

    Both are read apart. Where the answer leaves doubt, the prompt's language and the languages of the run's
    other rows help to decide; where it has no words (numbers, code, symbols), the prompt's language is given.
    Where neither has words the language is `und`: it cannot be known.

    Args:
        allow: ISO 639-1 codes to keep; rows in another known language are dropped. None keeps all.
        detector: `fast` is py3langid (Lui and Baldwin 2012) with priors; `langdetect` is that library.

    Source: see docs/steps/language.md.
    """

    name = "language"
    version = 3
    reasons = {
        "language": "The language of the answer.",
        "language_mismatch": "The answer is in another language than the prompt, and nothing asks for that.",
        "wrong_language": "The language is not among the allowed ones.",
    }

    def __init__(self, allow: Sequence[str] | None = None, *, detector: Detector = "fast") -> None:
        self.allow = None if allow is None else frozenset(allow)
        self.detector: Detector = detector

    @property
    def measure_params(self) -> Mapping[str, str]:
        return {"detector": self.detector}

    def measure(self, batch: pa.Table) -> pa.Table:
        texts = [row_text(turns) for turns in rows_of(batch).messages]
        asked = evidence([t.prompt for t in texts], detector=self.detector)
        given = evidence([t.answer for t in texts], detector=self.detector)
        return pa.table({"row_id": batch.column("row_id"), **_columns(texts, asked, given)})

    def decide(self, measures: pa.Table) -> pa.Table:
        shares = run_shares(measures)
        opinions = [self._opinion(row, shares) for row in measures.select(_READ).to_pylist()]
        return verdicts(measures.column("row_id"), self.name, opinions)

    def _opinion(self, row: Mapping[str, Any], shares: Doubt) -> Opinion:
        code, score = shares.settle(row["candidates"], row["scores"])
        if score < MIN_SCORE or not (row["letters"] or row["prompt_letters"]):
            code, score = UNKNOWN, 0.0
        score = round(score, 4)
        detail = _detail(row, code)
        if self.allow is not None and code not in self.allow and code != UNKNOWN:
            return Opinion("drop", "wrong_language", score, code, detail=detail)
        if row["mismatch"] and code == row["language"]:
            return Opinion("review", "language_mismatch", score, code, detail=detail)
        return Opinion("assign", "language", score, code, detail=detail)


_READ = [
    "language",
    "candidates",
    "scores",
    "letters",
    "prompt_language",
    "prompt_score",
    "prompt_letters",
    "mismatch",
]


def _detail(row: Mapping[str, Any], code: str) -> str | None:
    asked = row["prompt_language"]
    if code != UNKNOWN and not row["letters"]:
        return "the prompt's language: the answer has no words"
    if asked in (code, UNKNOWN) or row["prompt_score"] < ENOUGH or code == UNKNOWN:
        return None
    return f"the prompt is {asked} ({row['prompt_score']:.2f})"


def _columns(texts: Sequence[RowText], asked: Evidence, given: Evidence) -> dict[str, pa.Array]:
    codes, scores = given.best()
    prompt_codes, prompt_scores = asked.best()
    joined = _with_prompt(texts, asked, given, (prompt_codes, scores))
    order = np.argsort(-joined, axis=1, kind="stable")[:, :CANDIDATES]
    top = np.round(np.exp(np.take_along_axis(joined, order, axis=1)).astype(np.float64), 4)
    names = pa.array(tongues().codes, pa.string()).take(pa.array(order.ravel()))
    ends = pa.array(np.arange(len(texts) + 1, dtype=np.int32) * order.shape[1])
    return {
        "language": pa.array(codes, pa.string()),
        "score": pa.array(np.round(scores.astype(np.float64), 4)),
        "letters": pa.array(given.letters),
        "prompt_language": pa.array(prompt_codes, pa.string()),
        "prompt_score": pa.array(np.round(prompt_scores.astype(np.float64), 4)),
        "prompt_letters": pa.array(asked.letters),
        "candidates": pa.ListArray.from_arrays(ends, names),
        "scores": pa.ListArray.from_arrays(ends, pa.array(top.ravel())),
        "mismatch": pa.array(_mismatches(texts, asked, given), pa.bool_()),
    }


def _mismatches(texts: Sequence[RowText], asked: Evidence, given: Evidence) -> list[bool]:
    """Whether each row is answered in another language than it is asked in, though nothing asks for that."""
    sides = zip(*asked.best(), asked.letters.tolist(), *given.best(), given.letters.tolist(), strict=True)
    found = [False] * len(texts)
    for i, (prompt_code, prompt_score, n_prompt, code, score, n) in enumerate(sides):
        codes = (prompt_code, code)
        if not worth_a_look(codes, (prompt_score, score), (n_prompt, n)):
            continue
        crossed = asked.log_p[i, tongues().column[code]], given.log_p[i, tongues().column[prompt_code]]
        if max(crossed) < math.log(CROSSED):
            found[i] = is_mismatch(texts[i].prompt, texts[i].answer, codes, context=texts[i].context)
    return found


def _with_prompt(
    texts: Sequence[RowText], asked: Evidence, given: Evidence, told: tuple[list[str], np.ndarray]
) -> np.ndarray:
    """Log probabilities of the answers' languages with what the prompts tell, by Bayes' rule.

    An answer is in the prompt's language but for one row in twenty, or every other row where the prompt names
    a language; where it speaks of translating, it tells nothing. A sure and long answer needs no help.
    """
    prompt_codes, scores = told
    joined = given.log_p.copy()
    doubtful = (scores < SURE) | (given.latin & (given.letters < ENOUGH_LETTERS))
    rows = np.flatnonzero(doubtful & (asked.letters > 0))
    spoken = (given.letters[rows] > 0)[:, None]
    contexts = [(texts[i].context, prompt_codes[i]) for i in rows.tolist()]
    other = np.array([_share_of_other(*context) for context in contexts], np.float32)[:, None]
    other = np.where(spoken, other, OTHER_LANGUAGE)
    expected = np.log((1 - other) * np.exp(asked.log_p[rows]) + other / OTHERS)
    floor = np.where(given.latin[rows], NAMES, -np.inf)[:, None]
    found = np.where(spoken, np.maximum(joined[rows], floor), 0.0) + expected
    joined[rows] = found - np.log(np.exp(found).sum(axis=1, keepdims=True))
    return joined


def _share_of_other(context: str, prompt_code: str) -> float:
    """How often a prompt like this is answered in another language, a ratio."""
    if speaks_of_translating(context):
        return 1.0
    return NAMED_LANGUAGE if asks_for_another(context, prompt_code) else OTHER_LANGUAGE
