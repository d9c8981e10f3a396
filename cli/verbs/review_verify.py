"""`tuneset review verify OUT`: the record of decisions, re-derived."""

from __future__ import annotations

import argparse

from ..outcome import Outcome
from .review import add_database


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("out", metavar="OUT", help="workspace with decisions")
    parser.add_argument(
        "--repair", action="store_true", help="derive what stands again from the events, then check"
    )
    add_database(parser)


def run(args: argparse.Namespace) -> Outcome:
    """Check every link; 1 where one is broken."""
    from ...review_app.audit import verify_record

    result = verify_record(args.out, database=args.database, repair=args.repair)
    return Outcome(result.as_dict(), result.text(), 0 if result.ok else 1)
