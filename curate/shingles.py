"""Character n-grams of texts as hashed integers."""

from __future__ import annotations

import numpy as np

N = 5
_MULTIPLIER = np.uint32(0x9E3779B1)  # Knuth's multiplicative hashing: 2^32 over the golden ratio


def code_points(text: str) -> np.ndarray:
    """The text's code points, shape (n_chars,), uint32."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def shingle_hashes(points: np.ndarray, n: int = N) -> np.ndarray:
    """A hash of each window of n code points, shape (n_chars - n + 1,), uint32.

    Args:
        points: Code points, shape (n_chars,), n_chars >= n.
        n: Window length in characters.
    """
    size = len(points) - n + 1
    hashed = np.zeros(size, np.uint32)
    for offset in range(n):
        hashed *= _MULTIPLIER
        hashed ^= points[offset : offset + size]
        hashed += hashed >> np.uint32(15)
    hashed ^= hashed >> np.uint32(16)
    hashed *= np.uint32(0x85EBCA6B)
    hashed ^= hashed >> np.uint32(13)
    return hashed


def shingle_set(text: str, n: int = N) -> np.ndarray:
    """The distinct shingles of a text, sorted, uint32; a text shorter than n is one shingle."""
    points = code_points(text)
    if len(points) < n:
        return distinct(points)
    return distinct(shingle_hashes(points, n))


def distinct(values: np.ndarray) -> np.ndarray:
    """Sorted distinct values; for a few thousand values several times faster than `np.unique`."""
    ordered = np.sort(values)
    first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def jaccard(a: np.ndarray, b: np.ndarray) -> float:
    """Jaccard similarity of two sorted sets, a ratio in [0, 1]; two empty sets are the same."""
    if not len(a) and not len(b):
        return 1.0
    both = len(np.intersect1d(a, b, assume_unique=True))
    return both / (len(a) + len(b) - both)
