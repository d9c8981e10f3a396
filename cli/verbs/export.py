"""`tuneset export`: a version in a provider's shape."""

from __future__ import annotations

import argparse

from ...schemas.errors import RecipeError
from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("out", metavar="OUT", nargs="?", help="workspace with a frozen version")
    parser.add_argument(
        "--to", required=True, metavar="TARGET", help="the provider's format; `list` shows all"
    )
    parser.add_argument("--version", dest="name", metavar="NAME", help="default: the version frozen last")
    parser.add_argument("-o", "--output", metavar="DIR", help="default: exports/TARGET-VERSION in OUT")


def run(args: argparse.Namespace) -> Outcome:
    """Export, or list the targets."""
    from ...curate.export import TARGETS, export

    if args.to == "list":
        summaries = {name: target.summary for name, target in TARGETS.items()}
        return Outcome({"targets": summaries}, "\n".join(f"{n:<9} {s}" for n, s in summaries.items()))
    if args.out is None:
        raise RecipeError(
            "no workspace is named", where="tuneset export", fix="run: tuneset export OUT --to TARGET"
        )
    result = export(args.out, to=args.to, version=args.name, output=args.output)
    return Outcome(result.as_dict(), result.text())
