"""MinHash sketches of texts, and the pairs of rows that agree on a band of them.

A sketch holds one byte a bin: bytes of different texts agree by chance once in 256, which costs less than the
three other bytes of a full value would.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

from .shingles import N, distinct, shingle_hashes

GROUP = 512
EMPTY = np.uint32(0xFFFFFFFF)
MAX_POINT = 0x30000
MAX_BUCKET = 64
BLOCK = 1 << 19
_MIX = np.uint32(0x9E3779B1)  # Knuth's multiplicative hashing: 2^32 over the golden ratio


def minima(texts: Sequence[str], *, n_bins: int, seed: int) -> np.ndarray:
    """The smallest hash in each bin over the character 5-grams of texts, letters and digits alone.

    Every shingle is hashed once: some bits choose its bin, the others are its value. The minima of two texts
    taken together are the smaller of the minima of each.

    Args:
        texts: Texts; punctuation, symbols and white space count as nothing, unless a text has nothing else.
        n_bins: Bins a text, a power of two.
        seed: Seed of the hash.

    Returns:
        Shape (n_texts, n_bins), uint32; EMPTY where no shingle fell into a bin.

    Source: Li, Owen and Zhang 2012 (one permutation hashing).
    """
    result = np.empty((len(texts), n_bins), np.uint32)
    for first in range(0, len(texts), GROUP):
        group = texts[first : first + GROUP]
        result[first : first + len(group)] = _group(group, n_bins, seed)
    return result


def _group(texts: Sequence[str], n_bins: int, seed: int) -> np.ndarray:
    points, owners = _letters(texts)
    values = np.full(len(texts) * n_bins, EMPTY)
    if len(points) < N:
        return values.reshape(len(texts), n_bins)
    whole = owners[N - 1 :] == owners[: len(owners) - N + 1]
    hashes = shingle_hashes(points)[whole] ^ np.uint32(seed * 0x9E3779B1 % 2**32)
    bits = np.uint32(int(n_bins).bit_length() - 1)
    bins = owners[: len(whole)][whole] * n_bins + (hashes & np.uint32(n_bins - 1))
    np.minimum.at(values, bins, hashes >> bits)
    return values.reshape(len(texts), n_bins)


def _letters(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Code points that count, and the text that each belongs to; short texts are padded to a shingle."""
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    owners = np.repeat(np.arange(len(texts)), lengths)
    counts = _alphanumeric()[np.minimum(points, MAX_POINT)]
    bare = np.bincount(owners, counts, minlength=len(texts)) < N
    if bare.any():
        counts = counts | bare[owners]
    points, owners = points[counts], owners[counts]
    missing = N - np.bincount(owners, minlength=len(texts))
    if (missing <= 0).all():
        return points, owners
    padding = np.repeat(np.arange(len(texts)), np.maximum(missing, 0))
    owners = np.concatenate([owners, padding])
    order = np.argsort(owners, kind="stable")
    return np.concatenate([points, np.full(len(padding), 32, np.uint32)])[order], owners[order]


@cache
def _alphanumeric() -> np.ndarray:
    """Whether a code point is a letter or digit, shape (MAX_POINT + 1,); all above count as one."""
    return np.array([chr(point).isalnum() for point in range(MAX_POINT)] + [True])


def sketches(values: np.ndarray) -> np.ndarray:
    """One byte a bin from minima; an empty bin borrows from the next full one.

    Args:
        values: Minima, shape (n_texts, n_bins), uint32, with a full bin in each row.

    Returns:
        Shape (n_texts, n_bins), uint8. The share of equal bytes estimates the Jaccard similarity.

    Source: Li and König 2010 (b-bit minwise hashing); Shrivastava and Li 2014 (densification by rotation).
    """
    n_bins = values.shape[1]
    filled = values.copy()
    sparse = np.flatnonzero((values == EMPTY).any(axis=1))
    for first in range(0, len(sparse), GROUP):
        rows = sparse[first : first + GROUP]
        part = values[rows]
        twice = np.concatenate([part, part], axis=1)
        at = np.where(twice == EMPTY, 2 * n_bins, np.arange(2 * n_bins))
        source = np.minimum.accumulate(at[:, ::-1], axis=1)[:, ::-1][:, :n_bins]
        steps = (source - np.arange(n_bins)).astype(np.uint32)
        borrowed = np.take_along_axis(twice, np.minimum(source, 2 * n_bins - 1), axis=1)
        filled[rows] = borrowed + steps * np.uint32(0x85EBCA6B)
    return ((filled * _MIX) >> np.uint32(24)).astype(np.uint8)


