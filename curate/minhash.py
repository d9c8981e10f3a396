"""MinHash signatures of texts and the pairs that share a band of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .shingles import N, distinct, shingle_hashes

GROUP = 512
EMPTY = np.uint32(0xFFFFFFFF)


def signatures(texts: Sequence[str], *, n_bins: int, seed: int) -> np.ndarray:
    """One-permutation MinHash of the character 5-grams of texts.

    Every shingle is hashed once; some bits choose its bin and the others its value, and a bin keeps its
    smallest value. Empty bins of short texts borrow from full ones.

    Args:
        texts: Texts; one shorter than a shingle is padded.
        n_bins: Values a signature, a power of two.
        seed: Seed of the hash.

    Returns:
        Shape (n_texts, n_bins), uint32. The share of equal values estimates the Jaccard similarity.

    Source: Li, Owen and Zhang 2012 (one permutation hashing); Shrivastava 2017 (optimal densification).
    """
    result = np.empty((len(texts), n_bins), np.uint32)
    for first in range(0, len(texts), GROUP):
        group = texts[first : first + GROUP]
        result[first : first + len(group)] = _group(group, n_bins, seed)
    return result


def _group(texts: Sequence[str], n_bins: int, seed: int) -> np.ndarray:
    padded = [t if len(t) >= N else t.ljust(N) for t in texts]
    points = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.array([len(t) for t in padded])
    rows = np.repeat(np.arange(len(texts)), lengths)[: len(points) - N + 1]
    ends = np.cumsum(lengths)[rows]
    whole = np.arange(len(rows)) + N <= ends
    salt = np.uint32(seed * 0x9E3779B1 % 2**32)
    hashes = (shingle_hashes(points) ^ salt)[whole]
    bits = int(n_bins).bit_length() - 1
    values = np.full(len(texts) * n_bins, EMPTY)
    bins = rows[whole] * n_bins + (hashes & np.uint32(n_bins - 1))
    np.minimum.at(values, bins, hashes >> np.uint32(bits))
    return _densified(values.reshape(len(texts), n_bins))


def _densified(values: np.ndarray) -> np.ndarray:
    """Fill each empty bin from a full one that depends on the bin alone, so that equal texts stay equal."""
    n_bins = values.shape[1]
    filled = values.copy()
    left = np.flatnonzero((values == EMPTY).any(axis=1))
    random = np.random.default_rng(n_bins)
    while len(left):
        offered = values[left][:, random.integers(0, n_bins, n_bins)]
        current = filled[left]
        current = np.where(current == EMPTY, offered, current)
        filled[left] = current
        left = left[(current == EMPTY).any(axis=1)]
    return filled


def band_pairs(hashes: np.ndarray, *, rows_a_band: int, max_bucket: int = 500) -> np.ndarray:
    """Pairs of rows that agree on a whole band of their signatures.

    Args:
        hashes: Signatures, shape (n_rows, n_hashes), uint32.
        rows_a_band: Hash values in a band; what does not fill a band is left out.
        max_bucket: In a larger bucket a row is paired with its first row and with its neighbours in row
            order alone, so that one template cannot make a quadratic number of pairs.

    Returns:
        Shape (n_pairs, 2), int64, left < right, distinct, sorted.

    Source: Leskovec et al., Mining of Massive Datasets, chapter 3.
    """
    found = [np.zeros(0, np.int64)]
    n = hashes.shape[0]
    for first in range(0, hashes.shape[1] - rows_a_band + 1, rows_a_band):
        keys = _band_keys(hashes[:, first : first + rows_a_band])
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        starts = (
            np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if n else np.zeros(0, int)
        )
        counts = np.diff(np.append(starts, n))
        for size in distinct(counts[counts > 1]).tolist():
            buckets = order[starts[counts == size][:, None] + np.arange(size)]
            found.append(_bucket_pairs(buckets, max_bucket, n))
    packed = distinct(np.concatenate(found))
    return np.stack([packed // max(n, 1), packed % max(n, 1)], axis=1)


def _band_keys(band: np.ndarray) -> np.ndarray:
    """One 64-bit key a row; rows that differ may share one, which the comparison of signatures finds."""
    keys = np.zeros(len(band), np.uint64)
    for column in band.T:
        keys = (keys ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys


def _bucket_pairs(buckets: np.ndarray, max_bucket: int, n: int) -> np.ndarray:
    """All pairs within buckets of one size as left * n + right; `buckets` is (n_buckets, size), ascending."""
    size = buckets.shape[1]
    if size <= max_bucket:
        left, right = np.triu_indices(size, 1)
    else:
        left = np.concatenate([np.arange(size - 1), np.zeros(size - 1, np.int64)])
        right = np.concatenate([np.arange(1, size), np.arange(1, size)])
    return (buckets[:, left] * n + buckets[:, right]).ravel()


def agreement(hashes: np.ndarray, pairs: np.ndarray, *, block: int = 1 << 18) -> np.ndarray:
    """The share of equal signature values of each pair, shape (n_pairs,): estimates Jaccard similarity."""
    shares = np.empty(len(pairs), np.float32)
    for first in range(0, len(pairs), block):
        part = pairs[first : first + block]
        shares[first : first + block] = (hashes[part[:, 0]] == hashes[part[:, 1]]).mean(axis=1)
    return shares
