"""Train, validation and test: whole groups, by a hash that added rows cannot move."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from ...schemas.recipe import SplitOptions
from ..groups import Groups
from ..rows import rows_of
from ..step import Opinion, verdicts
from ..text import digest, normalise, unit_interval


class Split:
    """Assigns every row to train, validation or test.

    Rows with the same normalised prompt, or from the same source conversation, are one group and share a
    split. A group goes where the hash of its first row's prompt falls, so a row keeps its split when rows
    are added, and each language gets the same shares up to chance.

    Args:
        options: Shares and group keys.
        seed: Salt of the hash.
    """

    name = "split"
    version = 1
    needs = ("language",)
    reasons = {"split": "Assigned by the hash of the group's prompt."}

    def __init__(self, options: SplitOptions | None = None, *, seed: int = 13) -> None:
        self.options = options or SplitOptions()
        self.seed = seed

    @property
    def measure_params(self) -> dict[str, Any]:
        """The members of meta that are read."""
        return {"group_by": list(self.options.group_by)}

    def measure(self, batch: pa.Table) -> pa.Table:
        rows = rows_of(batch)
        prompts = [digest(normalise(prompt)) for prompt in rows.prompts]
        sources = [self._conversation(meta) for meta in rows.metas()]
        return pa.table(
            {
                "row_id": batch.column("row_id"),
                "prompt": pa.array(prompts, pa.binary(16)),
                "conversation": pa.array(sources, pa.binary(16)),
            }
        )

    def _conversation(self, meta: dict[str, Any]) -> bytes | None:
        for key in self.options.group_by:
            value = meta.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
                return digest(key, str(value))
        return None

    def decide(self, measures: pa.Table) -> pa.Table:
        prompts = measures.column("prompt").to_pylist()
        groups = Groups(len(prompts))
        groups.join_equal(prompts)
        groups.join_equal(measures.column("conversation").to_pylist())
        first = groups.first_members()
        sizes = np.bincount(first, minlength=len(prompts)) if prompts else np.zeros(0, np.int64)
        strata = _strata(measures)
        opinions = []
        for i, head in enumerate(first.tolist()):
            value = self._place(unit_interval(prompts[head], f"split:{self.seed}"))
            detail = (
                json.dumps({"group_rows": int(sizes[head]), "stratum": strata[i]})
                if sizes[head] > 1
                else None
            )
            opinions.append(Opinion("assign", "split", value=value, detail=detail))
        return verdicts(measures.column("row_id"), self.name, opinions)

    def _place(self, u: float) -> str:
        if u < self.options.test:
            return "test"
        return "validation" if u < self.options.test + self.options.validation else "train"


def _strata(measures: pa.Table) -> list[str | None]:
    if "language" not in measures.column_names:
        return [None] * measures.num_rows
    return measures.column("language").to_pylist()
