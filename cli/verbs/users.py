"""`tuneset users`: names its sub-verbs, and holds the arguments that they share."""

from __future__ import annotations

import argparse

from ..outcome import Outcome

SUB_VERBS = ("add", "list", "role", "token", "disable")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("action", choices=SUB_VERBS, help="what to do; each has its own --help")


def run(args: argparse.Namespace) -> Outcome:
    """Say that the action came in the wrong place."""
    from ...schemas.errors import RecipeError

    raise RecipeError(
        f"{args.action!r} does not stand right after `users`",
        where="tuneset users",
        fix=f"run: tuneset users {args.action} OUT",
    )


def add_person(parser: argparse.ArgumentParser, meaning: str) -> None:
    """OUT and NAME."""
    parser.add_argument("out", metavar="OUT", help="workspace of a finished run")
    parser.add_argument("name", metavar="NAME", help=meaning)


def add_role(parser: argparse.ArgumentParser, spelled: str, default: str | None = None) -> None:
    """The role, as an argument or an option."""
    from ...schemas.review import ROLES

    told = "viewer reads; reviewer decides; adjudicator settles and decides in bulk; admin manages users"
    if default is None:
        parser.add_argument(spelled, choices=ROLES, help=told)
    else:
        parser.add_argument(spelled, choices=ROLES, default=default, help=f"{told} (default: {default})")
