"""`tuneset review export`: the queue or the decisions, for use elsewhere."""

from __future__ import annotations

import argparse

from ..outcome import Outcome
from .review import add_database


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("out", metavar="OUT", help="workspace of a finished run")
    parser.add_argument("-o", "--output", metavar="FILE", help="default: exports/review-WHAT-SHAPE in OUT")
    add_shape(parser)
    parser.add_argument(
        "--what",
        metavar="WHAT",
        help="queue (rows that wait) or decisions; default: decisions for jsonl, queue for the others",
    )


def add_shape(parser: argparse.ArgumentParser) -> None:
    """The options that export and import share."""
    parser.add_argument(
        "--shape",
        default="jsonl",
        metavar="SHAPE",
        help="jsonl (ours), argilla (2.x), label-studio or csv; default: jsonl",
    )
    add_database(parser)


def run(args: argparse.Namespace) -> Outcome:
    """Export, and say what the shape does not carry."""
    from ...review_app.exchange.exporting import export_decisions

    result = export_decisions(args.out, args.output, shape=args.shape, what=args.what, database=args.database)
    return Outcome(result.as_dict(), result.text())
