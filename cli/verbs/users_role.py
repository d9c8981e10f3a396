"""`tuneset users role OUT NAME ROLE`: another role."""

from __future__ import annotations

import argparse

from ..outcome import Outcome
from .review import add_database
from .users import add_person, add_role


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    add_person(parser, "name of the user")
    add_role(parser, "role")
    add_database(parser)


def run(args: argparse.Namespace) -> Outcome:
    """Change the role; it counts from the next click on."""
    from ...review_app.users import set_role

    person = set_role(args.out, args.name, args.role, database=args.database)
    return Outcome({"name": person.name, "role": person.role}, f"{person.name} is {person.role} now")
