"""`tuneset report OUT`: (re)build report.html."""

from __future__ import annotations

import argparse

from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("out", metavar="OUT", help="a workspace with a finished run")


def run(args: argparse.Namespace) -> Outcome:
    """Build the report and say where it is."""
    from ...curate.report import report

    path = report(args.out)
    return Outcome(data={"report": str(path)}, text=str(path))
