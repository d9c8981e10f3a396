"""`tuneset check`: any file against a provider's rules."""

from __future__ import annotations

import argparse

from ...schemas.errors import RecipeError
from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("file", metavar="FILE", help="a file of rows, or the folder of an export")
    parser.add_argument(
        "--for",
        dest="target",
        metavar="TARGET",
        help="the provider's format; `tuneset export --to list` shows all; an export names its own",
    )
    parser.add_argument("--validation", metavar="FILE", help="the validation file that goes with it")
    parser.add_argument(
        "--limit",
        type=int,
        default=5,
        metavar="N",
        help="problems shown of each kind (default: 5); all are counted",
    )
    parser.add_argument(
        "--fix",
        action="store_true",
        help="write a repaired copy: what is certain is repaired and counted, the rest is left out by name",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="the copy; default: NAME.fixed.jsonl beside the file"
    )
    parser.add_argument("--model", metavar="NAME", help="the base model, for its tokenizer and its price")
    parser.add_argument(
        "--tokenizer",
        metavar="NAME",
        help="what counts tokens: o200k_base, cl100k_base, a tokenizer.json, a folder, a model on this"
        " machine, or estimate (default: the target's where it is at hand, else an estimate)",
    )
    parser.add_argument(
        "--epochs", type=float, metavar="N", help="default: the service's, where it is published"
    )
    parser.add_argument(
        "--prices", metavar="FILE", help="default: ~/.config/tuneset/prices.yaml over our table"
    )
    parser.add_argument(
        "--problems", metavar="FILE", help="write every problem there, one JSON object a line"
    )


def run(args: argparse.Namespace) -> Outcome:
    """Check, or check and repair."""
    from ...curate.export import check, fix

    if args.output is not None and not args.fix:
        raise RecipeError("-o without --fix", where="tuneset check", fix="add --fix, or leave -o out")
    if args.fix:
        if args.target is None:
            raise RecipeError("--fix without --for", where="tuneset check", fix="name the target with --for")
        fixed = fix(args.file, target=args.target, output=args.output, validation=args.validation)
        return Outcome(fixed.as_dict(), fixed.text(), 0 if fixed.passed else 1)
    result = check(
        args.file,
        target=args.target,
        validation=args.validation,
        limit=args.limit,
        problems=args.problems,
        model=args.model,
        tokenizer=args.tokenizer,
        epochs=args.epochs,
        prices=args.prices,
    )
    return Outcome(result.as_dict(), result.text(), 0 if result.passed else 1)
