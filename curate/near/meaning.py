"""Rows that an embedding calls the same though their words differ: proposed to a person, not decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple

import numpy as np

from ..compare.guards import veto
from ..compare.texts import PROMPT, RESPONSE, Texts
from ..compare.word_forms import opposite_prefix
from ..compare.words import NEGATIONS, SMALL, UNITS, is_number, is_operator
from ..encoders import Encoder
from ..vectors import similar_pairs
from .pairs import Pairs, part_similarity

LEADING = 64
"""Dimensions of the static encoder that candidates are looked for in: what varies most comes first in it."""
PROPOSED = 0.82
"""Cosine in the leading dimensions from which a pair is looked at: of 41,048 pairs of real rows whose prompts
and responses both reach ALIKE it misses none."""
DOUBTFUL = 0.8
"""Cosine from which a judge looks at a pair."""
ALIKE = 0.85
"""Cosine from which the static encoder calls two parts the same."""
ALIKE_WORDS = 0.5
"""Cosine that the differing words alone must reach: what texts share says nothing of what they differ in."""
DOUBTFUL_WORDS = 0.3
JUDGED_ALIKE = 0.9
"""Cosine from which a transformer calls two parts the same."""
SHORT = 40
SHORT_SIMILARITY = 0.8
SAME_WORDS = 0.85
BLOCK = 1 << 14


class Meant(NamedTuple):
    """A pair that means the same: positions of rows, and cosine of prompts, responses and differing words."""

    left: int
    right: int
    prompt: float
    response: float
    words: float


def same_meaning(
    texts: Texts, pairs: Pairs, threshold: float, encoder: Encoder, judge: Encoder | None = None
) -> list[Meant]:
    """Which of the proposed pairs mean the same, by the static encoder or by a judge.

    Numbers, operators, negations and pieces of code must be those of the other row; short answers must be
    the other's answer. A pair whose words are nearly the same was judged by its words already.

    Args:
        texts: The texts of all rows.
        pairs: Proposed pairs with the cosines of their parts, from PROPOSED on.
        threshold: Similarity of words from which the guards have decided.
        encoder: Makes vectors of the differing words.
        judge: A slower encoder that looks at the pairs that pass all the rest; None leaves it at the first.
    """
    pairs = _not_decided_by_words(texts, pairs, threshold)
    differing: list[list[tuple[str, str]]] = []
    fit: list[int] = []
    for i, (a, b) in enumerate(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)):
        words = _differing(texts, a, b)
        if words is not None:
            fit.append(i)
            differing.append(words)
    pairs = pairs.where(np.array(fit, np.int64))
    words = np.minimum(*(_likeness(encoder, [d[part] for d in differing]) for part in (PROMPT, RESPONSE)))
    if judge is None:
        good = (pairs.both >= ALIKE) & (words >= ALIKE_WORDS)
    else:
        good = words >= DOUBTFUL_WORDS
        pairs, words = _judged(texts, pairs.where(good), judge), words[good]
        good = pairs.both >= JUDGED_ALIKE
    pairs, words = pairs.where(good), words[good]
    same = [
        not _opposite(texts, a, b) for a, b in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
    ]
    pairs, words = pairs.where(np.array(same, bool)), words[np.array(same, bool)]
    columns = (pairs.left, pairs.right, pairs.prompt, pairs.response, words)
    return [Meant(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]


def proposals(
    prompts: np.ndarray,
    responses: np.ndarray,
    rows: np.ndarray,
    guard: np.ndarray,
    *,
    at_least: float = ALIKE,
    leading: int | None = LEADING,
) -> Pairs:
    """Pairs of rows whose prompts and responses are near in meaning.

    Args:
        prompts: Vectors of the prompts of `rows`, shape (n, dim), int8 or float.
        responses: Vectors of the responses.
        rows: Positions of the rows.
        guard: Only rows that agree in it are paired; of all rows.
        at_least: Cosine that both parts must reach.
        leading: Dimensions that candidates are looked for in; None takes all.
    """
    parts = (prompts, responses)
    joined = _unit(np.concatenate([_unit(v[:, :leading]) for v in parts], axis=1))
    near = similar_pairs(joined, min(PROPOSED, at_least))
    del joined
    cosines = [_cosines(v, near.left, near.right) for v in parts]
    left, right = rows[near.left], rows[near.right]
    good = (np.minimum(*cosines) >= at_least) & (guard[left] == guard[right])
    return Pairs(left[good], right[good], cosines[0][good], cosines[1][good])


def _cosines(vectors: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Cosines of pairs of rows, shape (n_pairs,), float32; made in blocks, so that the rows stay small."""
    found = np.empty(len(left), np.float32)
    for first in range(0, len(left), BLOCK):
        block = slice(first, first + BLOCK)
        found[block] = np.einsum("ij,ij->i", *(_unit(vectors[side[block]]) for side in (left, right)))
    return found


def _unit(vectors: np.ndarray) -> np.ndarray:
    vectors = vectors.astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(norms == 0, 1, norms)


