"""Whom the gate lets in: accounts, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who may enter now.

    Args:
        name: The name in every event of the record.
        stamp: Changes when the person's token is renewed, and so ends the sessions that began before.
        owner: The one who started the server on this machine, who is no user of the record.
    """

    name: str
    stamp: str
    owner: bool = False


class SignIn(Protocol):
    """Where accounts come from; every answer is about this moment.

    A `TunesetError` or `OSError` says that the question cannot be answered now.
    """

    def of_token(self, token: str) -> Account | None:
        """The enabled account that a token belongs to; compared without telling how much of it fits."""
        ...

    def of_name(self, name: str, *, owner: bool = False) -> Account | None:
        """The enabled account of a name: a user's, or the owner's."""
        ...


@dataclass(frozen=True, slots=True)
class Link:
    """A way to sign in elsewhere: what the link says, and its path."""

    text: str
    path: str


class OtherSignIn(Protocol):
    """A way to sign in beside tokens, such as OpenID Connect.

    Args:
        open_paths: Paths that are answered before anyone is signed in.
        sign_out_path: Where that session ends.
    """

    open_paths: frozenset[str]
    sign_out_path: str

    def links(self) -> list[Link]:
        """What the sign-in page offers."""
        ...

    def begin(self, provider: str) -> str | None:
        """Where a sign-in begins, for the last part of a link's path; None for no such provider."""
        ...

    def name(self, cookies: dict[str, str], origin: str) -> str | None:
        """The name that a request's cookies prove, or None."""
        ...
