"""Near vectors: all pairs above a threshold, and the nearest of each query."""

from __future__ import annotations

from .nearest import nearest
from .pairs import Pairs, similar_pairs

__all__ = ["Pairs", "nearest", "similar_pairs"]
