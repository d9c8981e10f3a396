"""What a small causal language model adds to the log odds of rows that the quality score leaves in doubt."""

from __future__ import annotations

import functools
import json
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from ...schemas.files import read_json
from ..language_model import LanguageModel, TurnScore, score_cache, score_turns
from ..rows import rows_of

FILE = Path(__file__).with_name("language_model.json")
COLUMN = "conversation"
SHORTLIST = {"cpu": 200, "cuda": 20_000}
"""Rows in doubt that are scored: a few minutes at a row a CPU second, and at a hundred a second on a GPU."""
MIDDLE = 0.5
"""The score that is most in doubt where the recipe sets no limit."""
FEATURES = ("log_perplexity", "high_log_perplexity", "low_log_perplexity", "ifd", "high_ifd", "low_ifd")
BOUND = 2.0
"""Log odds that a language model may add or take: it cannot overrule sure signals. An answer that rightly
repeats a text of its prompt, as in editing, is foreseen as well as a bad copy is."""
DIGITS = 3
"""Of a log perplexity: its last digits depend on what is read together."""


class Said(NamedTuple):
    """What a language model said of one row.

    Args:
        row: Its position.
        words: Perplexity and instruction-following difficulty of its answer, in words.
        adds: What they add to the log odds.
    """

    row: int
    words: str
    adds: float


class Asked(NamedTuple):
    """The rows that a language model was asked about.

    Args:
        said: One a row that it could score.
        rows: How many it was asked about.
    """

    said: list[Said]
    rows: int


def measured(batch: pa.Table) -> dict[str, pa.Array]:
    """The column `conversation` of a batch: messages and tools as compact JSON."""
    rows = rows_of(batch)
    told = [
        json.dumps({"messages": turns, "tools": tools}, ensure_ascii=False, separators=(",", ":"))
        for turns, tools in zip(rows.messages, rows.tools(), strict=True)
    ]
    return {COLUMN: pa.array(told, pa.large_string())}


def shortlist(scores: np.ndarray, middle: float, size: int) -> np.ndarray:
    """Positions of the rows whose scores are nearest to `middle`, the earlier ones of equals; ascending.

    Args:
        scores: Shape (n,), in [0, 1].
        middle: The score that is most in doubt.
        size: Rows at most.
    """
    return np.sort(np.argsort(np.abs(scores - middle), kind="stable")[:size])


def ask(measures: pa.Table, scores: np.ndarray, middle: float, model: str) -> Asked:
    """Let a language model judge the answers of the rows most in doubt.

    Args:
        measures: Of all rows, with the column `conversation`.
        scores: Their scores, shape (n,).
        middle: The score that is most in doubt.
        model: A folder, or the name of a fetched model.

    Raises:
        ModelError: The model cannot be loaded.
    """
    loaded = LanguageModel(model)
    rows = shortlist(scores, middle, SHORTLIST[loaded.device])
    talks = [json.loads(text) for text in measures.column(COLUMN).take(pa.array(rows)).to_pylist()]
    turns = [talk["messages"] for talk in talks]
    told = score_turns(turns, loaded, tools=[talk["tools"] for talk in talks], cache=score_cache())
    said = [
        Said(row, in_words(score), round(weights().adds(score), 2))
        for row, scored, of in zip(rows.tolist(), told, turns, strict=True)
        if (score := _of_answer(scored, len(of))) is not None
    ]
    return Asked(said, len(rows))


def _of_answer(scored: list[TurnScore], turns: int) -> TurnScore | None:
    """The score of the last turn, where it is the assistant's and could be scored."""
    last = scored[-1] if scored else None
    if last is None or last.turn != turns - 1 or last.nll is None or last.nll_alone is None:
        return None
    return last if math.isfinite(last.nll) and math.isfinite(last.nll_alone) else None


def features_of_turn(score: TurnScore) -> list[float]:
    """The numbers of `FEATURES`: log perplexity and difficulty, and how far they lie in either tail.

    Raises:
        ValueError: The turn has no score.
    """
    if score.nll is None or score.nll_alone is None:
        raise ValueError(f"turn {score.turn} has no score: {score.problem}")
    nll = min(round(score.nll, DIGITS), 8.0)
    ifd = min(float(np.exp(round(score.nll - score.nll_alone, DIGITS))), 2.0)
    return [nll, max(nll - 4.0, 0.0), max(1.0 - nll, 0.0), ifd, max(ifd - 1.0, 0.0), max(0.3 - ifd, 0.0)]


def in_words(score: TurnScore) -> str:
    """Both figures for a person."""
    return f"perplexity {score.perplexity or 0.0:.1f}, IFD {score.ifd or 0.0:.2f}"


class Weights:
    """How much each feature adds to the log odds.

    Args:
        bias: Added to every row.
        weights: One a feature, in the order of `FEATURES`.
    """

    def __init__(self, bias: float, weights: np.ndarray) -> None:
        self._bias = bias
        self._weights = weights

    def adds(self, score: TurnScore) -> float:
        """What a score adds to the log odds of its row, in [-BOUND, BOUND]."""
        found = self._bias + float(self._weights @ np.array(features_of_turn(score)))
        return min(max(found, -BOUND), BOUND)


@functools.cache
def weights() -> Weights:
    """The weights that ship, made by `benchmarks/make_language_model_weights.py`."""
    described = read_json(FILE)
    return Weights(described["bias"], np.array([described["weights"][name] for name in FEATURES]))