def _not_decided_by_words(texts: Texts, pairs: Pairs, threshold: float) -> Pairs:
    """The pairs that the comparison of words has not decided already, and that it does not contradict."""
    both = np.stack([pairs.left, pairs.right], axis=1)
    overlap = np.zeros(len(both), bool)
    prompt, response = (part_similarity(texts, both, part, threshold, overlap) for part in (PROMPT, RESPONSE))
    short = np.array([_shorter(texts, a, b) < SHORT for a, b in both.tolist()], bool)
    good = (np.minimum(prompt, response) < threshold) & (~short | (response >= SHORT_SIMILARITY))
    for part, likeness in ((PROMPT, prompt), (RESPONSE, response)):
        for i in np.flatnonzero(good & (likeness >= SAME_WORDS) & (likeness < 1)).tolist():
            good[i] = veto(texts.differences(int(both[i, 0]), int(both[i, 1]), part)) is None
    return pairs.where(good)


def _shorter(texts: Texts, a: int, b: int) -> int:
    return min(len(texts.text(a, RESPONSE)), len(texts.text(b, RESPONSE)))


def _differing(texts: Texts, a: int, b: int) -> list[tuple[str, str]] | None:
    """The words that prompt and response have of their own; None where what must agree does not."""
    found: list[tuple[str, str]] = []
    for part in (PROMPT, RESPONSE):
        left, right = Counter(texts.tokens(a, part)), Counter(texts.tokens(b, part))
        only = left - right, right - left
        if any(_must_agree(word) for side in only for word in side) or _units(only[0]) != _units(only[1]):
            return None
        if Counter(texts.code(a, part)) != Counter(texts.code(b, part)):
            return None
        mine, other = (" ".join(w for w in side.elements() if w not in SMALL) for side in only)
        found.append((mine, other))
    return found


def _must_agree(word: str) -> bool:
    return is_number(word) or is_operator(word) or word in NEGATIONS


def _opposite(texts: Texts, a: int, b: int) -> bool:
    """Whether one row has the opposite of a word of the other: locked and unlocked."""
    for part in (PROMPT, RESPONSE):
        left, right = set(texts.tokens(a, part)), set(texts.tokens(b, part))
        if any(opposite_prefix(x, y) for x in left - right for y in right - left):
            return True
    return False


def _units(words: Iterable[str]) -> set[str]:
    """The units among some words, in the singular."""
    return {unit for word in words for unit in (word, word.removesuffix("s")) if unit in UNITS}


def _likeness(encoder: Encoder, differing: Sequence[tuple[str, str]]) -> np.ndarray:
    """Cosine of the words that one text of each pair has alone: 1 for none at all, 0 where one has none."""
    sides = [encoder.encode([pair[side] for pair in differing]) for side in (0, 1)]
    cosines = np.einsum("ij,ij->i", *sides)
    none = np.array([not a and not b for a, b in differing], bool)
    return np.where(none, np.float32(1), cosines)


def _judged(texts: Texts, pairs: Pairs, judge: Encoder) -> Pairs:
    """The pairs with the cosines of another encoder; each text is encoded once."""
    cosines = []
    for part in (PROMPT, RESPONSE):
        rows, places = np.unique(np.concatenate([pairs.left, pairs.right]), return_inverse=True)
        vectors = judge.encode([texts.text(i, part) for i in rows.tolist()])
        left, right = vectors[places[: len(pairs)]], vectors[places[len(pairs) :]]
        cosines.append(np.einsum("ij,ij->i", left, right))
    return Pairs(pairs.left, pairs.right, cosines[0], cosines[1])


def grouped(
    meant: Sequence[Meant], rank: np.ndarray, stays: Set[int] = frozenset()
) -> list[tuple[int, Meant]]:
    """Each row that means the same as a better one, with the pair of the two.

    The better rows of a group stand for themselves: a row is put to one that it was compared with, never to
    one by way of a third.

    Args:
        meant: Pairs.
        rank: The place of each row, the best first.
        stays: Rows that are never put to another.
    """
    partners: dict[int, list[Meant]] = {}
    for pair in meant:
        worse = max((pair.left, pair.right), key=lambda row: (rank[row], row))
        partners.setdefault(worse, []).append(pair)
    members: dict[int, Meant] = {}
    for row in sorted(partners.keys() - stays, key=lambda r: (rank[r], r)):
        heads = [p for p in partners[row] if (p.left if p.right == row else p.right) not in members]
        if heads:
            members[row] = max(heads, key=lambda p: min(p.prompt, p.response))
    return list(members.items())


def ends(meant: Sequence[tuple[int, Meant]]) -> tuple[np.ndarray, np.ndarray]:
    """Both rows of each pair."""
    rows = np.array([pair[:2] for _, pair in meant], np.int64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


def without(pairs: Pairs, meant: Sequence[tuple[int, Meant]]) -> Pairs:
    """The pairs that do not mean the same."""
    same = {pair[:2] for _, pair in meant}
    both = zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
    return pairs.where(np.array([pair not in same for pair in both], bool))
