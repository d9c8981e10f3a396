"""MinHash signatures of texts and the pairs that share a band of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .shingles import N, code_points, shingle_hashes

CHUNK = 1 << 16


def signatures(texts: Sequence[str], *, n_hashes: int, seed: int) -> np.ndarray:
    """MinHash values of the character 5-grams of texts.

    Args:
        texts: Texts; one shorter than a shingle gets the signature of its padded form.
        n_hashes: Hash functions.
        seed: Seed of the functions.

    Returns:
        Shape (n_texts, n_hashes), uint32. Equal shares of two rows estimate their Jaccard similarity.

    Source: Broder 1997; functions h -> a * h + b mod 2^32 with odd a, mixed once more before the minimum.
    """
    random = np.random.default_rng(seed)
    multipliers = random.integers(0, 2**31, n_hashes, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    offsets = random.integers(0, 2**32, n_hashes, dtype=np.uint32)
    result = np.empty((len(texts), n_hashes), np.uint32)
    for first in range(0, len(texts), 256):
        group = texts[first : first + 256]
        hashes, starts = _joined(group)
        for k in range(n_hashes):
            mixed = hashes * multipliers[k] + offsets[k]
            mixed ^= mixed >> np.uint32(15)
            result[first : first + len(group), k] = np.minimum.reduceat(mixed, starts)
    return result


def _joined(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The shingle hashes of some texts end to end, and where each text's begin."""
    parts: list[np.ndarray] = []
    for text in texts:
        points = code_points(text if len(text) >= N else text.ljust(N))
        parts.append(shingle_hashes(points))
    lengths = [len(p) for p in parts]
    starts = np.concatenate([[0], np.cumsum(lengths[:-1])]).astype(np.int64)
    return np.concatenate(parts), starts


def band_pairs(hashes: np.ndarray, *, rows_a_band: int, max_bucket: int = 1000) -> np.ndarray:
    """Pairs of rows that agree on a whole band of their signatures.

    Args:
        hashes: Signatures, shape (n_rows, n_hashes), uint32.
        rows_a_band: Hash values in a band; n_hashes is a multiple of it.
        max_bucket: Rows of a larger bucket are paired with its first row and with their neighbours in row
            order alone, so that one template cannot make a quadratic number of pairs.

    Returns:
        Shape (n_pairs, 2), int64, left < right, distinct, sorted.
    """
    found: list[np.ndarray] = []
    for first in range(0, hashes.shape[1], rows_a_band):
        band = np.ascontiguousarray(hashes[:, first : first + rows_a_band])
        keys = band.view(np.dtype((np.void, band.dtype.itemsize * rows_a_band))).ravel()
        _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
        order = np.argsort(inverse, kind="stable")
        starts = np.cumsum(counts) - counts
        for size in np.unique(counts[counts > 1]).tolist():
            buckets = order[starts[counts == size][:, None] + np.arange(size)]
            found.append(_bucket_pairs(buckets, max_bucket))
    if not found:
        return np.zeros((0, 2), np.int64)
    joined = np.concatenate(found)
    n = hashes.shape[0]
    packed = np.unique(joined[:, 0] * n + joined[:, 1])
    return np.stack([packed // n, packed % n], axis=1)


def _bucket_pairs(buckets: np.ndarray, max_bucket: int) -> np.ndarray:
    """All pairs within buckets of one size; `buckets` has shape (n_buckets, size), rows ascending."""
    size = buckets.shape[1]
    if size <= max_bucket:
        left, right = np.triu_indices(size, 1)
    else:
        left = np.concatenate([np.arange(size - 1), np.zeros(size - 1, np.int64)])
        right = np.concatenate([np.arange(1, size), np.arange(1, size)])
    return np.stack([buckets[:, left].ravel(), buckets[:, right].ravel()], axis=1)
