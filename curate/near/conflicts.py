"""Rows that ask the same and are answered otherwise, or are judged otherwise."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from ..compare.guards import veto
from ..compare.rows import response_differences, similarity
from ..compare.texts import PROMPT, REJECTED, RESPONSE, Texts
from .dedupe import Found
from .pairs import Pairs

SAME_PROMPT = 0.85
MAX_CONTRADICTED = 2
SAME_ANSWER = 0.7
"""Similarity from which two answers are one, whatever the threshold of dropping."""


def conflicts(texts: Texts, pairs: Pairs, label: np.ndarray, threshold: float) -> list[Found]:
    """Pairs of kept rows that contradict each other; each row is in the first that is found for it.

    Args:
        texts: The texts of all rows.
        pairs: Kept rows with similar prompts.
        label: 1 for a good, 0 for a bad answer, -1 for rows without a label; shape (n_rows,).
        threshold: Similarity from which two responses say the same, unless a guard objects.
    """
    found: list[Found] = []
    linked: set[int] = set()
    tried = np.zeros(len(label), np.int64)
    order = np.lexsort((pairs.left, -pairs.prompt, pairs.right))
    for i in order.tolist():
        a, b = int(pairs.left[i]), int(pairs.right[i])
        if b in linked or tried[b] >= MAX_CONTRADICTED:
            continue
        tried[b] += 1
        prompt = float(pairs.prompt[i])
        if texts.other_words(a, b, PROMPT) or veto(texts.differences(a, b, PROMPT)) is not None:
            continue
        labels = int(label[a]), int(label[b])
        response = _contradiction(texts, a, b, labels, min(threshold, SAME_ANSWER))
        if response is None:
            continue
        found.append(Found(b, a, prompt, response))
        linked.add(b)
        if a not in linked:
            found.append(Found(a, b, prompt, response))
            linked.add(a)
    return found


def repeated_prompts(
    texts: Texts, pairs: Pairs, rank: np.ndarray, stays: Set[int] = frozenset()
) -> list[Found]:
    """Rows whose prompt repeats that of a better row that stays, whatever the answer.

    Args:
        texts: The texts of all rows.
        pairs: Rows with similar prompts.
        rank: The place of each row, the best first.
        stays: Rows that stand for others, and so are not told to go.
    """
    found: dict[int, Found] = {}
    worse_first = rank[pairs.left] > rank[pairs.right]
    worse = np.where(worse_first, pairs.left, pairs.right)
    better = np.where(worse_first, pairs.right, pairs.left)
    for i in np.lexsort((better, -pairs.prompt, worse, rank[worse])).tolist():
        row, partner = int(worse[i]), int(better[i])
        if (
            row in stays
            or row in found
            or partner in found
            or veto(texts.differences(row, partner, PROMPT)) is not None
        ):
            continue
        response = similarity(texts, row, partner, RESPONSE, 0.0)
        found[row] = Found(row, partner, float(pairs.prompt[i]), response)
    return list(found.values())


def _contradiction(texts: Texts, a: int, b: int, labels: tuple[int, int], threshold: float) -> float | None:
    """Similarity of the responses of two rows that contradict each other; None where they do not.

    Plain rows do when their answers differ. Feedback and preference rows have several answers to a prompt
    by design: theirs contradict when one answer is called good and bad, or is preferred and rejected.
    """
    if texts.text(a, REJECTED) or texts.text(b, REJECTED):
        crossed = [
            similarity(texts, a, b, RESPONSE, threshold),
            _crossed(texts, a, b, threshold),
            _crossed(texts, b, a, threshold),
        ]
        return crossed[0] if min(crossed[1:]) >= threshold and crossed[0] < min(crossed[1:]) else None
    response = similarity(texts, a, b, RESPONSE, threshold)
    same = response == 1.0 or (response >= threshold and veto(response_differences(texts, a, b)) is None)
    if labels != (-1, -1):
        return response if same and labels[0] != labels[1] else None
    return None if same else response


def _crossed(texts: Texts, a: int, b: int, threshold: float) -> float:
    """How alike the answer that one row prefers is to the one that the other rejects."""
    rows = [
        (texts.text(a, PROMPT), texts.text(a, RESPONSE)),
        (texts.text(b, PROMPT), texts.text(b, REJECTED)),
    ]
    crossed = Texts(lambda row, part: rows[row][part], lambda *_: [], 2)
    return similarity(crossed, 0, 1, RESPONSE, threshold)
