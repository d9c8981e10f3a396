"""The frame of the app: pages and who is signed in."""

from __future__ import annotations

from .identity import signed_in
from .place import current


def run() -> None:
    """Draw the page that the address names."""
    import streamlit as st

    st.navigation([st.Page(_review, title="Review", default=True)], position="top").run()


def _review() -> None:
    import streamlit as st

    with current().pool.borrow() as store:
        person = signed_in(store)
    st.title("Review")
    st.text(f"Signed in as {person.name} ({person.role})")
    st.link_button("Sign out", "/sign-out")
