"""Sessions in a signed cookie: nothing to store, so a restart of the server signs nobody out.

The cookie holds a name, an expiry, a random number and a digest of the account's stamp, under HMAC-SHA-256
(RFC 2104). It is asked about at every request: a disabled person, a renewed token, a passed expiry or a
sign-out ends it. Sign-outs are kept in memory until the expiry.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from .accounts import Account

SESSION_SECONDS = 7 * 24 * 3600
KEY_BYTES = 32
MAX_COOKIE_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Session:
    """What a cookie with a right signature says: `expires` is in seconds since 1970."""

    name: str
    owner: bool
    expires: int
    number: str
    stamp: str


class Sessions:
    """Seals and opens session cookies.

    Args:
        key: The secret of this server.
        clock: Seconds since 1970.
    """

    def __init__(self, key: bytes, *, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock
        self._ended: dict[str, int] = {}

    def seal(self, account: Account) -> str:
        """The cookie value of a new session."""
        expires = int(self._clock()) + SESSION_SECONDS
        number = secrets.token_hex(16)
        told = [account.name, account.owner, expires, number, self._digest("stamp", account.stamp)]
        body = base64.urlsafe_b64encode(json.dumps(told).encode()).decode()
        return f"{body}.{self._digest('session', body)}"

    def open(self, cookie: str) -> Session | None:
        """What a cookie says, when we signed it and it has neither expired nor been signed out."""
        body, _, signature = cookie.partition(".")
        if len(cookie) > MAX_COOKIE_CHARACTERS or not cookie.isascii():
            return None
        if not hmac.compare_digest(signature, self._digest("session", body)):
            return None
        try:
            session = Session(*json.loads(base64.urlsafe_b64decode(body)))
        except (ValueError, TypeError, binascii.Error):
            return None
        if session.expires <= self._clock() or session.number in self._ended:
            return None
        return session

    def belongs(self, session: Session, account: Account) -> bool:
        """Whether the session began with the account's present token."""
        return hmac.compare_digest(session.stamp, self._digest("stamp", account.stamp))

    def end(self, session: Session) -> None:
        """Sign a session out; a stolen copy of its cookie is worth nothing then."""
        now = self._clock()
        self._ended = {number: until for number, until in self._ended.items() if until > now}
        self._ended[session.number] = session.expires

    def _digest(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()
