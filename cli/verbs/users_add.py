"""`tuneset users add OUT NAME`: let someone review."""

from __future__ import annotations

import argparse

from ..outcome import Outcome
from .review import add_database
from .users import add_person, add_role


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    add_person(parser, "name of the new user; the e-mail address for those who sign in by OpenID Connect")
    add_role(parser, "--role", default="reviewer")
    add_database(parser)


def run(args: argparse.Namespace) -> Outcome:
    """Add the user and show their token this once."""
    from ...review_app.users import add_user

    made = add_user(args.out, args.name, role=args.role, database=args.database)
    return Outcome(made.as_dict(), made.text())
