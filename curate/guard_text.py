"""What a stopped run says, in three parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..schemas.errors import GuardError
from ..schemas.run import DroppedRow, Guard, LargeDrop
from .report.escape import share

TOP_REASONS = 3
SHOWN = 5
IN_WORDS = {"source": "the source", "language": "the language", "length": "the"}


def guard_error(guard: Guard, stopped: Path) -> GuardError:
    """The error of a run that was not published.

    Args:
        guard: What was found.
        stopped: The workspace in which the run can be looked at.
    """
    steps = list(dict.fromkeys(f.step for f in guard.findings))
    first = guard.findings[0].examples[0]
    return GuardError(
        _what(guard),
        where=f"{_steps(steps)}; the whole run is in {stopped}, and {stopped.parent} is as it was",
        fix=(
            f"look: tuneset explain {stopped} {first.file}:{first.row} or open {stopped / 'report.html'};"
            f" then loosen {' and '.join(steps)} in the recipe, or go on with --accept-drops"
        ),
        findings=[finding.model_dump(mode="json") for finding in guard.findings],
        stopped=str(stopped),
    )


def _steps(names: Sequence[str]) -> str:
    return f"step {names[0]}" if len(names) == 1 else f"steps {', '.join(names)}"


def _what(guard: Guard) -> str:
    n = len(guard.findings)
    head = "a group of rows loses" if n == 1 else f"{n} groups of rows lose"
    limit = share(guard.max_drop_ratio or 0, 1)
    lines = [f"{head} more than {limit} to one step, so the run stopped"]
    told: set[str] = set()
    for finding in guard.findings[:SHOWN]:
        lines.append(f"    {sentence(finding)}")
        lines += [f"      {_row(e)}" for e in finding.examples if e.row_id not in told]
        told |= {e.row_id for e in finding.examples}
    if n > SHOWN:
        lines.append(f"    and {n - SHOWN} more groups, in run.json")
    return "\n".join(lines)


def sentence(finding: LargeDrop) -> str:
    """One finding: step, group, counts and the main reasons."""
    top = list(finding.reasons.items())[:TOP_REASONS]
    reasons = ", ".join(f"{code} {count:,}" for code, count in top)
    group = f"'{finding.group}'" if finding.kind != "length" else finding.group
    return (
        f"{finding.step} would drop {finding.dropped:,} of {finding.rows:,} rows"
        f" ({share(finding.dropped, finding.rows)}) of {IN_WORDS[finding.kind]} {group}: {reasons}"
    )


def _row(example: DroppedRow) -> str:
    partner = f", for {example.related_id}" if example.related_id else ""
    return f"{example.file}:{example.row} ({example.row_id}{partner}): {example.text}"
