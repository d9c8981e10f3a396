"""`tuneset users token OUT NAME`: a new token in place of the old one."""

from __future__ import annotations

import argparse

from ..outcome import Outcome
from .review import add_database
from .users import add_person


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    add_person(parser, "name of the user")
    add_database(parser)


def run(args: argparse.Namespace) -> Outcome:
    """Show the new token this once; the old one and its sessions end."""
    from ...review_app.users import new_token

    made = new_token(args.out, args.name, database=args.database)
    return Outcome(made.as_dict(), made.text())
