"""Who sent a request: the session cookie or another sign-in, and whether that person may enter now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from .accounts import Account, OtherSignIn, SignIn
from .asking import Asking
from .sessions import Sessions

FRESH_SECONDS = 2.0
"""How long an answer about a person holds: a page has a hundred files, and is one question to the record."""
MAX_KNOWN = 10_000
MAX_TOKEN_CHARACTERS = 256


class Admission:
    """Asks the record who may enter; what it blocks on runs in a thread.

    Args:
        sign_in: Who may enter.
        sessions: The session cookies.
        cookie: The session cookie's name.
        other: Another way to sign in, or None.
        clock: Seconds that only go forward.
    """

    def __init__(
        self,
        sign_in: SignIn,
        sessions: Sessions,
        cookie: str,
        other: OtherSignIn | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sign_in = sign_in
        self._sessions = sessions
        self._cookie = cookie
        self._other = other
        self._clock = clock
        self._known: dict[tuple[str, bool], tuple[float, Account | None]] = {}

    async def of_token(self, token: str) -> Account | None:
        """The account of a token."""
        if not token or len(token) > MAX_TOKEN_CHARACTERS:
            return None
        account = await asyncio.to_thread(self._sign_in.of_token, token)
        if account:
            self._known.pop((account.name, account.owner), None)
        return account

    async def account(self, asking: Asking) -> Account | None:
        """The enabled person who sent a request, or None."""
        session = self._sessions.open(asking.cookies.get(self._cookie, ""))
        if session:
            account = await self._of_name(session.name, session.owner)
            if account and self._sessions.belongs(session, account):
                return account
        if self._other is None:
            return None
        scheme = "https" if asking.behind_proxy else "http"
        name = self._other.name(asking.cookies, f"{scheme}://{asking.host}")
        return await self._of_name(name, False) if name else None

    def end(self, asking: Asking) -> None:
        """Sign the request's session out."""
        session = self._sessions.open(asking.cookies.get(self._cookie, ""))
        if session:
            self._sessions.end(session)

    async def _of_name(self, name: str, owner: bool) -> Account | None:
        until, account = self._known.get((name, owner), (0.0, None))
        if until > self._clock():
            return account
        account = await asyncio.to_thread(self._sign_in.of_name, name, owner=owner)
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[name, owner] = (self._clock() + FRESH_SECONDS, account)
        return account