def band_pairs(
    sketch: np.ndarray,
    *,
    rows_a_band: int,
    min_agreement: float = 0.0,
    max_bucket: int = MAX_BUCKET,
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of rows that agree on a whole band of their sketches.

    Args:
        sketch: Shape (n_rows, n_bins), unsigned.
        rows_a_band: Bins in a band; what does not fill a band is left out.
        min_agreement: Share of equal bins that a pair must reach.
        max_bucket: In a larger bucket a row is paired with its first row and with its neighbours in row
            order alone, so that one template cannot make a quadratic number of pairs.

    Returns:
        Pairs, shape (n_pairs, 2), int64, left < right, distinct, sorted; and the agreement of each.

    Source: Leskovec et al., Mining of Massive Datasets, chapter 3.
    """
    n = max(len(sketch), 1)

    def of_band(first: int) -> np.ndarray:
        found = [np.zeros(0, np.int64)]
        for left, right in _buckets(sketch[:, first : first + rows_a_band], max_bucket):
            if min_agreement > 0:
                good = agreement(sketch, np.stack([left, right], axis=1)) >= min_agreement
                left, right = left[good], right[good]
            found.append(left * n + right)
        return distinct(np.concatenate(found))

    bands = range(0, sketch.shape[1] - rows_a_band + 1, rows_a_band)
    with ThreadPoolExecutor(usable_cores()) as threads:  # numpy leaves the interpreter to others meanwhile
        packed = distinct(np.concatenate([np.zeros(0, np.int64), *threads.map(of_band, bands)]))
    pairs = np.stack([packed // n, packed % n], axis=1)
    return pairs, agreement(sketch, pairs)


def usable_cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _buckets(band: np.ndarray, max_bucket: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Left and right rows of the pairs that agree on a band, in blocks of bounded size."""
    n = len(band)
    keys = _band_keys(band)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if n else order
    counts = np.diff(np.append(starts, n))
    for size in distinct(counts[counts > 1]).tolist():
        heads = starts[counts == size]
        left, right = _within(size, max_bucket)
        step = max(BLOCK // len(left), 1)
        for block in range(0, len(heads), step):
            buckets = order[heads[block : block + step, None] + np.arange(size)]
            yield buckets[:, left].ravel(), buckets[:, right].ravel()


def _within(size: int, max_bucket: int) -> tuple[np.ndarray, np.ndarray]:
    """Left and right places of the pairs within a bucket."""
    if size <= max_bucket:
        return np.triu_indices(size, 1)
    later = np.arange(1, size)
    return np.concatenate([later - 1, np.zeros(size - 1, np.int64)]), np.concatenate([later, later])


def _band_keys(band: np.ndarray) -> np.ndarray:
    """One key a row; rows that differ may share one, which the comparison of sketches finds."""
    if band.dtype == np.uint8 and band.shape[1] <= 4:
        narrow = np.zeros(len(band), np.uint32)
        for column in band.T:
            narrow = (narrow << np.uint32(8)) | column
        return narrow
    keys = np.zeros(len(band), np.uint64)
    for column in band.T:
        keys = (keys ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys


def agreement(sketch: np.ndarray, pairs: np.ndarray, *, block: int = 1 << 17) -> np.ndarray:
    """The share of equal bins of each pair, shape (n_pairs,), float32: estimates Jaccard similarity."""
    shares = np.empty(len(pairs), np.float32)
    for first in range(0, len(pairs), block):
        part = pairs[first : first + block]
        equal = sketch[part[:, 0]] == sketch[part[:, 1]]
        shares[first : first + block] = np.count_nonzero(equal, axis=1)
    return shares / np.float32(max(sketch.shape[1], 1))
