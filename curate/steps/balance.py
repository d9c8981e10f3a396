"""Caps on groups of rows: by source, by an earlier step's value, or by a member of meta."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ...schemas.errors import RecipeError
from ...schemas.step_options import BalanceOptions
from ..rows import rows_of
from ..step import KEEP, Opinion, verdicts
from ..text import digest, unit_interval

SOURCE = "source"
META = "meta."
NONE = "none"
TOLD_GROUPS = 5


class Balance:
    """Drops the rows of a group beyond its cap.

    Which rows of a group stay is random: those of the smallest hashes of seed and content. So a row's chance
    has nothing to do with its quality or length, another order of rows changes nothing, and added rows can
    only take the place of others.

    Args:
        options: What makes a group, and the caps.
        seed: Salt of the hash.
    """

    name = "balance"
    reasons = {"over_cap": "The row's group is full: by the caps, others of its rows stay."}

    def __init__(self, options: BalanceOptions | None = None, *, seed: int = 13) -> None:
        self.options = options or BalanceOptions()
        self.seed = seed

    @property
    def needs(self) -> tuple[str, ...]:
        """The steps that may have assigned what makes a group."""
        return tuple(name for name in self.options.by if name != SOURCE)

    @property
    def measure_params(self) -> dict[str, Any]:
        """The members that are read."""
        return {"by": list(self.options.by)}

    def measure(self, batch: pa.Table) -> pa.Table:
        files = [source["file"] for source in batch.column("source").to_pylist()]
        metas = rows_of(batch).metas()
        labels = [
            [self._own(name, *row) for name in self.options.by] for row in zip(files, metas, strict=True)
        ]
        keys = [digest(content) for content in batch.column("content_id").to_pylist()]
        return pa.table(
            {
                "row_id": batch.column("row_id"),
                "key": pa.array(keys, pa.binary(16)),
                "labels": pa.array(labels, pa.list_(pa.string())),
            }
        )

    @staticmethod
    def _own(name: str, file: str, meta: Mapping[str, Any]) -> str | None:
        """The row's own value of a name: its file, or a member of meta."""
        if name == SOURCE:
            return file
        value = meta.get(name.removeprefix(META))
        return str(value) if isinstance(value, str | int | float) else None

    def decide(self, measures: pa.Table) -> pa.Table:
        groups = self._groups(measures)
        sizes = Counter(groups)
        cap, notes = self._cap(sizes)
        keys = measures.column("key").to_pylist()
        place = [unit_interval(key, f"balance:{self.seed}") for key in keys]
        ranks: Counter[str] = Counter()
        opinions = [KEEP] * len(groups)
        for i in np.lexsort((np.arange(len(place)), np.array(place))).tolist():
            group = groups[i]
            ranks[group] += 1
            if cap is not None and ranks[group] > cap:
                facts = {"group": group, "cap": cap, "group_rows": sizes[group], "rank": ranks[group]}
                opinions[i] = Opinion("drop", "over_cap", detail=json.dumps({**facts, "seed": self.seed}))
        return verdicts(measures.column("row_id"), self.name, opinions, notes=notes)

    def _groups(self, measures: pa.Table) -> list[str]:
        """The group of each row, as text.

        Raises:
            RecipeError: No row has a value of a name in `by`.
        """
        own = measures.column("labels").to_pylist()
        columns: list[Sequence[Any]] = []
        for at, name in enumerate(self.options.by):
            stepped = name != SOURCE and name in measures.column_names
            column = measures.column(name).to_pylist() if stepped else [labels[at] for labels in own]
            if column and all(value is None for value in column):
                raise RecipeError(
                    f"no row has a value of {name!r}",
                    where="step 'balance', by",
                    fix="name source, an earlier step that assigns a value, or a member of meta",
                )
            columns.append(column)
        return [" / ".join(NONE if v is None else str(v) for v in row) for row in zip(*columns, strict=True)]

    def _cap(self, sizes: Mapping[str, int]) -> tuple[int | None, list[str]]:
        """The largest number of rows of a group, and what the person who runs it should know."""
        options = self.options
        if options.max_rows is None and options.max_share is None:
            return None, ["no cap is set: every row stays (max_rows, max_share)"]
        caps = [] if options.max_rows is None else [options.max_rows]
        notes: list[str] = []
        if options.max_share is not None and sizes:
            held = list(sizes.values())
            if options.max_share * len(held) < 1:
                notes.append(
                    f"{len(held)} groups cannot each have {options.max_share:g} of the rows at most:"
                    " each has as many rows as the smallest"
                )
            caps.append(share_cap(held, options.max_share))
        cap = min(caps, default=None)
        over = sorted(((n, group) for group, n in sizes.items() if cap is not None and n > cap), reverse=True)
        notes += [f"{group}: {cap:,} of {n:,} rows stay" for n, group in over[:TOLD_GROUPS]]
        if len(over) > TOLD_GROUPS:
            notes.append(f"{len(over) - TOLD_GROUPS} more groups are cut to {cap:,} rows")
        return cap, notes


def share_cap(sizes: Sequence[int], max_share: float) -> int:
    """The largest cap with which no group has more than a share of the rows that stay.

    Where the groups are too few for that, the size of the smallest: then all have the same share.

    Args:
        sizes: Rows of each group, 1 or more; at least one group.
        max_share: A ratio in (0, 1].
    """
    ordered = np.sort(np.asarray(sizes, np.int64))
    low, high = int(ordered[0]), int(ordered[-1])
    if not _fits(ordered, low, max_share):
        return low
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _fits(ordered, middle, max_share) else (low, middle - 1)
    return low


def _fits(ordered: np.ndarray, cap: int, max_share: float) -> bool:
    """Whether the largest group keeps to its share; the larger the cap, the larger that group's share."""
    return min(cap, int(ordered[-1])) <= max_share * int(np.minimum(ordered, cap).sum()) + 1e-9
