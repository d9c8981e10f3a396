"""Pairs of rows that may say the same, with the similarity of each part; nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cpdist

from ..compare.rows import overlap
from ..compare.texts import PROMPT, REJECTED, RESPONSE, Texts
from ..minhash import agreement, band_pairs, usable_cores
from .parts import PARTS, text_lengths, unpacked

FLOOR = 0.5
"""Similarities below this are not looked at: no threshold may be lower."""
ROWS_A_BAND = 3
MIN_AGREEMENT = 0.35
MIN_PROMPT_AGREEMENT = 0.25
MIN_RESPONSE_AGREEMENT = 0.2
MIN_LENGTH_RATIO = 0.6
ENOUGH_LETTERS = 60
SAME_PROMPT_AGREEMENT = 0.6
LEAK_SLACK = 0.12
"""How far an estimate may lie below a similarity: about two and a half of its standard deviations."""
OVERLAP_SLACK = 0.2
BLOCK = 1 << 15


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows; arrays have shape (n_pairs,), left < right, sorted.

    Args:
        left: Positions of rows.
        right: Positions of their partners.
        prompt: Similarity of the prompts, ratios in [0, 1].
        response: Similarity of the responses; in preference rows of the less similar ones.
    """

    left: np.ndarray
    right: np.ndarray
    prompt: np.ndarray
    response: np.ndarray

    def __len__(self) -> int:
        return len(self.left)

    def where(self, mask: np.ndarray) -> Pairs:
        """The pairs under a mask."""
        return Pairs(self.left[mask], self.right[mask], self.prompt[mask], self.response[mask])

    @property
    def rows(self) -> np.ndarray:
        """The rows that are in a pair, with repeats."""
        return np.concatenate([self.left, self.right])

    @cached_property
    def both(self) -> np.ndarray:
        """The lower of the two similarities."""
        return np.minimum(self.prompt, self.response)


@dataclass(frozen=True)
class Sketches:
    """What candidates are made of, for all rows; the arrays' first dimension is the row."""

    whole: np.ndarray
    prompt: np.ndarray
    response: np.ndarray
    guard: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, measures: pa.Table) -> Sketches:
        """From the columns of `parts_of`."""
        lengths = [text_lengths(measures.column(part)) for part in PARTS[:2]]
        return cls(
            unpacked(measures.column("sketch")),
            unpacked(measures.column("prompt_sketch")),
            unpacked(measures.column("response_sketch")),
            measures.column("guard").to_numpy(),
            np.stack(lengths),
        )


