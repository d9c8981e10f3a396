"""Rows that are equal to the byte, so that a thousand copies are compared once."""

from __future__ import annotations

import numpy as np


def first_equal(vectors: np.ndarray) -> np.ndarray:
    """For each row the first row that equals it; int64."""
    n, dim = vectors.shape
    words = np.ascontiguousarray(vectors, np.float32).view(np.uint64 if dim % 2 == 0 else np.uint32)
    factors = np.random.default_rng(7).integers(0, 1 << 63, words.shape[1], np.uint64) * np.uint64(
        2
    ) + np.uint64(1)
    hashes = np.empty(n, np.uint64)
    for i in range(0, n, 1 << 12):
        mixed = words[i : i + (1 << 12)] * factors
        hashes[i : i + (1 << 12)] = (mixed ^ (mixed >> np.uint64(32))).sum(axis=1)
    _, first, which = np.unique(hashes, return_index=True, return_inverse=True)
    result = first[which]
    copies = np.flatnonzero(result != np.arange(n))
    for i in range(0, len(copies), 1 << 14):
        part = copies[i : i + (1 << 14)]
        differ = part[(vectors[part] != vectors[result[part]]).any(axis=1)]
        result[differ] = differ  # one hash for two rows: both are compared
    return result
