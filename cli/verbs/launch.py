"""`tuneset launch`: a version as a fine-tuning job at a provider."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from ...schemas.errors import RecipeError
from ..outcome import Outcome

if TYPE_CHECKING:
    from ...train.managed import LaunchResult
    from ...train.managed.offer import Offer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    add = parser.add_argument
    add("out", metavar="OUT", help="workspace with a frozen version")
    add(
        "--to",
        required=True,
        metavar="SERVICE",
        help="openai, azure, together, fireworks, vertex, bedrock or sagemaker",
    )
    add("--model", metavar="MODEL", help="the provider's base model; needed the first time")
    add("--version", metavar="NAME", help="default: the version frozen last")
    add("--name", metavar="RUN", help="default: SERVICE-VERSION; another name is another job")
    add("--target", metavar="TARGET", help="the export format, where a service takes several")
    add(
        "--with",
        dest="changes",
        action="append",
        default=[],
        metavar="CHANGE",
        help="a change that may make a row fit, as in tuneset export; repeatable",
    )
    add(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a hyperparameter in the provider's words, over the recipe's; repeatable",
    )
    add("--prices", metavar="FILE", help="prices in place of your own table, for the cost that is shown")
    add("--yes", action="store_true", help="do not ask")
    add("--detach", action="store_true", help="stop once the job is started; the same command follows it")
    add("--dry-run", action="store_true", help="print the exact calls and make none")


def run(args: argparse.Namespace) -> Outcome:
    """Run `tuneset launch`."""
    from ...train.managed import following_hint, launch, parse_settings

    def note(line: str) -> None:
        if not args.quiet:
            print(line, file=sys.stderr, flush=True)

    try:
        result = launch(
            args.out,
            to=args.to,
            version=args.version,
            name=args.name,
            model=args.model,
            target=args.target,
            changes=args.changes,
            settings=parse_settings(args.settings),
            prices=args.prices,
            detach=args.detach,
            dry_run=args.dry_run,
            agree=lambda offer: _agree(offer, args),
            progress=note,
        )
    except KeyboardInterrupt:
        hint = following_hint(args.out, to=args.to, version=args.version, name=args.name)
        print(f"tuneset: {hint}", file=sys.stderr)
        raise
    return Outcome(result.as_dict(), _text(result, args.out), _code(result))


def _agree(offer: Offer, args: argparse.Namespace) -> bool:
    if args.yes:
        if not args.quiet:
            print(offer.text(), file=sys.stderr, flush=True)
        return True
    if not sys.stdin.isatty():
        raise RecipeError(
            "nobody can be asked: this is no terminal",
            where="tuneset launch",
            fix="look at it with --dry-run, then run it with --yes",
        )
    print(f"{offer.text()}\n\nSend this and start the job? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _code(result: LaunchResult) -> int:
    return int(result.status in ("failed", "cancelled", "declined"))


def _text(result: LaunchResult, out: str) -> str:
    if result.status == "planned":
        assert result.offer is not None
        return "\n".join([result.offer.text(), "", *result.calls])
    if result.status == "declined":
        return "nothing was sent"
    if result.status == "started":
        return f"started {result.job_id}; run the same command again to follow it"
    if result.status == "succeeded":
        return f"{result.folder}: {result.model}\nnext: tuneset eval {out} {result.run}"
    why = f": {result.message}" if result.message else ""
    return f"job {result.job_id} {result.status}{why}\nto try again: the same command with another --name"
