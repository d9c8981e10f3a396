"""What only all rows of a run tell: odd formats, answers of other rows, cut answers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from .base import Signal

MIN_FAMILY = 40
MAJORITY = 0.8
UNRELATED = -1.1
"""Log odds below which an answer does not belong to its prompt."""
AT_MOST = 0.1
"""Share of a file's rows that may be called unrelated: of some kinds of rows the model can say little."""
ELSEWHERE = 3.0
MIN_AT_LIMIT = 8
MIN_RATED = 200
MIN_CUT = 0.1
"""Probability of a cut from which a person should look."""
ROUNDS = 50
EXPECTED = 0.2
WEIGHT = 10
"""A share of cut answers of `EXPECTED` is taken for granted with the weight of so many answers."""
MIN_STYLE = 100
COMMON = 3
LIST_LIMIT = 0.0
"""Log odds below which no answer that ends in a list is cut: in some files all of those have a full stop."""
_LABEL = re.compile(r"\s*([A-Za-z][\w ]{0,24}?)\s?([:=])\s*")

SIGNALS = (
    Signal(
        "cut_at_limit",
        "The answer has no end and the very length at which many answers of the run stop.",
        "Stanford Alpaca: answers that stopped at the length limit are cut",
        False,
        None,
    ),
    Signal(
        "truncated",
        "The answer stops in the middle of a sentence.",
        "AlpacaDataCleaned, 'truncated output'; a logistic model, benchmarks/fit_defects.py",
        False,
        None,
    ),
    Signal(
        "odd_format",
        "The answer has another form than nearly all answers under the same system prompt.",
        "own: at least 80 % of 40 rows or more share one form",
        False,
        None,
    ),
    Signal(
        "answer_of_another_row",
        "Another row has the same answer, and it fits the prompt there far better.",
        "own: rows whose answers slipped",
        False,
        None,
    ),
    Signal(
        "unrelated_answer",
        "The answer hardly has to do with the prompt.",
        "Cherry LLM and Superfiltering (Li et al. 2024) for the idea; a logistic model, "
        "benchmarks/fit_defects.py",
        False,
        None,
    ),
)


def form_of(answer: str) -> str:
    """The form of a short answer: its label, and what kind of thing follows."""
    text = answer.strip()
    label = _LABEL.match(text)
    head = f"{label[1].lower()}{label[2]}" if label else ""
    rest = text[label.end() :] if label else text
    return f"{head}{_kind(rest)}"


def _kind(text: str) -> str:
    if text[:1] in "{[" and text[-1:] in "}]":
        return "json"
    if re.fullmatch(r"[-+]?[\d.,]+%?", text):
        return "number"
    if re.fullmatch(r"[a-z0-9_./-]+", text):
        return "token"
    if re.fullmatch(r"[A-Z][\w/-]*", text):
        return "Word"
    return "text" if len(text) < 400 and "\n" not in text else "long"


def odd_forms(families: list[str | None], forms: list[str | None]) -> dict[int, str]:
    """Rows whose form is not that of nearly all rows with the same system prompt, and what is usual there."""
    groups: dict[str, list[int]] = defaultdict(list)
    for i, family in enumerate(families):
        if family is not None and forms[i] is not None:
            groups[family].append(i)
    odd: dict[int, str] = {}
    for rows in groups.values():
        if len(rows) < MIN_FAMILY:
            continue
        (usual, count), *_ = Counter(forms[i] for i in rows).most_common(1)
        if count < MAJORITY * len(rows) or usual in ("text", "long"):
            continue
        odd |= {
            i: f"{forms[i]!r}, where {count} of {len(rows)} rows have {usual!r}"
            for i in rows
            if forms[i] != usual
        }
    return odd


