"""Accounts of the record's users, and of the owner who starts the server on their own machine."""

from __future__ import annotations

import hmac
import secrets

from ..people import person_of_token, sign_in_stamp
from ..store_pool import StorePool
from .accounts import Account, SignIn


class RecordSignIn:
    """The users of a record.

    Args:
        pool: The record.
    """

    def __init__(self, pool: StorePool) -> None:
        self._pool = pool

    def of_token(self, token: str) -> Account | None:
        """Found by the token's SHA-256, so that time tells nothing of the token."""
        with self._pool.borrow() as store:
            found = person_of_token(store, token)
            stamp = sign_in_stamp(store, found.name) if found else None
        return Account(found.name, stamp) if found and stamp else None

    def of_name(self, name: str, *, owner: bool = False) -> Account | None:
        if owner:
            return None
        with self._pool.borrow() as store:
            stamp = sign_in_stamp(store, name)
        return Account(name, stamp) if stamp else None


class OwnerSignIn:
    """The owner, by a token made at each start, beside the users of the record.

    Args:
        name: The owner's name in every event.
        users: The others.
    """

    def __init__(self, name: str, users: SignIn) -> None:
        self.token = secrets.token_urlsafe(32)
        """Signs in as the owner as long as this server runs."""
        self.launch = secrets.token_urlsafe(32)
        """The same once only: it stands in the command line of the browser that we open."""
        self._account = Account(name, "owner", owner=True)
        self._users = users

    def of_token(self, token: str) -> Account | None:
        if self.launch and hmac.compare_digest(token.encode(), self.launch.encode()):
            self.launch = ""
            return self._account
        if hmac.compare_digest(token.encode(), self.token.encode()):
            return self._account
        return self._users.of_token(token)

    def of_name(self, name: str, *, owner: bool = False) -> Account | None:
        if not owner:
            return self._users.of_name(name)
        return self._account if name == self._account.name else None
