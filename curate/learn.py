"""The quality model of a workspace, learned from its reviewers' decisions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ..schemas.errors import WorkspaceError
from ..schemas.files import write_json
from ..schemas.workspace import Workspace
from .ledger import Ledger
from .quality.learned_model import LearnedModel, find_learned
from .quality.learning import Examples, learned
from .quality.pool import Pool, measured_pool
from .quality.queue import audit_rows, audited, write_queue
from .standing import Decided, Standing, State

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

MIN_DECISIONS = 50
MIN_EACH = 5
DUPLICATE = ("duplicate", "not_kept")
"""Reasons of a rejection that compare a row with another, and say nothing of its own quality."""


@dataclass(frozen=True)
class Learned:
    """What was learned.

    Args:
        out: The workspace.
        card: What `quality/model.json` tells: counts, figures with intervals, threshold and audit.
        queue: Rows in `quality/queue.parquet`.
        model: The model's file.
    """

    out: str
    card: dict[str, Any]
    queue: int
    model: str

    def as_dict(self) -> dict[str, Any]:
        return {"out": self.out, "model": self.model, "queue": self.queue, **self.card}

    def text(self) -> str:
        """A few lines for a person."""
        card = self.card
        lines = [
            f"learned from {card['decisions']:,} decisions: {card['approved']:,} approved,"
            f" {card['rejected']:,} rejected or edited (by rule: {card['by_rule']:,}, changed since:"
            f" {card['changed']:,}, disputed or duplicate: {card['unsaid']:,}, all left out)",
            "on decisions that the model did not see, with 95 % intervals:",
        ]
        for name, told in card["figures"].items():
            lines.append(f"  {name:<18} {told['value']:.3f}  [{told['low']:.3f}, {told['high']:.3f}]")
        for told in card["precision"]:
            if told["n"]:
                share = f"{told['precision']:.3f}  [{told['low']:.3f}, {told['high']:.3f}]"
                lines.append(f"  approved at {told['threshold']:.2f}   {share}  of {told['n']:,}")
        return "\n".join([*lines, *self._advice()])

    def _advice(self) -> list[str]:
        card = self.card
        proposed, audit = card["proposed"], card["audit"]
        lines = [
            f"queue: {self.queue:,} open rows, the most uncertain first, in {self.out}/quality/queue.parquet"
        ]
        if proposed is None:
            return [*lines, "no threshold is sure enough for automatic approval yet: decide on more rows"]
        lines.append(
            f'proposed: approve --where "quality >= {proposed["threshold"]:.2f}"; expected to be right in'
            f" {proposed['precision']:.1%} [{proposed['low']:.1%}, {proposed['high']:.1%}]"
        )
        if audit is not None:
            told = f"{audit['decided']:,} of {len(audit['rows']):,} decided"
            if audit["decided"]:
                told += f", {audit['precision']:.1%} right [{audit['low']:.1%}, {audit['high']:.1%}]"
            lines.append(f"audit at {audit['threshold']:.2f}: {told}")
            lines += [f"  {row}" for row in audit["open"][:5]]
            if len(audit["open"]) > 5:
                lines.append(f"  and {len(audit['open']) - 5:,} more, marked `audit` in the queue")
        return lines


def learn(out: str | Path, *, decisions: pa.Table, editions: pa.Table | None = None) -> Learned:
    """Learn the quality score of a workspace from its reviewers' decisions.

    An approval says that a row is good; a rejection, or an approval with an edit, that it is not as it was.
    Decisions by a rule, on content that has changed since, on which reviewers disagree, and rejections of a
    duplicate teach nothing. The next `curate` into the workspace scores with the model.

    Args:
        out: A workspace with a finished run that has the step `quality`.
        decisions: The standing decision on each row: columns row_id, seq, action, content_id, rule
            (`Store.current` of the review app).
        editions: What reviewers wrote (`Store.editions`).

    Raises:
        WorkspaceError: No finished run, no step `quality` in it, or too few decisions.
    """
    ledger = Ledger.open(out)
    pool = measured_pool(ledger)
    decided = Decided(decisions, editions)
    decisions = decided.decisions
    standing = decided.match(pool.row_ids, pool.content_ids)
    examples = _examples(decisions, standing)
    _check_enough(examples, ledger.workspace)
    before = find_learned_or_none(ledger.workspace)
    seed = ledger.card.seed
    model, scores = learned(pool, examples, seed)
    open_rows = _open_rows(ledger, pool, standing)
    earlier = audited(before.described.card.get("audit") if before else None, decisions)
    audit = audit_rows(earlier, model.card["proposed"], pool, scores, open_rows, seed)
    described = model.model_copy(update={"card": {**model.card, "audit": audit}})
    count = write_queue(ledger.workspace.quality_queue, described, pool, open_rows, audit, seed)
    write_json(ledger.workspace.quality_model, described.model_dump(mode="json"))
    return Learned(str(out), described.card, count, str(ledger.workspace.quality_model))


def learn_if_due(out: str | Path, *, decisions: pa.Table, editions: pa.Table | None = None) -> Learned | None:
    """Learn anew where at least 50 decisions are newer than the workspace's model; else None.

    Args:
        out: A workspace, with or without a finished run.
        decisions: As in `learn`.
        editions: As in `learn`.
    """
    space = Workspace.at(out)
    if not space.run_card.is_file() or decisions.num_rows < MIN_DECISIONS:
        return None
    model = find_learned_or_none(space)
    told = decisions.filter(pc.is_null(decisions["rule"]))
    newer = pc.sum(pc.greater(told["seq"], model.described.decided if model else 0)).as_py() or 0
    if newer < MIN_DECISIONS or "quality" not in [s.step for s in Ledger.open(out).card.steps]:
        return None
    counts = pc.sum(pc.equal(told["action"], "approve")).as_py() or 0
    if min(counts, told.num_rows - counts) < MIN_EACH:
        return None
    try:
        return learn(out, decisions=decisions, editions=editions)
    except WorkspaceError:  # too few decisions hold for the present content: the model stays as it is
        return None


def find_learned_or_none(space: Workspace) -> LearnedModel | None:
    """The model in a workspace; None where there is none, or one that no longer fits: it is replaced."""
    try:
        return find_learned(space)
    except WorkspaceError:
        return None


def _examples(decisions: pa.Table, standing: Standing) -> Examples:
    """The decisions that teach: by people one by one, on the content that the score is of."""
    lines = decisions.take(pa.array(standing.at, mask=standing.at < 0))
    by_person = np.asarray(pc.and_(pc.is_valid(lines["seq"]), pc.is_null(lines["rule"])), bool)
    duplicate = np.asarray(pc.is_in(lines["reason"], value_set=pa.array(DUPLICATE)), bool)
    says = standing.among(State.APPROVED, State.EDITED, State.REJECTED)
    unsaid = standing.among(State.DISPUTED) | (standing.among(State.REJECTED) & duplicate)
    rows = _once(standing, by_person & says & ~unsaid)
    people = decisions.num_rows - int(pc.count(decisions["rule"]).as_py())
    left = len(_once(standing, by_person & unsaid))
    return Examples(
        rows=rows,
        good=standing.among(State.APPROVED)[rows],
        last=int(pc.max(decisions["seq"]).as_py() or 0),
        by_rule=decisions.num_rows - people,
        changed=people - len(rows) - left,
        edited=int(standing.among(State.EDITED)[rows].sum()),
        unsaid=left,
    )


def _once(standing: Standing, mask: np.ndarray) -> np.ndarray:
    """Positions of the rows under a mask, of those that share a decision the first."""
    rows = np.flatnonzero(mask)
    return np.sort(rows[np.unique(standing.at[rows], return_index=True)[1]])


def _check_enough(examples: Examples, space: Workspace) -> None:
    n, approved = len(examples.good), int(examples.good.sum())
    left = f"; {examples.by_rule:,} by a rule and {examples.changed:,} on other content teach nothing"
    if n < MIN_DECISIONS:
        raise WorkspaceError(
            f"{n} decisions are too few to learn from{left}",
            where=str(space.root),
            fix=f"decide on {MIN_DECISIONS - n} rows more",
        )
    if min(approved, n - approved) < MIN_EACH:
        kind = "approved" if approved < MIN_EACH else "rejected"
        raise WorkspaceError(
            f"only {min(approved, n - approved)} of {n} decisions are {kind}{left}",
            where=str(space.root),
            fix=f"have at least {MIN_EACH} rows {kind}",
        )


def _open_rows(ledger: Ledger, pool: Pool, standing: Standing) -> np.ndarray:
    """Positions in the pool of the kept rows on which no decision stands, shape (n,)."""
    kept = np.asarray(pc.is_in(pool.row_ids, value_set=ledger.kept()), bool)
    stale = standing.among(State.CHANGED) & ~standing.rejected
    return np.flatnonzero(kept & (standing.among(State.OPEN) | stale))
