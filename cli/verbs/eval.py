"""`tuneset eval`: base against tuned on held-out rows."""

from __future__ import annotations

import argparse
import sys

from ...schemas.evaluation import EvaluationSummary
from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `tuneset eval`."""
    parser.add_argument("out", help="workspace folder")
    parser.add_argument("run", help="name of the trained model")
    parser.add_argument("--split", default="test", help="rows to ask: test or validation; default: test")
    parser.add_argument("--max-rows", type=int, help="ask at most so many rows")


def run(args: argparse.Namespace) -> Outcome:
    """Run `tuneset eval`."""
    from ...train import evaluate

    summary = evaluate(
        args.out,
        args.run,
        split=args.split,
        max_rows=args.max_rows,
        progress=None if args.quiet else lambda line: print(line, file=sys.stderr, flush=True),
    )
    report = f"report: {args.out}/evals/{args.run}/report.html"
    return Outcome(data=summary.model_dump(), text="\n".join([*_table(summary), summary.sentence, report]))


def _table(summary: EvaluationSummary) -> list[str]:
    lines = [f"{'metric':<12} {'base':>9} {'tuned':>9} {'diff':>9}  {'95 % interval':<19} {'p':>8}"]
    for name, m in summary.metrics.items():
        interval = f"{m.low:+.4f} to {m.high:+.4f}"
        changed = "" if m.fixed is None else f"  fixed {m.fixed}, broken {m.broken}"
        lines.append(
            f"{name:<12} {m.base:>9.4f} {m.tuned:>9.4f} {m.diff:>+9.4f}  {interval:<19} {m.p:>8.2g}{changed}"
        )
    return lines