def unrelated(
    scores: np.ndarray, digests: list[int | None], sound: np.ndarray, files: np.ndarray
) -> dict[int, tuple[str, str]]:
    """Rows whose answer does not belong to the prompt: reason and detail.

    Args:
        scores: Log odds of belonging, NaN where unknown, shape (n_rows,).
        digests: Of each answer that is long enough to be told from others.
        sound: Whether nothing else is wrong with a row, shape (n_rows,): those set the limit.
        files: Number of each row's file, shape (n_rows,): what is usual differs between files.
    """
    known = ~np.isnan(scores)
    if not known.any():
        return {}
    found: dict[int, tuple[str, str]] = {}
    for file in np.unique(files):
        own = known & (files == file)
        usual = scores[own & sound]
        limit = min(UNRELATED, float(np.quantile(usual, AT_MOST))) if len(usual) >= MIN_RATED else UNRELATED
        found |= {
            int(i): ("unrelated_answer", f"log odds of belonging {scores[i]:.2f}")
            for i in np.flatnonzero(own & (scores < limit))
        }
    best: dict[int, float] = {}
    for i in np.flatnonzero(known).tolist():
        digest = digests[i]
        if digest is not None:
            best[digest] = max(best.get(digest, -np.inf), float(scores[i]))
    for i in np.flatnonzero(known & (scores < UNRELATED + 2)).tolist():
        digest = digests[i]
        if digest is not None and best[digest] >= scores[i] + ELSEWHERE and best[digest] > UNRELATED + 2:
            found[i] = ("answer_of_another_row", f"log odds {scores[i]:.2f} here, {best[digest]:.2f} there")
    return found


def common(ends: Sequence[tuple[str | None, int]]) -> np.ndarray:
    """Which answers end alike and are as long in `COMMON` rows or more; shape (n_rows,), bool.

    A canned answer is whole, whatever it ends in.

    Args:
        ends: How each answer ends, None where it has an end, and its length in characters.
    """
    counts = Counter(ends)
    return np.array([end[0] is not None and counts[end] >= COMMON for end in ends], bool)


def truncated(scores: np.ndarray, lists: np.ndarray, files: np.ndarray) -> np.ndarray:
    """Rows whose answer was cut, as places.

    How many answers of a file are cut is estimated from its answers without an end: where most of them end as
    whole ones do, to leave out the full stop is a matter of style. Answers that end in a list are one style,
    others another.

    Args:
        scores: Log odds of a cut by the answer alone, NaN where it has an end, shape (n_rows,).
        lists: Whether the answer ends in a list, shape (n_rows,).
        files: Number of each row's file, shape (n_rows,).
    """
    found: list[np.ndarray] = []
    styles = files.astype(np.int64) * 2 + lists
    for style in np.unique(styles):
        rows = np.flatnonzero(styles == style)
        own = np.nan_to_num(scores[rows], nan=-np.inf)
        usual = _limit(own[own > -np.inf]) if len(rows) >= MIN_STYLE else 0.0
        limit = max(usual, LIST_LIMIT) if lists[rows[0]] else usual
        found.append(rows[own > limit])
    return np.sort(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _limit(scores: np.ndarray) -> float:
    """The log odds from which an answer without an end is likelier cut than `MIN_CUT`.

    Args:
        scores: Log odds under even odds of a cut, of the answers of one style without an end, shape (n,).

    Source: the share of cut ones by expectation maximisation, as Saerens et al. 2002 adjust a classifier.
    """
    ratio = np.exp(np.minimum(scores, 30.0))
    share = EXPECTED
    for _ in range(ROUNDS):
        cut = float((share * ratio / (share * ratio + 1 - share)).sum())
        share = (cut + EXPECTED * WEIGHT) / (len(scores) + WEIGHT)
    return float(np.log((1 - share) / share) + np.log(MIN_CUT / (1 - MIN_CUT)))


def at_limit(lengths: np.ndarray, endless: np.ndarray) -> dict[int, str]:
    """Rows without an end at a length that many rows without one share, the longest of all.

    Args:
        lengths: Characters of each last answer.
        endless: Whether it ends without a closing mark.
    """
    open_lengths = lengths[endless & (lengths >= 200)]
    if len(open_lengths) < MIN_AT_LIMIT:
        return {}
    values, counts = np.unique(open_lengths, return_counts=True)
    length, count = int(values[counts.argmax()]), int(counts.max())
    others = np.sort(counts)[-2] if len(counts) > 1 else 0
    if count < MIN_AT_LIMIT or count < 5 * others:
        return {}
    return {
        int(i): f"{length} characters, as {count} rows without an end"
        for i in np.flatnonzero(endless & (lengths == length))
    }
