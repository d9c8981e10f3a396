"""`tuneset freeze`: the approved rows become an immutable version."""

from __future__ import annotations

import argparse

from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("out", metavar="OUT", help="workspace with approved rows")
    parser.add_argument(
        "--name", metavar="NAME", help="name of the version; default: the next of v1, v2, ..."
    )


def run(args: argparse.Namespace) -> Outcome:
    """Freeze and say what is in the version."""
    from ...review_app.freeze import freeze

    result = freeze(args.out, name=args.name)
    return Outcome(result.as_dict(), result.text())
