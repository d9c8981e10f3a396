"""Plain text tables for people."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..schemas.evaluation import EvaluationSummary
from ..schemas.run import RunCard


def table(header: Sequence[str], rows: Sequence[Sequence[object]], *, left: Collection[int] = (0,)) -> str:
    """Columns padded to their widest cell; those numbered in `left` are flush left, the others right."""
    cells = [[str(c) for c in row] for row in (header, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = [
        "  ".join(
            c.ljust(w) if i in left else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]
    return "\n".join(line.rstrip() for line in lines)


def funnel_table(card: RunCard) -> str:
    """The funnel of a run: a line a step, and its reasons below it."""
    lines: list[list[object]] = []
    for step in card.steps:
        lines.append(
            [step.step, f"{step.rows_in:,}", f"{step.kept:,}", _count(step.dropped), _count(step.review), ""]
        )
        for action in ("drop", "review", "edit"):
            for reason, count in step.reasons.get(action, {}).items():
                cells = {"drop": 3, "review": 4}
                line: list[object] = [f"  {reason}", "", "", "", "", ""]
                line[cells.get(action, 5)] = f"{count:,}"
                lines.append(line)
    notes = [f"note, {step.step}: {note}" for step in card.steps for note in step.notes]
    return "\n".join([table(["step", "rows in", "kept", "dropped", "review", "edited"], lines), *notes])


def _count(number: int) -> str:
    return f"{number:,}" if number else "-"


def evaluation_table(summary: EvaluationSummary) -> str:
    """Base against tuned, a line a metric."""
    rows = [
        [
            name,
            f"{m.base:.3f}",
            f"{m.tuned:.3f}",
            f"{m.diff:+.3f}",
            f"{m.low:+.3f} to {m.high:+.3f}",
            f"{m.p:.2g}",
            m.n,
            "" if m.fixed is None else f"{m.fixed} / {m.broken}",
        ]
        for name, m in summary.metrics.items()
    ]
    header = ["metric", "base", "tuned", "difference", "95 % interval", "p", "rows", "fixed / broken"]
    return table(header, rows)
