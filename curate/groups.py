"""Groups of rows that belong together."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np


class Groups:
    """Disjoint sets over row positions; the head of a set is its first row.

    Source: union by smallest member with path halving (Tarjan and van Leeuwen 1984).
    """

    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def head(self, i: int) -> int:
        """The first row of the group that holds row i."""
        parent = self._parent
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(self, i: int, j: int) -> None:
        """Put the groups of two rows together."""
        a, b = self.head(i), self.head(j)
        if a != b:
            self._parent[max(a, b)] = min(a, b)

    def join_equal(self, keys: Sequence[Hashable | None]) -> None:
        """Put rows with the same key together; None is no key."""
        seen: dict[Hashable, int] = {}
        for i, key in enumerate(keys):
            if key is not None:
                self.join(seen.setdefault(key, i), i)

    def first_members(self) -> np.ndarray:
        """The head of every row, shape (n_rows,), int64."""
        return np.fromiter((self.head(i) for i in range(len(self._parent))), np.int64, len(self._parent))
