"""A random order of rows that stays the same on every machine, and when other rows come or go."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np


def seeded_order(row_ids: Sequence[str], seed: int) -> np.ndarray:
    """Positions of the rows in a random order: by the hash of seed and row_id.

    Args:
        row_ids: Distinct row_ids, n of them.
        seed: Another seed gives another order.

    Returns:
        A permutation of 0..n-1, int64.
    """
    keys = [hashlib.blake2b(f"{seed}:{row_id}".encode(), digest_size=8).digest() for row_id in row_ids]
    return np.argsort(np.array([int.from_bytes(key) for key in keys], dtype=np.uint64), kind="stable")