def near_wholes(sketches: Sketches, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of rows whose whole texts share many 5-grams, and about what share of them.

    Args:
        sketches: The sketches of all rows.
        rows: Positions of the rows to look at, ascending.

    Returns:
        Pairs of positions, shape (n_pairs, 2), and the estimate of each, shape (n_pairs,).
    """
    pairs, agreed = band_pairs(sketches.whole[rows], rows_a_band=ROWS_A_BAND, min_agreement=MIN_AGREEMENT)
    return rows[pairs], agreed


def near_prompts(sketches: Sketches, rows: np.ndarray, threshold: float) -> np.ndarray:
    """Pairs of rows whose prompts share many 5-grams, about from the threshold on; shape (n_pairs, 2)."""
    at_least = min(threshold - LEAK_SLACK, SAME_PROMPT_AGREEMENT)
    pairs, _ = band_pairs(sketches.prompt[rows], rows_a_band=ROWS_A_BAND, min_agreement=at_least)
    return rows[pairs]


def similar_pairs(texts: Texts, sketches: Sketches, pairs: np.ndarray, threshold: float) -> Pairs:
    """Those pairs whose prompts and whose responses are both similar, from FLOOR on.

    Args:
        texts: The texts of all rows.
        sketches: The sketches of all rows.
        pairs: Candidates, shape (n_pairs, 2).
        threshold: Where Levenshtein similarity stays below it, Jaccard similarity is asked too.
    """
    pairs = _of_one_kind(sketches, pairs)
    for lengths in sketches.lengths:
        pairs = _of_like_length(lengths, pairs)
    agreed = [agreement(s, pairs) for s in (sketches.prompt, sketches.response)]
    few = [lengths[pairs].min(axis=1) < ENOUGH_LETTERS for lengths in sketches.lengths]
    likely = (agreed[0] >= MIN_PROMPT_AGREEMENT) | few[0]
    likely &= (agreed[1] >= MIN_RESPONSE_AGREEMENT) | few[1]
    pairs, agreed, few = pairs[likely], [a[likely] for a in agreed], [f[likely] for f in few]
    prompt = part_similarity(texts, pairs, PROMPT, threshold, agreed[0] >= threshold - OVERLAP_SLACK)
    good = prompt >= FLOOR
    pairs, prompt = pairs[good], prompt[good]
    ask = agreed[1][good] >= threshold - OVERLAP_SLACK
    response = part_similarity(texts, pairs, RESPONSE, threshold, ask)
    good = response >= FLOOR
    pairs, prompt, response = pairs[good], prompt[good], response[good]
    return _with_rejected(texts, Pairs(pairs[:, 0], pairs[:, 1], prompt, response), threshold)


def _with_rejected(texts: Texts, pairs: Pairs, threshold: float) -> Pairs:
    """Preference rows are only as similar as their losing responses."""
    rejected = np.array([bool(texts.text(i, REJECTED)) for i in pairs.left.tolist()], bool)
    if not rejected.any():
        return pairs
    at = np.flatnonzero(rejected)
    both = np.stack([pairs.left[at], pairs.right[at]], axis=1)
    response = pairs.response.copy()
    losing = part_similarity(texts, both, REJECTED, threshold, np.ones(len(at), bool))
    response[at] = np.minimum(response[at], losing)
    return Pairs(pairs.left, pairs.right, pairs.prompt, response).where(response >= FLOOR)


def same_prompt_pairs(texts: Texts, sketches: Sketches, pairs: np.ndarray, at_least: float) -> Pairs:
    """Those pairs whose prompts are similar, whatever the responses; `response` is 0."""
    pairs = _of_like_length(sketches.lengths[PROMPT], _of_one_kind(sketches, pairs))
    prompt = part_similarity(texts, pairs, PROMPT, at_least, np.zeros(len(pairs), bool))
    good = prompt >= at_least
    pairs, prompt = pairs[good], prompt[good]
    return Pairs(pairs[:, 0], pairs[:, 1], prompt, np.zeros(len(pairs), np.float32))


def _of_one_kind(sketches: Sketches, pairs: np.ndarray) -> np.ndarray:
    """The pairs of rows that may be compared at all."""
    return pairs[sketches.guard[pairs[:, 0]] == sketches.guard[pairs[:, 1]]]


def _of_like_length(lengths: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    a, b = lengths[pairs[:, 0]], lengths[pairs[:, 1]]
    return pairs[np.minimum(a, b) >= MIN_LENGTH_RATIO * np.maximum(a, b)]


def part_similarity(
    texts: Texts, pairs: np.ndarray, part: int, threshold: float, ask_overlap: np.ndarray
) -> np.ndarray:
    """How alike a part of the rows of each pair is, shape (n_pairs,), float32; 0 below FLOOR.

    Levenshtein similarity; where that is below the threshold and `ask_overlap` holds, the larger of it and
    the Jaccard similarity of character 5-grams.
    """
    found = np.zeros(len(pairs), np.float32)
    for first in range(0, len(pairs), BLOCK):
        block = pairs[first : first + BLOCK]
        rows, places = np.unique(block, return_inverse=True)
        said = [texts.text(i, part) for i in rows.tolist()]
        left, right = places.reshape(block.shape).T
        found[first : first + len(block)] = cpdist(
            [said[i] for i in left],
            [said[i] for i in right],
            scorer=Levenshtein.normalized_similarity,
            score_cutoff=FLOOR,
            dtype=np.float32,
            workers=usable_cores(),
        )
    for i in np.flatnonzero((found < threshold) & ask_overlap).tolist():
        found[i] = max(found[i], overlap(texts, int(pairs[i, 0]), int(pairs[i, 1]), part))
    return found
