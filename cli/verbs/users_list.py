"""`tuneset users list OUT`: who may review."""

from __future__ import annotations

import argparse

from ..outcome import Outcome
from .review import add_database


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("out", metavar="OUT", help="workspace of a finished run")
    add_database(parser)


def run(args: argparse.Namespace) -> Outcome:
    """List everyone, disabled people too."""
    from ...review_app.users import list_users
    from ..tables import table

    found = list_users(args.out, database=args.database)
    data = [
        {"name": p.name, "role": p.role, "created_at": p.created_at, "disabled_at": p.disabled_at}
        for p in found
    ]
    rows = [
        [p.name, p.role, p.created_at or "", f"disabled {p.disabled_at}" if p.disabled_at else "enabled"]
        for p in found
    ]
    text = table(["name", "role", "since", "state"], rows, left=(0, 1, 2, 3)) if rows else "no users"
    return Outcome({"users": data}, text)
