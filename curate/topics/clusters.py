"""Groups of near vectors: spherical k-means in whole numbers, and how many groups there are.

Vectors are whole numbers of 8 bits, so a product of two of them is exact in float32, and so is a sum over the
sample: the groups are the same on every machine, whatever the number of threads.

Source: Dhillon and Modha 2001 for spherical k-means; Arthur and Vassilvitskii 2007 for the first centres;
Hruschka, de Castro and Campello 2004 for the simplified silhouette.
"""

from __future__ import annotations

import numpy as np

SCALE = 127
SAMPLE = 6000
"""Rows that centres are fitted on."""
SAMPLE_FOR_COUNT = 3000
"""Rows that the number of groups is chosen on."""
ROUNDS = 15
STARTS = 3
BLOCK = 8192
ROWS_A_TOPIC = 15
"""A topic is worth its name from about this many rows on."""
SMALLEST = 5
FEWEST, MOST = 25, 40
"""Where there are many rows: so few topics say little, and so many nobody looks through."""
CANDIDATES = 7


MEAN_SHARE = np.float32(0.9)
"""How much of the mean is taken from every row: a little stays, for rows that are all alike."""


def mean_of(vectors: np.ndarray) -> np.ndarray:
    """The mean of the rows that are not zero, shape (dim,), float32."""
    known = max(int(vectors.any(axis=1).sum()), 1)
    return (vectors.sum(axis=0, dtype=np.int64) / known).astype(np.float32)


def centred(vectors: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Vectors without what all rows have in common, as unit rows in whole numbers; rows of zeros stay.

    Args:
        vectors: Shape (n, dim), int8.
        mean: What is taken away, shape (dim,), float32.

    Returns:
        Shape (n, dim), int8.
    """
    result = np.empty(vectors.shape, np.int8)
    for i in range(0, len(vectors), BLOCK):
        rows = vectors[i : i + BLOCK].astype(np.float32)
        result[i : i + BLOCK] = whole(np.where(rows.any(axis=1, keepdims=True), rows - MEAN_SHARE * mean, 0))
    return result


def whole(rows: np.ndarray) -> np.ndarray:
    """Rows as unit rows in whole numbers of 8 bits; rows of zeros stay."""
    norms = np.sqrt(np.square(rows, dtype=np.float64).sum(axis=1, keepdims=True))
    return np.rint(rows * (SCALE / np.where(norms == 0, 1, norms))).astype(np.int8)


def cluster(rows: np.ndarray, count: int | None, *, seed: int) -> np.ndarray:
    """Centres of groups; fewer than asked for where rows are too few or too alike.

    Args:
        rows: From `centred`.
        count: Groups; None chooses their number by `chosen_count`, and leaves out groups of fewer than
            SMALLEST rows.
        seed: Seed of the sample and of the first centres.

    Returns:
        Shape (k, dim), int8.
    """
    telling = np.flatnonzero(rows.any(axis=1))
    if not len(telling):
        return rows[:0]
    chosen = count
    sample = _sample(rows, telling, SAMPLE, seed)
    if chosen is None:
        chosen = chosen_count(_sample(rows, telling, SAMPLE_FOR_COUNT, seed), len(telling), seed=seed)
    centres = max((_lloyd(sample, chosen, seed + start) for start in range(STARTS)), key=lambda t: t[1])[0]
    large = np.bincount(nearest(rows, centres)[0], minlength=len(centres)) >= SMALLEST
    return centres if count is not None or not large.any() else centres[large]


def _sample(rows: np.ndarray, telling: np.ndarray, size: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return rows[np.sort(random.choice(telling, min(len(telling), size), replace=False))].astype(np.float32)


def candidate_counts(rows: int) -> list[int]:
    """Numbers of groups that are tried: from a third of the root of the rows to one for ROWS_A_TOPIC rows."""
    most = min(MOST, rows // ROWS_A_TOPIC)
    fewest = min(FEWEST, max(2, round(np.sqrt(rows) / 3)))
    if most < fewest:
        return [max(1, most)]
    return sorted({round(k) for k in np.geomspace(fewest, most, CANDIDATES).tolist()})


def chosen_count(sample: np.ndarray, rows: int, *, seed: int) -> int:
    """The candidate with the greatest mean simplified silhouette.

    Args:
        sample: Some rows, float32.
        rows: Rows in all.
        seed: Seed of the first centres.
    """
    counts = candidate_counts(rows)
    if len(counts) == 1:
        return counts[0]
    return max(counts, key=lambda k: silhouette(sample, _lloyd(sample, k, seed)[0]))


def silhouette(rows: np.ndarray, centres: np.ndarray) -> float:
    """Mean of 1 - a / b: a is the cosine distance to the nearest centre, b that to the second nearest."""
    if len(centres) < 2:
        return 0.0
    away = 1 - np.sort(_cosines(rows, centres), axis=1)[:, -2:]
    return float((1 - away[:, 1] / np.maximum(away[:, 0], 1e-9)).mean())


def _cosines(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Cosines of whole rows, float32, and centres; shape (n_rows, n_centres)."""
    norms = SCALE * np.linalg.norm(centres.astype(np.float64), axis=1)
    products = rows @ centres.astype(np.float32).T
    return products / np.maximum(norms, 1).astype(np.float32)


def nearest(rows: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest centre of each row, int32, the first of equals, and the cosine to it, float32."""
    home, cosine = np.empty(len(rows), np.int32), np.empty(len(rows), np.float32)
    for i in range(0, len(rows), BLOCK):
        cosines = _cosines(rows[i : i + BLOCK].astype(np.float32, copy=False), centres)
        home[i : i + BLOCK] = best = cosines.argmax(axis=1)
        cosine[i : i + BLOCK] = cosines[np.arange(len(best)), best]
    return home, np.minimum(cosine, np.float32(1), out=cosine)


def _lloyd(sample: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, float]:
    """Centres after some rounds, int8, and the mean cosine of the sample to its centres."""
    from scipy.sparse import csr_array

    centres = _first(sample, count, np.random.default_rng(seed))
    home, cosine = nearest(sample, centres)
    for _ in range(ROUNDS):
        members = csr_array(
            (np.ones(len(home), np.float32), home, np.arange(len(home) + 1)), shape=(len(home), len(centres))
        )
        sums = np.asarray(members.T @ sample)
        centres = np.where(sums.any(axis=1, keepdims=True), whole(sums), centres)
        before, (home, cosine) = home, nearest(sample, centres)
        if (home == before).all():
            break
    return centres, float(cosine.mean(dtype=np.float64))


def _first(sample: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Rows that lie far apart: each is drawn with a chance that grows with its distance to those drawn."""
    drawn = [int(random.integers(len(sample)))]
    away = np.full(len(sample), np.inf)
    for _ in range(1, count):
        away = np.minimum(away, np.maximum(1 - (sample @ sample[drawn[-1]]) / np.float32(SCALE**2), 0.0))
        away[drawn] = 0
        sums = np.cumsum(away, dtype=np.float64)
        if sums[-1] <= 0:
            break
        drawn.append(min(int(np.searchsorted(sums, random.random() * sums[-1], "right")), len(sample) - 1))
    return sample[drawn].astype(np.int8)
