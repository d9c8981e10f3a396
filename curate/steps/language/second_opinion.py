"""What langdetect says of a text: the second voice, and a detector that a recipe can choose."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from .languages import FOLDED, tongues

SEED = 0
FLOOR = 1e-6


@functools.cache
def _factory() -> Any:
    """Profiles of 55 languages, with a seed of their own: langdetect samples, and is random without one."""
    from langdetect.detector import Detector
    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

    class QuickDetector(Detector):
        """The same sums over arrays of languages."""

        def __init__(self, factory: Any) -> None:
            super().__init__(factory)
            self.vectors: dict[str, np.ndarray] = {}

        def _init_probability(self) -> Any:
            return np.array(super()._init_probability())

        def _update_lang_prob(self, prob: np.ndarray, word: str, alpha: float) -> bool:
            vector = self.vectors.get(word)
            if vector is None:
                vector = self.vectors[word] = np.array(self.word_lang_prob_map[word])
            prob *= vector + alpha / self.BASE_FREQ
            return True

        def _normalize_prob(self, prob: np.ndarray) -> float:
            prob /= sum(prob.tolist())
            return float(prob.max())

    class Factory(DetectorFactory):
        def _create_detector(self) -> Any:
            return QuickDetector(self)

    factory: Any = Factory()
    factory.load_profile(PROFILES_DIRECTORY)
    factory.set_seed(SEED)
    return factory


@functools.cache
def known_languages() -> frozenset[str]:
    """The languages that langdetect can name, folded."""
    return frozenset(str(FOLDED.get(code, code)) for code in _factory().get_lang_list())


def probabilities(text: str) -> dict[str, float]:
    """Language to probability, folded; empty where langdetect finds no features in the text.

    Source: N. Shuyo, language-detection (Apache-2.0), ported by M. Danilak as langdetect. The same text gives
    the same answer: the seed is set for each.
    """
    from langdetect.lang_detect_exception import LangDetectException

    detector: Any = _factory().create()
    detector.seed = SEED
    detector.append(text)
    try:
        found = detector.get_probabilities()
    except LangDetectException:
        return {}
    merged: dict[str, float] = {}
    for language in found:
        code = str(FOLDED.get(language.lang, language.lang))
        merged[code] = merged.get(code, 0.0) + language.prob
    return merged


def log_probabilities(texts: Sequence[str]) -> np.ndarray:
    """What langdetect thinks: log probabilities, shape (n_texts, n_languages), columns as in `tongues()`."""
    found = np.full((len(texts), len(tongues().codes)), FLOOR, np.float32)
    for row, text in enumerate(texts):
        for code, p in probabilities(text).items():
            found[row, tongues().column[code]] += p
    return np.log(found / found.sum(axis=1, keepdims=True))


def agrees(text: str, code: str) -> bool:
    """Whether langdetect calls a text the same; a language that it does not know is taken on trust."""
    found = probabilities(text)
    return code not in known_languages() or (bool(found) and max(found, key=lambda c: found[c]) == code)
