"""`tuneset eval`: base against tuned on held-out rows."""

from __future__ import annotations

import argparse
import sys

from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `tuneset eval`."""
    parser.add_argument("out", help="workspace folder")
    parser.add_argument("run", help="name of the trained model")
    parser.add_argument("--split", default="test", help="rows to ask: test or validation; default: test")
    parser.add_argument("--max-rows", type=int, help="ask at most so many rows")
    served = "of a hosted model: the name under which {} is served, such as a deployment"
    parser.add_argument("--base", metavar="MODEL", help=served.format("its base"))
    parser.add_argument("--tuned", metavar="MODEL", help=served.format("it"))


def run(args: argparse.Namespace) -> Outcome:
    """Run `tuneset eval`."""
    from ...train import evaluate
    from ..tables import evaluation_table

    summary = evaluate(
        args.out,
        args.run,
        split=args.split,
        max_rows=args.max_rows,
        base=args.base,
        tuned=args.tuned,
        progress=None if args.quiet else lambda line: print(line, file=sys.stderr, flush=True),
    )
    lines = [evaluation_table(summary), "", summary.sentence, *_used(summary.settings.get("tokens"))]
    lines.append(f"report: {args.out}/evals/{args.run}/report.html")
    return Outcome(data=summary.model_dump(), text="\n".join(lines))


def _used(tokens: dict[str, dict[str, int | None]] | None) -> list[str]:
    """What a provider counted; it is on its bill."""
    if tokens is None:
        return []
    told = [
        f"{who} {'not told' if n is None else f'{n:,}'} {kind}"
        for who, counts in tokens.items()
        for kind, n in counts.items()
    ]
    return [f"tokens that the provider counted: {', '.join(told)}"]
