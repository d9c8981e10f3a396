"""`tuneset users`: who may review, from the command line of whoever owns the workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..schemas.workspace import Workspace
from . import people as folk
from .approve import user_name
from .people import Person
from .record_place import record_of
from .store import Store


@dataclass(frozen=True)
class NewToken:
    """A token that is shown once.

    Args:
        name: Whom it belongs to.
        role: Their role.
        token: What they sign in with.
    """

    name: str
    role: str
    token: str

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "role": self.role, "token": self.token}

    def text(self) -> str:
        """A few lines for a person."""
        return (
            f"{self.name} ({self.role}) signs in with this token, which is shown this once:\n\n"
            f"  {self.token}\n\nor with the link: ADDRESS-OF-THE-APP/?token={self.token}"
        )


def list_users(out: str | Path, *, database: str | None = None) -> list[Person]:
    """Everyone in the record, by name, disabled people too."""
    with _record(out, database) as store:
        return folk.people(store)


def add_user(out: str | Path, name: str, *, role: str = "reviewer", database: str | None = None) -> NewToken:
    """Let someone review.

    Args:
        out: A workspace with a finished run.
        name: The name in every event; the e-mail address for those who sign in by OpenID Connect.
        role: viewer, reviewer, adjudicator or admin.
        database: A PostgreSQL address in place of OUT/review.db.

    Raises:
        RecipeError: A name that is taken or cannot be a name, or no such role.
        WorkspaceError: No finished run, or a record that cannot be written.
    """
    with _record(out, database) as store:
        return NewToken(name, role, folk.add_person(store, name, role, by=user_name()))


def set_role(out: str | Path, name: str, role: str, *, database: str | None = None) -> Person:
    """Give a person another role."""
    with _record(out, database) as store:
        folk.set_role(store, name, role, by=user_name())
        return folk.require(store, name)


def disable_user(out: str | Path, name: str, *, database: str | None = None) -> Person:
    """Let a person do nothing from now on; what they decided stays."""
    with _record(out, database) as store:
        folk.disable_person(store, name, by=user_name())
        return folk.require(store, name)


def new_token(out: str | Path, name: str, *, database: str | None = None) -> NewToken:
    """A new token in place of the old one, whose sessions end; a disabled person is enabled by it."""
    with _record(out, database) as store:
        token = folk.new_token(store, name, by=user_name())
        return NewToken(name, folk.require(store, name).role, token)


@contextmanager
def _record(out: str | Path, database: str | None) -> Iterator[Store]:
    space = Workspace.at(out).require_run()
    with Store.open(record_of(space, database)) as store:
        yield store
