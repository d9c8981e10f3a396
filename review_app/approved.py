"""The rows that stand approved, with their decisions, side by side with the run's rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ..curate.contents import one_array
from ..curate.ledger import Ledger
from ..curate.standing import Decided, State
from ..schemas.errors import VersionError
from ..schemas.version import SPLITS

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them


@dataclass(frozen=True)
class Approved:
    """Approved rows of a run.

    Args:
        mask: Which rows of rows.parquet, shape (n_rows,), bool.
        decisions: One line for each row under the mask, in input order: the columns of `Store.current`;
            `decided_on`, the row that was decided on; `waiting`, true where the row lacks the reviewer's
            edit so far; and split and language, null where no step gave one.
        dropped_since: Approved rows that this run does not keep.
        changed_since: Kept rows that were approved with other content than they have.
        disputed: Kept rows on which reviewers disagree.
    """

    mask: np.ndarray
    decisions: pa.Table
    dropped_since: int
    changed_since: int
    disputed: int


def approved_rows(ledger: Ledger, decided: Decided) -> Approved:
    """The kept rows whose standing decision is an approval of the content that they have, or of its edit.

    Args:
        ledger: The run.
        decided: What people decided.

    Raises:
        VersionError: A split that is none of train, validation and test.
    """
    contents = ledger.content_ids()
    rows = one_array(contents["row_id"])
    found = decided.match(rows, one_array(contents["content_id"]))
    taken = found.among(State.APPROVED, State.EDITED)
    decisions = decided.decisions.take(pa.array(found.at[taken]))
    decisions = decisions.rename_columns(
        ["decided_on" if name == "row_id" else name for name in decisions.column_names]
    )
    decisions = decisions.append_column("row_id", rows.filter(pa.array(taken)))
    decisions = decisions.append_column("waiting", pa.array(found.among(State.EDITED)[taken]))
    for step in ("split", "language"):
        decisions = decisions.append_column(step, _values(ledger, step).filter(pa.array(taken)))
    _check_splits(decisions["split"])
    mask = np.zeros(len(ledger.row_ids), bool)
    mask[np.flatnonzero(ledger.kept_mask)[taken]] = True
    return Approved(
        mask,
        decisions,
        dropped_since=_dropped(ledger, decided),
        changed_since=int((found.among(State.CHANGED) & found.said("approve")).sum()),
        disputed=int(found.among(State.DISPUTED).sum()),
    )


def _dropped(ledger: Ledger, decided: Decided) -> int:
    """Rows that stand approved and that the run drops."""
    approvals = decided.decisions.filter(pc.equal(decided.decisions["action"], "approve"))
    return int(pc.sum(pc.is_in(ledger.dropped(), value_set=one_array(approvals["row_id"]))).as_py() or 0)


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
