"""Bulk decisions: approve the kept rows that a rule takes, each recorded as an event of its own."""

from __future__ import annotations

import getpass
import os
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ..curate.contents import one_array
from ..curate.ledger import Ledger
from ..curate.standing import Decided, State
from ..schemas.errors import RecipeError, WorkspaceError
from .record_place import record_of
from .rule_fields import Fields
from .rule_mask import mask
from .rules import parse
from .sample import seeded_order
from .store import Draft, Store

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them


@dataclass(frozen=True)
class ApproveResult:
    """What one bulk decision did; approved + already + left_* + not_sampled = matched.

    Args:
        rule: The rule as given.
        actor: Who decided.
        batch_id: Joins the new events; None when there were none.
        kept: Kept rows of the run.
        matched: Kept rows that the rule takes.
        approved: Rows approved now.
        already: Rows that stood approved with the same content, or with a reviewer's edit of it.
        left_for_review: Rows that a step sends to a person; only a rule that names `review` takes them.
        left_rejected: Rows that a reviewer rejected; a rule never overrides a person.
        left_disputed: Rows on which reviewers disagree.
        not_sampled: Rows outside the sample.
    """

    rule: str
    actor: str
    batch_id: str | None
    kept: int
    matched: int
    approved: int
    already: int
    left_for_review: int
    left_rejected: int
    left_disputed: int
    not_sampled: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def text(self) -> str:
        """A few lines for a person."""
        lines = [
            f"approved {self.approved:,} of {self.kept:,} kept rows (rule: {self.rule}; by {self.actor})"
        ]
        if self.already:
            lines.append(f"  {self.already:,} stood approved already")
        if self.left_for_review:
            lines.append(
                f"  {self.left_for_review:,} left for a person: a step flagged them; "
                "to take them too, name the field: review == true"
            )
        if self.left_rejected:
            lines.append(f"  {self.left_rejected:,} left: a reviewer rejected them")
        if self.left_disputed:
            lines.append(f"  {self.left_disputed:,} left: reviewers disagree")
        if self.not_sampled:
            lines.append(f"  {self.not_sampled:,} matched, outside the sample")
        return "\n".join(lines)


def approve(
    out: str | Path, *, where: str, sample: int | None = None, actor: str | None = None
) -> ApproveResult:
    """Approve the kept rows that a rule takes.

    Three kinds of row are left alone, and counted: rows that a step sends to a person, unless the rule
    itself names the field `review`; rows that stand rejected; and rows on which reviewers disagree. A row
    that stands approved with the same content, or with a reviewer's edit of it, gets no second event, so the
    same call again adds nothing.

    Args:
        out: A workspace with a finished run.
        where: The rule, in the language of `review_app.rules`; "true" takes every row.
        sample: Approve this many of the matched rows, drawn with the run's seed; None takes all.
        actor: Who decides. Default: the user name of the operating system.

    Raises:
        RecipeError: A rule that cannot be read, or a sample below 1.
        WorkspaceError: No finished run, or a record of decisions that does not hold.
    """
    if sample is not None and sample < 1:
        raise RecipeError(f"a sample of {sample} rows is empty", where="--sample", fix="name 1 or more rows")
    rule = parse(where)
    ledger = Ledger.open(out)
    if ledger.card.guard.stopped:
        raise WorkspaceError(
            f"the run in {str(out)!r} was stopped by a guard rail",
            where=str(out),
            fix="curate again with a changed recipe or --accept-drops, and approve that run",
        )
    matched = np.asarray(mask(rule, Fields(ledger).columns(rule), len(ledger.kept())))
    flagged = np.asarray(one_array(ledger.states["review"]))[ledger.kept_mask]
    names_review = any(field.name == "review" for field in rule.fields())
    free = matched if names_review else matched & ~flagged
    drawn = free if sample is None else free & _sampled(ledger, free, sample)
    actor = actor or user_name()
    with Store.open(record_of(ledger.workspace)) as store:
        contents = ledger.content_ids()
        with store.transaction():
            already, rejected, disputed = _standing(store, contents)
            open_ = ~already & ~rejected & ~disputed
            new = drawn & open_
            batch_id = str(uuid.uuid4()) if new.any() else None
            chosen = contents.filter(pa.array(new))
            rows = zip(chosen["row_id"].to_pylist(), chosen["content_id"].to_pylist(), strict=True)
            drafts = (Draft("approve", r, c, rule=where, batch_id=batch_id, task="rule") for r, c in rows)
            approved = store.append_many(drafts, actor=actor)
    return ApproveResult(
        rule=where,
        actor=actor,
        batch_id=batch_id,
        kept=len(matched),
        matched=int(matched.sum()),
        approved=approved,
        already=int((matched & already).sum()),
        left_for_review=int((matched & ~free & open_).sum()),
        left_rejected=int((matched & rejected).sum()),
        left_disputed=int((matched & disputed).sum()),
        not_sampled=int((free & ~drawn & open_).sum()),
    )


def _standing(store: Store, contents: pa.Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which kept rows stand approved, which rejected, and on which reviewers disagree.

    A rejection counts whatever content it was made on: no rule brings such a row back.
    """
    decided = Decided(store.current(), store.editions())
    found = decided.match(*(one_array(contents[name]) for name in ("row_id", "content_id")))
    return found.among(State.APPROVED, State.EDITED), found.rejected, found.disputed


def _sampled(ledger: Ledger, free: np.ndarray, sample: int) -> np.ndarray:
    """The first `sample` of the free rows in the run's seeded order, as a mask over the kept rows."""
    positions = np.flatnonzero(free)
    ids = ledger.kept().take(pa.array(positions)).to_pylist()
    chosen = np.zeros(len(free), dtype=bool)
    chosen[positions[seeded_order(ids, ledger.card.seed)[:sample]]] = True
    return chosen


def user_name() -> str:
    """The user name of the operating system; the user's number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"
