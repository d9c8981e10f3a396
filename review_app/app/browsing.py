"""What the Browse page shows of some rows, and bulk decisions on them. No Streamlit here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ...curate.rows import turn_text
from ...schemas.review import Decision
from ..office import Office
from ..people import Person
from .catalog import ASSIGNED
from .opened import Opened
from .stands import STATUSES, Stands

PAGE_ROWS = 25
EXCERPT = 160
TYPED_ABOVE = 100
"""Rows above which the number is typed to confirm."""
SIGNS = {"undecided": "○", "approved": "✓", "rejected": "✕", "disputed": "≠", "changed": "↻"}
COLUMNS = pa.schema(
    [
        ("status", pa.string()),
        ("row", pa.string()),
        ("asks", pa.string()),
        ("answers", pa.string()),
        ("flags", pa.string()),
        ("split", pa.string()),
        ("language", pa.string()),
        ("topic", pa.string()),
        ("by", pa.string()),
    ]
)


def page_of(run: Opened, places: np.ndarray, stands: Stands) -> pa.Table:
    """One page of the table: the only place where a list reads texts.

    Args:
        run: The workspace.
        places: Kept rows, PAGE_ROWS at most.
        stands: What stands.
    """
    catalog = run.catalog
    row_ids = catalog.row_ids.take(pa.array(places)).to_pylist()
    contents = run.reading.contents(row_ids)
    told = stands.lines(places)
    columns: dict[str, Any] = {
        "status": [status_text(line) for line in told],
        "row": [run.place_text((row_id,)) for row_id in row_ids],
        "asks": [excerpt(first(c.messages, "user")) for c in contents],
        "answers": [excerpt(turn_text(c.messages[-1])) for c in contents],
        "flags": catalog.reasons_at(places),
        **{name: [v or "" for v in catalog.value(name, places)] for name in ASSIGNED},
        "by": [line.get("actor") or "" for line in told],
    }
    return pa.table([pa.array(columns[f.name], f.type) for f in COLUMNS], schema=COLUMNS)


def status_text(line: dict[str, Any]) -> str:
    """A status with its sign, and a rejection's reason."""
    why = f": {line['reason'].replace('_', ' ')}" if line.get("reason") else ""
    by_rule = " by rule" if line.get("rule") else ""
    return f"{SIGNS[line['status']]} {line['status']}{by_rule}{why}"


def first(messages: list[dict[str, Any]], role: str) -> str:
    """The text of the first turn of a role; of the first turn where there is none."""
    return turn_text(next((turn for turn in messages if turn["role"] == role), messages[0]))


def excerpt(text: str) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[: EXCERPT - 1]}…"


@dataclass(frozen=True)
class Done:
    """What a bulk decision did.

    Args:
        batch_id: Takes it back at once.
        action: approve or reject.
        decided: Rows decided.
        left: Rows left, because someone who read them had decided.
    """

    batch_id: str
    action: Decision
    decided: int
    left: int

    def text(self) -> str:
        """For people."""
        did = "Approved" if self.action == "approve" else "Rejected"
        left = f"; {self.left:,} that a person had decided stay as they are" if self.left else ""
        return f"{did} {rows_text(self.decided)}{left}."


def rows_text(n: int) -> str:
    """Rows with their number."""
    return f"{n:,} row{'' if n == 1 else 's'}"


def decide_many(
    run: Opened, who: Person, places: np.ndarray, action: Decision, *, rule: str, reason: str | None
) -> Done:
    """Approve or reject many rows at once.

    Args:
        run: The workspace.
        who: Who decides.
        places: Kept rows.
        action: approve or reject.
        rule: How they were chosen.
        reason: Why they are rejected.

    Raises:
        NotAllowed: Below an adjudicator.
    """
    with run.pool.borrow() as store:
        office = Office(store, who)
        batch, decided, left = office.bulk(run.catalog.pairs(places), action, rule=rule, reason=reason)
    run.forget_counts()
    return Done(batch, action, decided, left)


def take_back(run: Opened, who: Person, batch_id: str) -> int:
    """Undo a bulk decision; how many rows it concerned."""
    with run.pool.borrow() as store:
        taken = Office(store, who).undo_batch(batch_id)
    run.forget_counts()
    return taken


def batches(run: Opened, who: Person) -> list[dict[str, Any]]:
    """My last bulk decisions that stand, newest first: batch_id, action, n, at, rule."""
    with run.pool.borrow() as store:
        return Office(store, who).batches()


def status_choices(stands: Stands) -> dict[str, str]:
    """Statuses with the number of their rows."""
    counts = stands.counts()
    return {status: f"{SIGNS[status]} {status} ({counts[status]:,})" for status in STATUSES}
