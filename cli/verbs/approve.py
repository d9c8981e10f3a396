"""`tuneset approve`: a bulk decision over kept rows, recorded with its rule and actor."""

from __future__ import annotations

import argparse

from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("out", metavar="OUT", help="workspace of a finished run")
    parser.add_argument(
        "--where",
        required=True,
        metavar="RULE",
        help="which kept rows, such as \"language == 'en' and source.row > 100\"; true takes all but rows "
        "that a step sends to a person (name the field `review` to take those)",
    )
    parser.add_argument("--sample", type=int, metavar="N", help="only N of them, drawn with the run's seed")
    parser.add_argument("--actor", metavar="NAME", help="who decides; default: your user name")


def run(args: argparse.Namespace) -> Outcome:
    """Approve and say what was left."""
    from ...review_app.approve import approve

    result = approve(args.out, where=args.where, sample=args.sample, actor=args.actor)
    return Outcome(result.as_dict(), result.text())
