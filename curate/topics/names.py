"""Names of topics: the words that many rows of a topic have and few other rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

WORDS = 3
"""Words of a name."""
LOOKED_AT = 40
LIFT = 1.3
"""How many times as often as in all rows a word must occur in a topic to name it."""
SHARE = 0.05
"""Share of a topic's rows that a word must occur in."""
OTHER = "other"


class WordCounts(NamedTuple):
    """Rows of each topic that have a word: shape (n_topics, n_words), a scipy csr_array; and the words."""

    counts: Any
    words: list[str]


def count_words(words: pa.ChunkedArray, topics: np.ndarray, n_topics: int) -> WordCounts:
    """In how many rows of each topic a word occurs.

    Args:
        words: The distinct words of each row, a list of texts.
        topics: The topic of each row, shape (n_rows,); -1 for none, which is not counted.
        n_topics: Topics.
    """
    from scipy.sparse import coo_array

    places: dict[str, int] = {}
    rows: list[np.ndarray] = []
    columns: list[np.ndarray] = []
    sums: list[np.ndarray] = []
    at = 0
    for chunk in words.chunks:
        topic = np.repeat(topics[at : at + len(chunk)], np.asarray(pc.list_value_length(chunk)))
        at += len(chunk)
        encoded = chunk.flatten().dictionary_encode()
        own = [places.setdefault(w, len(places)) for w in encoded.dictionary.to_pylist()]
        column = np.array(own, np.int64)[np.asarray(encoded.indices)] if own else np.zeros(0, np.int64)
        keys, found = np.unique((column * n_topics + topic)[topic >= 0], return_counts=True)
        columns.append(keys // n_topics)
        rows.append(keys % n_topics)
        sums.append(found)
    shape = (n_topics, max(len(places), 1))
    if not rows:
        return WordCounts(coo_array(shape, dtype=np.int64).tocsr(), list(places))
    joined = (np.concatenate(sums), (np.concatenate(rows), np.concatenate(columns)))
    return WordCounts(coo_array(joined, shape=shape, dtype=np.int64).tocsr(), list(places))


def class_tf_idf(counts: Any) -> Any:
    """Class-based tf-idf: the share of a word among a class's words, times log(1 + A / f).

    A is the mean number of words of a class, f how often the word occurs in all classes.

    Args:
        counts: Shape (n_classes, n_words), scipy csr_array.

    Returns:
        The same shape, csr_array of float64.

    Source: Grootendorst 2022, BERTopic: Neural topic modeling with a class-based TF-IDF procedure.
    """
    from scipy.sparse import csr_array, diags_array

    if not counts.shape[0]:
        return counts.astype(np.float64)
    totals = counts.sum(axis=1).astype(np.float64)
    often = counts.sum(axis=0).astype(np.float64)
    weight = np.log1p(totals.mean() / np.where(often == 0, 1, often))
    shares = diags_array(1 / np.where(totals == 0, 1, totals)) @ counts
    return csr_array(shares @ diags_array(weight))


def names_of(found: WordCounts, sizes: np.ndarray) -> list[str]:
    """A name for each topic, all different: at most WORDS telling words, the most telling first.

    Args:
        found: Rows of each topic by word.
        sizes: Rows of each topic, shape (n_topics,).
    """
    weights = class_tf_idf(found.counts)
    everywhere = found.counts.sum(axis=0) / max(int(sizes.sum()), 1)
    ranked = [_ranked(found, weights, everywhere, topic, int(sizes[topic])) for topic in range(len(sizes))]
    names: list[str] = []
    taken = Counter([OTHER])
    for topic, words in enumerate(ranked):
        name = ", ".join(words[:WORDS]) or f"topic {topic + 1}"
        if taken[name]:
            name = ", ".join(words[: WORDS + 1])
        taken[name] += 1
        names.append(name if taken[name] == 1 else f"{name} ({taken[name]})")
    return names


def _ranked(found: WordCounts, weights: Any, everywhere: np.ndarray, topic: int, size: int) -> list[str]:
    """Words of a topic, the most telling first, without forms of one another."""
    span = slice(weights.indptr[topic], weights.indptr[topic + 1])
    columns, weight = weights.indices[span], weights.data[span]
    counts = found.counts[[topic]].toarray().ravel()[columns]
    share = counts / max(size, 1)
    alone = len(found.words) == 0 or weights.shape[0] == 1
    telling = (share >= SHARE) & (alone | (share >= LIFT * everywhere[columns]))
    order = sorted(np.flatnonzero(telling).tolist(), key=lambda i: (-weight[i], found.words[columns[i]]))
    return without_forms(found.words[columns[i]] for i in order[:LOOKED_AT])


def without_forms(words: Iterable[str]) -> list[str]:
    """Words without those that are a form of an earlier one (refund, refunds), or overlap it in Chinese."""
    kept: list[str] = []
    for word in words:
        if not any(_same_stem(word, other) for other in kept):
            kept.append(word)
    return kept


def _same_stem(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    if len(short) == 2:
        return not short.isascii() and bool(set(a) & set(b))
    stem = max(3, len(short) - (2 if len(short) > 5 else 1 if len(short) > 4 else 0))
    return len(long) - len(short) <= 4 and long.startswith(short[:stem])
