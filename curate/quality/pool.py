"""The rows of a run that its quality step judged, measured again as they came to people."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ...schemas.errors import WorkspaceError
from ..contents import Contents, one_array
from . import answers, features

if TYPE_CHECKING:
    from ..ledger import Ledger


class Pool(NamedTuple):
    """Rows in input order.

    Args:
        row_ids: Their names.
        content_ids: Their contents as people saw them: edits applied, but not those of people.
        partners: The row that `near_duplicate` names for each, or null.
        measures: The columns of the quality step.
    """

    row_ids: pa.Array
    content_ids: pa.Array
    partners: pa.Array
    measures: pa.Table


def measured_pool(ledger: Ledger) -> Pool:
    """The rows that the run's quality step judged.

    Raises:
        WorkspaceError: The run has no such step.
    """
    if "quality" not in [s.step for s in ledger.card.steps]:
        raise WorkspaceError(
            "the run has no step 'quality'",
            where=str(ledger.workspace.root),
            fix="add `use: quality` to the recipe's steps and curate again",
        )
    judged = one_array(ledger.step_verdicts("quality", ["row_id"])["row_id"])
    mask = np.asarray(pyarrow.compute.is_in(ledger.row_ids, value_set=judged), bool)  # pyright: ignore[reportAttributeAccessIssue]
    parts, contents, ids = [], [], []
    for table in Contents(ledger.workspace, without="human").stream(mask):
        batch = table.combine_chunks()
        parts.append(pa.table({**features.measured(batch), **answers.measured(batch)}))
        contents.append(one_array(batch.column("content_id")))
        ids.append(one_array(batch.column("row_id")))
    row_ids = pa.concat_arrays(ids)
    return Pool(row_ids, pa.concat_arrays(contents), _partners(ledger, row_ids), pa.concat_tables(parts))


def _partners(ledger: Ledger, row_ids: pa.Array) -> pa.Array:
    if "near_duplicate" not in [s.step for s in ledger.card.steps]:
        return pa.nulls(len(row_ids), pa.string())
    told = ledger.step_verdicts("near_duplicate", ["row_id", "related_id"])
    at = pyarrow.compute.index_in(row_ids, value_set=one_array(told["row_id"]))  # pyright: ignore[reportAttributeAccessIssue]
    return one_array(told["related_id"]).take(at)
