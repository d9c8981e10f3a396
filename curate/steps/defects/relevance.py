"""How well an answer fits its prompt: one number a row, from the static encoder and words in common."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .base import Pair
from .words import english_words, word_weights

MODEL = Path(__file__).with_name("relevance.npz")
RARE = 7000  # weight of a word that is not known
OPEN_TASK = 1.0  # log odds that an open task is given: its answer need not speak of the prompt
MIN_WORDS = 5
STEPS = 2048
FEATURES = (
    "cosine",
    "above_prompts",
    "above_answers",
    "asked_words",
    "answered_words",
    "shared",
    "prompt_size",
    "answer_size",
)
"""Cosine; the same against that with other prompts and with other answers, in standard deviations; share of
the prompt's and of the answer's weight in words that both have; weight in common; sizes."""


class Model(NamedTuple):
    """Vectors of texts that have nothing to do with a row, and the weights of the features."""

    prompts: np.ndarray
    answers: np.ndarray
    weights: np.ndarray
    bias: float


@functools.cache
def load_model() -> Model:
    """The model that ships with the package."""
    with np.load(MODEL, allow_pickle=False) as arrays:
        prompts, answers = (arrays[n].astype(np.float32) / 127 for n in ("prompts", "answers"))
        return Model(unit(prompts), unit(answers), arrays["weights"], float(arrays["bias"]))


def unit(vectors: np.ndarray) -> np.ndarray:
    """The vectors, each scaled to length 1; zeros stay."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def features(
    asked: np.ndarray,
    told: np.ndarray,
    pairs: Sequence[Pair],
    other_prompts: np.ndarray,
    other_answers: np.ndarray,
) -> np.ndarray:
    """Shape (n_rows, n_features), float64, by `FEATURES`.

    Args:
        asked: Unit vectors of the prompts, shape (n_rows, dim), float32.
        told: The same of the answers.
        pairs: The texts.
        other_prompts: Unit vectors of prompts of other rows, shape (n_others, dim).
        other_answers: The same of answers.
    """
    left, right, prompts, answers = map(_whole_numbers, (asked, told, other_prompts, other_answers))
    cosine = (left.astype(np.float64) * right).sum(axis=1) / STEPS**2
    columns = [cosine, _above(cosine, right @ prompts.T), _above(cosine, left @ answers.T)]
    words = np.array([_in_common(pair) for pair in pairs]).reshape(len(pairs), -1)
    return np.concatenate([np.stack(columns, axis=1), words], axis=1)


def _whole_numbers(vectors: np.ndarray) -> np.ndarray:
    """Unit vectors in steps of 1 / STEPS: their products stay below 2**24, so float32 adds them exactly.

    A sum then does not depend on its order, nor a value on which rows stand beside it in a batch.
    """
    return np.rint(vectors * np.float32(STEPS))


def _in_common(pair: Pair) -> tuple[float, float, float, float, float]:
    """The features of words: what prompt and answer share of their weight, and how much there is.

    Weights are summed as whole numbers, so that no order shows.
    """
    asked, told = set(pair.plain_prompt), set(pair.plain)
    weigh = word_weights().get
    shared, whole, other = (
        sum(map(weigh, words, itertools.repeat(RARE))) / 1000 for words in (asked & told, asked, told)
    )
    sizes = math.log1p(len(asked)), math.log1p(len(told))
    return shared / (whole + 1e-6), shared / (other + 1e-6), math.log1p(shared), *sizes


def _above(own: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How far cosines lie above those with other texts, in standard deviations."""
    products = others.astype(np.float64)
    mean = products.mean(axis=1)
    spread = np.sqrt(np.maximum(np.square(products).mean(axis=1) - mean * mean, 0))
    return (own - mean / STEPS**2) / (spread / STEPS**2 + 1e-3)


def comparable(pair: Pair) -> bool:
    """Whether prompt and answer are English prose of some length, which the model can judge."""
    if len(pair.words) < MIN_WORDS or len(pair.prompt) < 12:
        return False
    if (pair.asks_code and pair.is_code) or pair.asks_speech:
        return False
    if not (_is_english(pair.plain_prompt) and _is_english(pair.plain)):
        return False
    return pair.lower.strip(" .") not in pair.prompt_lower


def _is_english(words: list[str]) -> bool:
    few = set(words[:24])
    return len(words) >= 3 and len(english_words().intersection(few)) >= 0.5 * len(few)


def log_odds(pairs: Sequence[Pair | None], asked: np.ndarray, told: np.ndarray) -> list[float | None]:
    """Log odds that an answer belongs to its prompt; None where they cannot be compared.

    Args:
        pairs: One a row; None where a row has no single answer.
        asked: Unit vectors of the prompts, shape (n_rows, dim), float32.
        told: The same of the answers.
    """
    chosen = [i for i, pair in enumerate(pairs) if pair is not None and comparable(pair)]
    found: list[float | None] = [None] * len(pairs)
    if not chosen:
        return found
    model = load_model()
    judged = [pair for i in chosen if (pair := pairs[i]) is not None]
    table = features(asked[chosen], told[chosen], judged, model.prompts, model.answers)
    easier = [OPEN_TASK if p.asks_freely else 0.0 for p in judged]
    weighed = sum((table[:, n] * weight for n, weight in enumerate(model.weights.tolist())), np.array(easier))
    scores = np.round(weighed + model.bias, 3)
    for i, score in zip(chosen, scores.tolist(), strict=True):
        found[i] = score
    return found
