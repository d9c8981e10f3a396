"""Approved rows as records, with the edit that a reviewer approved and the run does not have yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..curate.contents import Contents, records
from ..curate.editions import MEMBERS, content_records, written
from ..curate.ledger import Ledger
from ..curate.standing import Decided
from ..schemas.example import canonical_json
from .approved import Approved

Record = dict[str, Any]
STEP = "human"
AT_ONCE = 1024


def approved_records(
    ledger: Ledger, approved: Approved, decided: Decided
) -> Iterator[tuple[Record, dict[str, Any]]]:
    """Each approved row as it was approved, with its decision, in input order."""
    start = 0
    for table in ledger.contents.stream(approved.mask):
        decisions = approved.decisions.slice(start, table.num_rows).to_pylist()
        yield from zip(_edited(list(records(table)), decisions, decided), decisions, strict=True)
        start += table.num_rows


def _edited(found: list[Record], decisions: list[dict[str, Any]], decided: Decided) -> list[Record]:
    """The records, those whose edit waits with the edit."""
    waiting = [i for i, decision in enumerate(decisions) if decision["waiting"]]
    if not waiting:
        return found
    new = written(decided.editions, [decisions[i]["content_id"] for i in waiting])
    for i, content in zip(waiting, content_records(new), strict=True):
        found[i] = {**found[i], **{name: content[name] for name in MEMBERS}}
    return found


def edited_rows(
    ledger: Ledger, approved: Approved, decided: Decided
) -> Iterator[tuple[Record, Record, Record]]:
    """Each approved row that a reviewer edited: as it came to people, as approved, and its decision.

    The first is the same before the edit is applied by `curate` and after it.
    """
    before = Contents(ledger.workspace, without=STEP)
    applied = ledger.contents.last_edit != before.last_edit
    positions = np.flatnonzero(approved.mask)
    mine = np.flatnonzero(applied[positions] | np.asarray(approved.decisions["waiting"].to_pylist(), bool))
    for start in range(0, len(mine), AT_ONCE):
        some = mine[start : start + AT_ONCE]
        decisions = approved.decisions.take(some).to_pylist()
        now = _edited(list(records(ledger.contents.at(positions[some]))), decisions, decided)
        yield from zip(records(before.at(positions[some])), now, decisions, strict=True)


def row_line(record: Record, content_id: str) -> str:
    """A row of a version as one line of JSON."""
    names = ("row_id", "messages", "tools", "rejected", "label")
    row = {name: record[name] for name in names if record.get(name) is not None}
    return canonical_json({**row, "content_id": content_id})
