"""py3langid's model over many texts at once: the same answers, many times faster.

The model (Lui and Baldwin 2012, retrained by A. Barbaresi; BSD licence) walks a finite automaton over the
bytes of a text and scores the features it meets. Here all texts of a batch walk in step, one byte at a time.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

GROUP = 2048
"""Texts that walk together: a text and a feature fit one number of 32 bits."""


class Model(NamedTuple):
    """py3langid's tables as arrays.

    Args:
        moves: Next state by `base[state] + byte`, shape (n_rows * 256,).
        base: Row offset of each state, shape (n_states,).
        feature: Feature met in each state or -1, shape (n_states,).
        weights: Log likelihoods, shape (n_features, n_classes).
        prior: Log priors, shape (n_classes,).
        classes: Position of each class's language in `languages`, shape (n_classes,).
        languages: ISO 639-1 codes.
        twice: Classes of languages that have several, each with its language's position.
    """

    moves: np.ndarray
    base: np.ndarray
    feature: np.ndarray
    weights: np.ndarray
    prior: np.ndarray
    classes: np.ndarray
    languages: list[str]
    twice: list[tuple[int, int]]


@functools.cache
def load_model() -> Model:
    """The model that ships with py3langid."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    found = LanguageIdentifier.from_model_file(MODEL_FILE)
    languages = list(dict.fromkeys(found.nb_classes))
    return Model(
        np.asarray(found.tk_nextmove, np.int32),
        np.asarray(found.tk_row, np.int32) << 8,
        np.asarray(found.tk_output, np.int32),
        np.asarray(found.nb_ptc, np.float32),
        np.asarray(found.nb_pc, np.float32),
        np.asarray([languages.index(c) for c in found.nb_classes]),
        languages,
        [(i, languages.index(c)) for i, c in enumerate(found.nb_classes) if found.nb_classes.count(c) > 1],
    )


def classify(texts: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """The likeliest language of each text and its probability.

    Args:
        texts: Texts of at most a few hundred characters.

    Returns:
        ISO 639-1 codes, and ratios in [0, 1], shape (n_texts,).
    """
    codes: list[str] = []
    scores: list[np.ndarray] = []
    for first in range(0, len(texts), GROUP):
        group = _classify(load_model(), texts[first : first + GROUP])
        codes += group[0]
        scores.append(group[1])
    return codes, np.concatenate(scores) if scores else np.zeros(0)


def _classify(model: Model, texts: Sequence[str]) -> tuple[list[str], np.ndarray]:
    scores, lengths = _class_scores(model, texts)
    scores /= np.sqrt(np.maximum(lengths, 1)).astype(np.float32)[:, None]
    np.exp(scores - scores.max(axis=1, keepdims=True), out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    merged = np.zeros((len(texts), len(model.languages)), np.float32)
    for i, language in enumerate(model.classes.tolist()):
        merged[:, language] += scores[:, i]
    best = merged.argmax(axis=1)
    return [model.languages[i] for i in best.tolist()], merged.max(axis=1)


def log_scores(texts: Sequence[str]) -> np.ndarray:
    """Log likelihood of each text in each language, up to a constant of the text, in nats.

    Args:
        texts: Texts of at most a few hundred characters.

    Returns:
        Shape (n_texts, n_languages), columns as in `load_model().languages`. The prior of the training set is
        left out: it tells how much text of a language was at hand, not how often it is met.
    """
    model = load_model()
    found = np.full((len(texts), len(model.languages)), -np.inf, np.float32)
    for first in range(0, len(texts), GROUP):
        group = slice(first, first + GROUP)
        scores, _ = _class_scores(model, texts[group])
        scores -= model.prior
        found[group, model.classes] = scores
        for i, language in model.twice:
            np.maximum(found[group, language], scores[:, i], out=found[group, language])
    return found


def _class_scores(model: Model, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Unnormalised log posteriors, shape (n_texts, n_classes), and the texts' bytes, shape (n_texts,)."""
    data = [_encode(t) for t in texts]
    lengths = np.array([len(d) for d in data], np.int64)
    order = np.argsort(-lengths, kind="stable")
    scores = np.empty((len(texts), model.weights.shape[1]), np.float32)
    scores[order] = _features(model, [data[i] for i in order], lengths[order])
    scores += model.prior
    return scores, lengths


def _encode(text: str) -> bytes:
    if text.isupper():
        text = text.lower()
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")


def _features(model: Model, data: Sequence[bytes], lengths: np.ndarray) -> np.ndarray:
    """Summed log likelihoods of the features met, shape (n_texts, n_classes); texts longest first."""
    from scipy.sparse import csr_array

    rows, columns = _features_met(model, data, lengths)
    n_texts, n_features = len(data), model.weights.shape[0]
    met = np.sort(rows * n_features + columns)
    first = np.flatnonzero(np.diff(met, prepend=np.int32(-1)))
    counts = np.log1p(np.diff(first, append=len(met)).astype(np.float32))
    rows, columns = np.divmod(met[first], np.int32(n_features))
    starts = np.searchsorted(rows, np.arange(n_texts + 1)).astype(np.int32)
    return np.asarray(csr_array((counts, columns, starts), shape=(n_texts, n_features)) @ model.weights)


def _features_met(model: Model, data: Sequence[bytes], lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Text and feature of each feature met, shape (n_met,) each; texts longest first."""
    longest = int(lengths.max(initial=0))
    joined = np.frombuffer(b"".join(text.ljust(longest, b"\0") for text in data), np.uint8)
    padded = joined.reshape(len(data), longest).T.astype(np.int32, order="C")
    active = np.searchsorted(-lengths, -np.arange(1, longest + 1), side="right")
    ends = np.cumsum(active)
    states = np.empty(int(lengths.sum()), np.int32)
    state = np.zeros(len(data), np.int32)
    for row, n, end in zip(padded, active.tolist(), ends.tolist(), strict=True):
        step = model.base.take(state[:n])
        step += row[:n]
        state = states[end - n : end]
        model.moves.take(step, out=state, mode="clip")
    features = model.feature.take(states)
    hits = np.flatnonzero(features >= 0)
    rows = hits - np.repeat(ends - active, active).take(hits)
    return rows.astype(np.int32), features.take(hits)
