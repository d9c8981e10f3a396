"""The rows that stand approved, with their decisions, side by side with the run's rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ..curate.contents import one_array
from ..curate.ledger import Ledger
from ..schemas.errors import VersionError
from ..schemas.version import SPLITS

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them


@dataclass(frozen=True)
class Approved:
    """Approved rows of a run.

    Args:
        mask: Which rows of rows.parquet, shape (n_rows,), bool.
        decisions: One line for each row under the mask, in input order: the columns of `Store.current`,
            and split and language, null where no step gave one.
        dropped_since: Approved rows that this run does not keep.
    """

    mask: np.ndarray
    decisions: pa.Table
    dropped_since: int


def approved_rows(ledger: Ledger, current: pa.Table) -> Approved:
    """The kept rows whose standing decision is an approval; their content is not compared here.

    Args:
        ledger: The run.
        current: Standing decisions, as `Store.current` gives them.

    Raises:
        VersionError: A split that is none of train, validation and test.
    """
    approvals = current.filter(pc.equal(current["action"], "approve"))
    at = pc.index_in(ledger.row_ids, value_set=one_array(approvals["row_id"]))
    known = np.asarray(pc.is_valid(at))
    mask = known & ledger.kept_mask
    decisions = approvals.take(at.filter(pa.array(mask)))
    among_kept = pa.array(mask[ledger.kept_mask])
    for step in ("split", "language"):
        decisions = decisions.append_column(step, _values(ledger, step).filter(among_kept))
    _check_splits(decisions["split"])
    return Approved(mask, decisions, int((known & ~ledger.kept_mask).sum()))


def _values(ledger: Ledger, step: str) -> pa.Array:
    if step not in {s.step for s in ledger.card.steps}:
        return pa.nulls(int(ledger.kept_mask.sum()), pa.string())
    return ledger.label(step, "value")


def _check_splits(column: pa.ChunkedArray) -> None:
    strange = set(pc.unique(column).to_pylist()) - {*SPLITS, None}
    if strange:
        raise VersionError(
            f"step 'split' assigned {sorted(strange)[0]!r}",
            where="verdicts.parquet",
            fix="let it assign train, validation or test, and run `tuneset curate` again",
        )
