"""What a text tells of its language: log probabilities of every language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from ...langid import log_scores
from .fragments import fragment_nats
from .function_words import votes
from .languages import UNKNOWN, folding, tongues
from .prose import count_letters, prose_of, words_of
from .scripts import main_script, only_language
from .second_opinion import log_probabilities

Detector = Literal["fast", "langdetect"]

TEMPERATURE = 2.5
"""Divides log likelihoods, which count overlapping n-grams as if each spoke for itself."""

WORD = 4.0
"""Nats for each function word of a language. Source: measured, see docs/LOG.md."""

FRAGMENT = 0.5
SHORT = 60
"""Weight of five letters in a row, and characters of a text up to which they count. Source: measured, see
docs/LOG.md."""

CLEAR = 20.0
"""Nats between the two likeliest languages from which function words are not counted."""

RIVAL = 8
PER_BYTE = 0.5
STRANGE = 20.0
"""A language that the model does not know makes several of its languages about as likely: this one more is as
likely as the eighth best and half a nat a byte, less twenty. Source: measured, see docs/LOG.md."""

CERTAIN = -30.0
"""Nats of the languages that a script rules out."""


class Evidence(NamedTuple):
    """What some texts tell of their languages.

    Args:
        log_p: Log probabilities, shape (n_texts, n_languages), columns as in `tongues()`; the prior alone
            where a text has no words.
        letters: Letters that speak, a Han character as three, shape (n_texts,); 0 where nothing can be told.
        latin: Whether a text is in Latin letters, boolean, shape (n_texts,).
        texts: The prose that was read.
    """

    log_p: np.ndarray
    letters: np.ndarray
    latin: np.ndarray
    texts: list[str]

    def best(self) -> tuple[list[str], np.ndarray]:
        """The likeliest language of each text, `und` where it has no words, and its probability."""
        codes = [tongues().codes[i] for i in self.log_p.argmax(axis=1).tolist()] if len(self.texts) else []
        known = [code if n else UNKNOWN for code, n in zip(codes, self.letters.tolist(), strict=True)]
        top = np.exp(self.log_p.max(axis=1, initial=-np.inf))
        return known, np.where(self.letters > 0, top, 0.0)


def evidence(texts: Sequence[str], *, detector: Detector = "fast") -> Evidence:
    """What texts tell of their languages, without looking at anything else.

    Args:
        texts: Texts of any length; the opening is read.
        detector: Who reads the words where the script leaves several languages.
    """
    proses = [prose_of(text) for text in texts]
    position = {prose: i for i, prose in enumerate(dict.fromkeys(proses))}
    rows = [position[prose] for prose in proses]
    log_p, letters, latin = _tell(list(position), detector)
    return Evidence(log_p[rows], letters[rows], latin[rows], proses)


def _tell(proses: Sequence[str], detector: Detector) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log probabilities, letters and whether they are Latin ones, of each prose (see `Evidence`)."""
    counts = [count_letters(prose) for prose in proses]
    scripts = [main_script(c) if c else "" for c in counts]
    only = [only_language(s, c, p) for s, c, p in zip(scripts, counts, proses, strict=True)]
    open_ = [i for i, (script, code) in enumerate(zip(scripts, only, strict=True)) if script and code is None]
    log_p = np.tile(_log_softmax(tongues().prior[None]), (len(proses), 1))
    unread = [proses[i] for i in open_]
    log_p[open_] = (
        _read(unread, [scripts[i] for i in open_]) if detector == "fast" else log_probabilities(unread)
    )
    for i, code in enumerate(only):
        if code is not None:
            log_p[i] = CERTAIN
            log_p[i, tongues().column[code]] = 0.0
    latin = np.array([script == "latin" for script in scripts], bool)
    return log_p, np.array([sum(c.values()) for c in counts], np.int32), latin


def _read(proses: Sequence[str], scripts: Sequence[str]) -> np.ndarray:
    found = log_scores(proses)
    scores = np.full((len(proses), len(tongues().codes)), -np.inf, np.float32)
    sources, columns = np.array(folding()).T
    first = np.unique(columns, return_index=True)[1]
    scores[:, columns[first]] = found[:, sources[first]]
    for i in np.setdiff1d(np.arange(len(columns)), first).tolist():
        np.maximum(scores[:, columns[i]], found[:, sources[i]], out=scores[:, columns[i]])
    scores += tongues().prior
    for script in sorted(set(scripts) & tongues().mask.keys()):
        rows = np.array([s == script for s in scripts])
        scores[np.ix_(rows, tongues().mask[script])] = -np.inf
    unsure = _unsure(scores)
    scores[unsure] += WORD * votes([proses[i] for i in unsure])
    short = [i for i in unsure if len(proses[i]) <= SHORT]
    scores[short] += FRAGMENT * fragment_nats([proses[i] for i in short])
    scores[:, tongues().column[UNKNOWN]] = _stranger(proses, found, scores)
    return np.maximum(_log_softmax(scores / TEMPERATURE), CERTAIN)


def _stranger(proses: Sequence[str], found: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Score of a language that the model does not know, shape (n_texts,); words alone count as bytes.

    It is at most a little above the best known language's, so that a prompt in that language decides.
    """
    rival = np.partition(found, -RIVAL, axis=1)[:, -RIVAL] - STRANGE
    known = scores.max(axis=1, initial=-np.inf)
    size = np.array([_bytes(p) for p in proses], np.float32)
    for i in np.flatnonzero(rival + PER_BYTE * size > known).tolist():
        size[i] = _bytes(" ".join(words_of(proses[i])))
    return np.minimum(rival + PER_BYTE * size, known + TEMPERATURE)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _unsure(scores: np.ndarray) -> list[int]:
    """Rows whose likeliest language is close to the next, or seldom met: there counting words is worth it."""
    if not len(scores):
        return []
    second, first = np.partition(scores, -2, axis=1)[:, -2:].T
    seldom = tongues().prior[scores.argmax(axis=1)] < 0
    return np.flatnonzero((first - second < CLEAR) | seldom).tolist()


def _log_softmax(scores: np.ndarray) -> np.ndarray:
    scores = scores - scores.max(axis=1, keepdims=True, initial=-np.inf)
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
