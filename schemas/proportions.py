"""Intervals of proportions."""

from __future__ import annotations

import math

Z_95 = 1.959963984540054


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Score interval of a proportion, 95 %; 0 to 1 where nothing was counted.

    Source: Wilson 1927, JASA 22:209.
    """
    if n == 0:
        return 0.0, 1.0
    p, z2 = successes / n, Z_95**2
    center = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, center - half), min(1.0, center + half)
