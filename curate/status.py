"""Where a workspace stands: the run, decisions, versions, models, evaluations, and what to do next."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ..schemas.files import read_json
from ..schemas.run import StepCount
from ..schemas.workspace import Workspace
from .afterlife import finished_evaluations
from .contents import one_array
from .ledger import Ledger
from .version_files import VersionFiles, all_versions

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

SHOWN_PEOPLE = 8


@dataclass(frozen=True)
class ReviewProgress:
    """What people decided on the kept rows; approved + rejected + changed + open = kept.

    Args:
        approved: Rows that stand approved with their present content.
        rejected: Rows that stand rejected.
        changed: Rows approved with content that has changed since.
        open: Rows without a standing decision.
        flagged: Open rows that some step sends to a person.
        disputed: Open rows whose people disagree.
        by_people: Approved and rejected rows that people decided.
        by_rule: Those that a rule decided.
    """

    approved: int
    rejected: int
    changed: int
    open: int
    flagged: int
    disputed: int = 0
    by_people: int = 0
    by_rule: int = 0


@dataclass(frozen=True)
class Status:
    """Where a workspace stands.

    Args:
        out: The workspace.
        counts: Rows by fate.
        funnel: What each step did.
        review: Progress of review; None when it was not asked for.
        people: Decisions that stand, by person; most first.
        agreement: How far people agree: a line, and the figures; None where none share a row.
        versions: Name, created_at, counts by split, approved rows by rule or actor.
        models: Run and version.
        evaluations: Run, version, split and verdict.
        next: The next useful command, and why.
    """

    out: str
    counts: dict[str, int]
    funnel: list[StepCount]
    review: ReviewProgress | None
    people: dict[str, int]
    agreement: dict[str, Any] | None
    versions: list[dict[str, Any]]
    models: list[dict[str, Any]]
    evaluations: list[dict[str, Any]]
    next: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "funnel": [step.model_dump() for step in self.funnel]}

    def text(self) -> str:
        """The lines after the funnel, for a person."""
        c = self.counts
        lines = [
            f"rows         {c['rows_in']:,} in = {c['kept']:,} kept + {c['dropped']:,} dropped"
            f" + {c['quarantined']:,} quarantined",
        ]
        if (r := self.review) is not None:
            changed = f", {r.changed:,} changed since" if r.changed else ""
            flagged = f" ({r.flagged:,} for a person)" if r.flagged else ""
            told = f"{r.approved:,} approved, {r.rejected:,} rejected{changed}, {r.open:,} open{flagged}"
            lines.append(f"decisions    {told}")
            lines += self._people(r)
        for v in self.versions:
            shares = ", ".join(f"{split} {count:,}" for split, count in v["counts"].items())
            lines.append(f"version      {v['name']}: {shares}")
        lines += [f"model        {m['run']}: from {m['version']}" for m in self.models]
        lines += [f"evaluation   {e['run']}: {e['sentence']}" for e in self.evaluations]
        return "\n".join(
            [*lines, "", f"next         {self.next['command']}", f"             {self.next['why']}"]
        )

    def _people(self, r: ReviewProgress) -> list[str]:
        """Who decided, and how far they agree."""
        lines = []
        if r.by_people or r.by_rule or r.disputed:
            disputed = f"; {r.disputed:,} disputed" if r.disputed else ""
            lines.append(f"             {r.by_people:,} by people, {r.by_rule:,} by rule{disputed}")
        if self.people:
            told = [f"{name} {count:,}" for name, count in self.people.items()]
            more = f", and {len(told) - SHOWN_PEOPLE} more" if len(told) > SHOWN_PEOPLE else ""
            lines.append(f"people       {', '.join(told[:SHOWN_PEOPLE])}{more}")
        if self.agreement:
            lines.append(f"agreement    {self.agreement['text']}")
        return lines


def status(
    out: str | Path,
    *,
    decisions: pa.Table | None = None,
    votes: pa.Table | None = None,
    agreement: dict[str, Any] | None = None,
) -> Status:
    """Where a workspace stands.

    Args:
        out: A workspace with a finished run.
        decisions: The standing decision on each row: columns row_id, action, content_id, rule
            (`Store.current` of the review app). None leaves review progress out.
        votes: The standing decision of each person: column actor (`Store.votes`).
        agreement: How far people agree: `text`, a line, and figures.

    Raises:
        WorkspaceError: No finished run.
    """
    ledger = Ledger.open(out)
    space = ledger.workspace
    review = None if decisions is None else review_progress(ledger, decisions)
    versions = all_versions(space)
    models = [_model(space, run) for run in space.models()]
    evaluations = [_evaluation(folder) for folder in finished_evaluations(space)]
    return Status(
        out=str(space.root),
        counts=ledger.counts(),
        funnel=ledger.funnel(),
        review=review,
        people=_people_of(votes),
        agreement=agreement,
        versions=[
            {"name": v.name, "created_at": v.created_at, "counts": v.counts, "decisions": v.decisions}
            for v in versions
        ],
        models=models,
        evaluations=evaluations,
        next=_next(ledger, review, versions, models, evaluations),
    )


def review_progress(ledger: Ledger, decisions: pa.Table) -> ReviewProgress:
    """How many kept rows people decided on.

    Args:
        ledger: The run.
        decisions: The standing decision on each row: row_id, action, content_id, rule.
    """
    if decisions.num_rows == 0:
        flagged = int(pc.sum(ledger.states["review"]).as_py() or 0)
        return ReviewProgress(0, 0, 0, len(ledger.kept()), flagged)
    contents = ledger.content_ids()
    at = pc.index_in(contents["row_id"], value_set=one_array(decisions["row_id"]))
    action = decisions["action"].take(at)
    same = np.asarray(pc.fill_null(pc.equal(decisions["content_id"].take(at), contents["content_id"]), False))
    approved, rejected = (np.asarray(pc.fill_null(pc.equal(action, a), False)) for a in ("approve", "reject"))
    flagged = np.asarray(one_array(ledger.states["review"]))[ledger.kept_mask]
    open_ = ~approved & ~rejected
    disputed = np.asarray(pc.fill_null(pc.equal(action, "disputed"), False))
    ruled = np.asarray(pc.is_valid(decisions["rule"].take(at)))
    return ReviewProgress(
        approved=int((approved & same).sum()),
        rejected=int(rejected.sum()),
        changed=int((approved & ~same).sum()),
        open=int(open_.sum()),
        flagged=int((open_ & flagged).sum()),
        disputed=int(disputed.sum()),
        by_people=int((~open_ & ~ruled).sum()),
        by_rule=int((~open_ & ruled).sum()),
    )


def _people_of(votes: pa.Table | None) -> dict[str, int]:
    if votes is None:
        return {}
    counted = (
        (str(pair["values"]), int(pair["counts"])) for pair in pc.value_counts(votes["actor"]).to_pylist()
    )
    return dict(sorted(counted, key=lambda pair: (-pair[1], pair[0])))


def _model(space: Workspace, run: str) -> dict[str, Any]:
    data = read_json(space.model(run) / "manifest.json").get("data", {})
    return {"run": run, "version": data.get("version")}


def _evaluation(folder: Path) -> dict[str, Any]:
    summary = read_json(folder / "summary.json")
    return {"run": folder.name, **{k: summary.get(k) for k in ("version", "split", "verdict", "sentence")}}


def _next(
    ledger: Ledger,
    review: ReviewProgress | None,
    versions: list[VersionFiles],
    models: list[dict[str, Any]],
    evaluations: list[dict[str, Any]],
) -> dict[str, str]:
    """The next useful command: the first thing in the chain that is missing."""
    out = ledger.workspace.root
    approved = review.approved if review else 0
    stopped = ledger.workspace.stopped
    if Workspace.at(stopped).run_card.is_file():
        return _do(f"tuneset report {stopped}", "a guard rail stopped the latest run")
    if ledger.card.kept == 0:
        return _do(f"tuneset report {out}", "no row is kept; see why")
    if not approved and not versions:
        return _do(f'tuneset approve {out} --where "true"', "no row is approved")
    newest = versions[-1] if versions else None
    if newest is None or (review is not None and approved and approved != newest.total):
        have = f"; {newest.name} holds {newest.total:,}" if newest else ""
        return _do(f"tuneset freeze {out}", f"{approved:,} rows are approved{have}")
    trained = [m["run"] for m in models if m["version"] == newest.name]
    if not trained:
        return _do(f"tuneset train {out} --version {newest.name}", f"no model was trained on {newest.name}")
    if not {e["run"] for e in evaluations} & set(trained):
        return _do(f"tuneset eval {out} {trained[-1]}", f"{trained[-1]} was not evaluated")
    return _do(f"tuneset export {out} --to list", f"{trained[-1]} is trained and evaluated")


def _do(command: str, why: str) -> dict[str, str]:
    return {"command": command, "why": why}
