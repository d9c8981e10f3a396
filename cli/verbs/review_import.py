"""`tuneset review import`: decisions that were made elsewhere, checked line by line."""

from __future__ import annotations

import argparse

from ...schemas.errors import RecipeError
from ..outcome import Outcome
from .review_export import add_shape


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("out", metavar="OUT", help="workspace of a finished run")
    parser.add_argument("file", metavar="FILE", help="decisions, or what the other tool exported")
    add_shape(parser)
    parser.add_argument(
        "--as",
        dest="importer",
        metavar="NAME",
        help="who imports, and the annotator of lines that name none; default: your user name",
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="THEIRS=OURS",
        help="an annotator's name in the file, and in the record; may be given several times",
    )
    parser.add_argument(
        "--skip-bad", action="store_true", help="leave out decisions with problems; default: import nothing"
    )
    parser.add_argument(
        "--all-submitted",
        action="store_true",
        help="argilla: responses that do not say whether they were submitted were",
    )


def run(args: argparse.Namespace) -> Outcome:
    """Import, or list what is wrong; exit code 1 when nothing was imported because of problems."""
    from ...review_app.exchange.importing import import_decisions

    result = import_decisions(
        args.out,
        args.file,
        shape=args.shape,
        importer=args.importer,
        skip_bad=args.skip_bad,
        names=_names(args.name),
        all_submitted=args.all_submitted,
        database=args.database,
    )
    return Outcome(result.as_dict(), result.text(), 0 if result.stored else 1)


def _names(pairs: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        theirs, _, ours = pair.rpartition("=")
        if not theirs or not ours:
            raise RecipeError(
                f"{pair!r} is no pair of names", where="--name", fix="write --name THEIRS=OURS, such as 7=ana"
            )
        found[theirs] = ours
    return found
