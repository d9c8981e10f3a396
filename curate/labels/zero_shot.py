"""Labels from the sentences that describe them, by likeness in meaning and by rare words in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..encoders import Encoder
from .features import Vocabulary, stems_of

WORDS = 0.15
"""Weight of words in common beside the cosine."""
TEMPERATURE = 0.07
NO_LABEL = 0.25
"""Likeness of a row to `none of these`: a row that is less like every label gets none with certainty."""
OWN_MEAN = 1
"""Beside the labels' own mean, that of the rows counts as one label: it decides where there is but one."""


def described(labels: Mapping[str, str]) -> list[str]:
    """Each label with its sentence, as one text."""
    return [f"{spaced(name)} {sentence}" for name, sentence in labels.items()]


def spaced(name: str) -> str:
    """A label as words."""
    return name.replace("_", " ").replace("-", " ")


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length 1; rows of zeros stay."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(norms == 0, 1, norms)


class ZeroShot:
    """Confidence in each label for rows that nobody labelled.

    Args:
        labels: Label to the sentence that describes it.
        encoder: The encoder of the rows' vectors.
        mean: Mean of the rows' vectors, shape (dim,).
        vocabulary: Knows the stems of the labels.
    """

    def __init__(
        self, labels: Mapping[str, str], encoder: Encoder, mean: np.ndarray, vocabulary: Vocabulary
    ) -> None:
        names = encoder.encode([spaced(name) for name in labels])
        sentences = encoder.encode(list(labels.values()))
        vectors = unit(names + sentences)
        share = len(labels) / (len(labels) + OWN_MEAN)
        middle = share * vectors.mean(axis=0) + (1 - share) * mean
        self.vectors = unit(vectors - middle).astype(np.float32)
        words = vocabulary.matrix([stems_of(text.lower()) for text in described(labels)]).toarray()
        having = np.maximum((words > 0).sum(axis=0), 1)
        self.words = unit(words * np.log(1 + len(labels) / having))

    def confidence(self, rows: np.ndarray, words: Any) -> np.ndarray:
        """Shape (n_rows, n_labels); what is missing to 1 is the belief in none of them.

        Args:
            rows: Unit vectors without the mean of all rows, shape (n_rows, dim).
            words: Their tf-idf rows.
        """
        likeness = rows @ self.vectors.T + WORDS * (words @ self.words.T)
        none = np.full((len(rows), 1), NO_LABEL)
        return softmax(np.concatenate([likeness, none], axis=1) / TEMPERATURE)[:, :-1]


def softmax(logits: np.ndarray) -> np.ndarray:
    """Rows of shares that sum to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def most_likely(confidence: np.ndarray, count: int) -> np.ndarray:
    """The columns of the greatest values of each row, the greatest first and the first of equals."""
    return np.argsort(-confidence, axis=1, kind="stable")[:, :count]


def texts_as_stems(texts: Sequence[str]) -> list[np.ndarray]:
    """The stems of some texts."""
    return [np.array(stems_of(text.lower()), np.uint32) for text in texts]
