"""`tuneset users disable OUT NAME`: let someone do nothing from now on."""

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
    """Disable the user; what they decided stays."""
    from ...review_app.users import disable_user

    person = disable_user(args.out, args.name, database=args.database)
    return Outcome(
        {"name": person.name, "disabled_at": person.disabled_at},
        f"{person.name} is disabled; what they decided stays",
    )
