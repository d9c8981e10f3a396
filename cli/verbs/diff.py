"""`tuneset diff`: two versions or runs side by side."""

from __future__ import annotations

import argparse

from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("out", metavar="OUT", help="workspace")
    parser.add_argument(
        "a", metavar="A", help="a version of OUT, or the folder of a version or of another run"
    )
    parser.add_argument("b", metavar="B", help="the same")


def run(args: argparse.Namespace) -> Outcome:
    """Compare, and say what differs."""
    from ...curate.diff import diff

    found = diff(args.out, args.a, args.b)
    return Outcome(found.as_dict(), found.text())
