"""Who may review: names, roles and tokens. A token is shown once; the record keeps its hash."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..schemas.errors import NotAllowed, RecipeError, did_you_mean
from ..schemas.example import canonical_json
from ..schemas.review import ROLES, Role
from .store import Draft, Store

NAME = re.compile(r"[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]{0,99}")
TOKEN_BYTES = 32
FIND = "SELECT name, role, created_at, disabled_at FROM person"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who may use the app.

    Args:
        name: The name in every event.
        role: viewer, reviewer, adjudicator or admin; each may do what those before it may.
        owner: The one who started the app on this machine and owns its files; not a line of the record.
        disabled_at: Since when the person may do nothing, or None.
        created_at: When the person was added.
    """

    name: str
    role: Role
    owner: bool = False
    disabled_at: str | None = None
    created_at: str | None = None

    def may(self, role: Role) -> bool:
        """Whether the person has this role or a higher one."""
        return self.disabled_at is None and ROLES.index(self.role) >= ROLES.index(role)


def people(store: Store) -> list[Person]:
    """Everyone in the record, by name."""
    with store.db.speaking():
        return [_person(r) for r in store.db.rows(f"{FIND} ORDER BY name")]


def person(store: Store, name: str) -> Person | None:
    """One person, or None."""
    with store.db.speaking():
        found = store.db.rows(f"{FIND} WHERE name = :name", {"name": name})
    return _person(found[0]) if found else None


def person_of_token(store: Store, token: str) -> Person | None:
    """The enabled person whom a token belongs to, or None."""
    with store.db.speaking():
        found = store.db.rows(
            f"{FIND} WHERE token_sha256 = :hash AND disabled_at IS NULL", {"hash": _hash(token)}
        )
    return _person(found[0]) if found else None


def sign_in_stamp(store: Store, name: str) -> str | None:
    """What changes when an enabled person's token is renewed; None: unknown or disabled."""
    with store.db.speaking():
        found = store.db.rows(
            "SELECT token_sha256 FROM person WHERE name = :name AND disabled_at IS NULL", {"name": name}
        )
    return found[0]["token_sha256"] if found else None


def add_person(store: Store, name: str, role: str, *, by: str) -> str:
    """Let someone review; the token that signs them in, which is not kept.

    Raises:
        RecipeError: A name that is taken or cannot be a name, or no such role.
    """
    if not NAME.fullmatch(name):
        raise RecipeError(
            f"{name!r} cannot be a user's name", where="the name", fix="use 1 to 100 printable characters"
        )
    _check_role(role)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with store.transaction() as now:
        if person(store, name):
            raise RecipeError(
                f"there is a user {name!r} already",
                where=store.where,
                fix="choose another name, or make a new token for this one",
            )
        store.db.run(
            "INSERT INTO person (name, role, token_sha256, created_at) VALUES (:name, :role, :hash, :at)",
            {"name": name, "role": role, "hash": _hash(token), "at": now},
        )
        _tell(store, by, {"what": "add", "name": name, "role": role})
    return token


def set_role(store: Store, name: str, role: str, *, by: str) -> None:
    """Give a person another role.

    Raises:
        RecipeError: No such person or role.
    """
    _check_role(role)
    with store.transaction():
        require(store, name)
        store.db.run("UPDATE person SET role = :role WHERE name = :name", {"role": role, "name": name})
        _tell(store, by, {"what": "role", "name": name, "role": role})


def disable_person(store: Store, name: str, *, by: str) -> None:
    """Let a person do nothing from now on; what they decided stays.

    Raises:
        RecipeError: No such person.
    """
    with store.transaction() as now:
        require(store, name)
        store.db.run(
            "UPDATE person SET disabled_at = :at, token_sha256 = NULL WHERE name = :name",
            {"at": now, "name": name},
        )
        store.db.run("DELETE FROM lease WHERE actor = :name", {"name": name})
        _tell(store, by, {"what": "disable", "name": name})


def new_token(store: Store, name: str, *, by: str) -> str:
    """A new token in place of the old one; a disabled person is enabled by it.

    Raises:
        RecipeError: No such person.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with store.transaction():
        require(store, name)
        store.db.run(
            "UPDATE person SET token_sha256 = :hash, disabled_at = NULL WHERE name = :name",
            {"hash": _hash(token), "name": name},
        )
        _tell(store, by, {"what": "token", "name": name})
    return token


def require(store: Store, name: str) -> Person:
    """The person of this name.

    Raises:
        RecipeError: There is none.
    """
    found = person(store, name)
    if found is None:
        names = [p.name for p in people(store)]
        raise RecipeError(f"no user {name!r}", where=store.where, fix=did_you_mean(name, names))
    return found


def allowed(store: Store, who: Person, role: Role, what: str) -> Person:
    """The person as the record knows them now, when they may do this.

    Raises:
        NotAllowed: Removed, disabled, or of a lower role.
    """
    return checked(who if who.owner else person(store, who.name), who, role, what, where=store.where)


def checked(present: Person | None, who: Person, role: Role, what: str, *, where: str) -> Person:
    """The person as the record knows them, when they may do this.

    Raises:
        NotAllowed: Removed, disabled, or of a lower role.
    """
    if present is None or not present.may(role):
        has = "is not a user" if present is None else f"is {present.role}"
        if present is not None and present.disabled_at:
            has = "is disabled"
        raise NotAllowed(
            f"{who.name!r} {has}, and {what} takes the role {role}",
            where=where,
            fix="ask an admin for the role",
        )
    return present


def _person(row: Mapping[str, Any]) -> Person:
    return Person(row["name"], row["role"], False, row["disabled_at"], row["created_at"])


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise RecipeError(f"no role {role!r}", where="the role", fix=did_you_mean(role, ROLES))


def _tell(store: Store, by: str, value: dict[str, str]) -> None:
    store.append_many([Draft("user", task="admin", value=canonical_json(value))], actor=by)


def _hash(token: str) -> str:
    """SHA-256 is enough for a random token of 256 bits."""
    return hashlib.sha256(token.encode()).hexdigest()
