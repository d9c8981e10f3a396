"""Who sits at this browser: the gate says it in headers that no client can set."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from ...schemas.errors import NotAllowed
from ..people import Person, person
from ..store import Store

USER = "X-Tuneset-User"
OWNER = "X-Tuneset-Owner"


def signed_in(store: Store) -> Person:
    """The signed-in person, with the role that the record gives them now.

    Raises:
        NotAllowed: Nobody is signed in, or the person is no enabled user any more.
    """
    import streamlit as st

    return person_of_headers(store, st.context.headers)


def person_of_headers(store: Store, headers: Mapping[str, str]) -> Person:
    """The person whom the gate named in a request's headers; see `signed_in`."""
    name = unquote(headers.get(USER, ""))
    if name and headers.get(OWNER) == "1":
        return Person(name, "admin", owner=True)
    found = person(store, name) if name else None
    if found is None or found.disabled_at:
        raise NotAllowed(
            f"{name or 'nobody'!r} may not enter", where="the app", fix="sign in with a user's token"
        )
    return found
