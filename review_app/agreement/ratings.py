"""Who gave which label to what: the table that every agreement figure is computed from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Level = Literal["nominal", "ordinal", "interval"]
"""nominal: labels without order; ordinal: ordered labels; interval: numbers with equal steps."""
MISSING = -1


@dataclass(frozen=True)
class Ratings:
    """Labels that raters gave to units; a rater need not have seen every unit.

    Args:
        codes: Shape (n_units, n_raters): index of the label in `labels`, -1 where the rater gave none.
        labels: The labels that could be given, in their order; numbers where the level is interval.
        raters: Names, one a column.
        level: How far labels can be compared.
    """

    codes: Codes
    labels: tuple[Any, ...]
    raters: tuple[str, ...]
    level: Level = "nominal"

    @classmethod
    def from_rows(
        cls,
        rows: Sequence[Sequence[Any]],
        *,
        labels: Sequence[Any] | None = None,
        raters: Sequence[str] | None = None,
        level: Level = "nominal",
    ) -> Ratings:
        """A table with one line a unit and one column a rater; None is no label.

        Args:
            rows: The labels.
            labels: Every label that could be given, in order; None takes those that were given, sorted.
            raters: Names; None numbers them.
            level: How far labels can be compared.
        """
        width = len(rows[0]) if rows else 0
        names = tuple(raters) if raters is not None else tuple(f"rater {n + 1}" for n in range(width))
        known = _labels((label for row in rows for label in row), labels)
        place = {label: n for n, label in enumerate(known)}
        codes = [[MISSING if label is None else place[label] for label in row] for row in rows]
        return cls(np.asarray(codes, np.int32).reshape(len(rows), width), known, names, level)

    @classmethod
    def from_votes(
        cls,
        units: Sequence[str],
        raters: Sequence[str],
        given: Sequence[Any],
        *,
        labels: Sequence[Any] | None = None,
        level: Level = "nominal",
    ) -> Ratings:
        """One vote a line: unit, rater, label. The last vote of a rater on a unit counts.

        Args:
            units: What was voted on, one a vote.
            raters: Who voted.
            given: The label; None is no vote.
            labels: Every label that could be given, in order; None takes those that were given, sorted.
            level: How far labels can be compared.
        """
        known = _labels(given, labels)
        place = {label: n for n, label in enumerate(known)}
        codes = np.array([MISSING if label is None else place[label] for label in given], np.int32)
        names, column = np.unique(np.asarray(raters, object).astype(str), return_inverse=True)
        heads, row = np.unique(np.asarray(units, object).astype(str), return_inverse=True)
        table = np.full((len(heads), len(names)), MISSING, np.int32)
        table[row, column] = codes
        return cls(table, known, tuple(names.tolist()), level)

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """Votes for each label, shape (n_units, n_labels)."""
        n, q = len(self.codes), len(self.labels)
        there = self.codes >= 0
        flat = (np.arange(n)[:, None] * q + self.codes)[there]
        return np.bincount(flat, minlength=n * q).reshape(n, q)

    @cached_property
    def votes_per_unit(self) -> npt.NDArray[np.int64]:
        """Shape (n_units,)."""
        return (self.codes >= 0).sum(axis=1)

    @property
    def shared(self) -> int:
        """Units with the votes of two or more raters."""
        return int((self.votes_per_unit >= 2).sum())

    @property
    def voters(self) -> int:
        """Raters who gave a label to a unit that another rater labelled too."""
        return int((self.codes[self.votes_per_unit >= 2] >= 0).any(axis=0).sum())

    @cached_property
    def patterns(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The different rows of `counts` that hold a vote, and how many units have each.

        Figures depend on these alone, so a resample of units is a multinomial draw over few patterns.
        """
        return np.unique(self.counts[self.votes_per_unit > 0], axis=0, return_counts=True)

    def table(self, a: str, b: str) -> npt.NDArray[np.int64]:
        """Units by the label of `a` (down) and of `b` (across), shape (n_labels, n_labels).

        Raises:
            ValueError: A name that is no rater's.
        """
        first, second = (self.codes[:, self.raters.index(name)] for name in (a, b))
        both = (first >= 0) & (second >= 0)
        q = len(self.labels)
        return np.bincount(first[both] * q + second[both], minlength=q * q).reshape(q, q)


def _labels(given: Iterable[Any], declared: Sequence[Any] | None) -> tuple[Any, ...]:
    """The declared labels, and after them those that were given all the same, sorted."""
    known = tuple(declared or ())
    found = {label for label in given if label is not None} - set(known)
    numbers = all(isinstance(label, int | float) for label in found)
    return (*known, *sorted(found, key=None if numbers else str))
