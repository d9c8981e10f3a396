"""Who may review: names, roles and tokens. A token is shown once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import streamlit as st

from ....schemas.errors import TunesetError
from ....schemas.review import ROLES
from ...office import Office
from ...people import Person
from ..frame import Frame, done, literal, tell

TOKEN = "shown_token"  # noqa: S105  the name of a place in the session


def people_tab(frame: Frame) -> None:
    """Everyone, and what can be done with each."""
    _shown_token()
    try:
        with frame.run.pool.borrow() as store:
            known = Office(store, frame.who).users()
    except TunesetError as error:
        tell(error)
        return
    if known:
        st.dataframe(_table(known), hide_index=True, alt="People with their roles")
    else:
        st.info("You review alone. Add people to review as a team: each gets a link that signs them in.")
    _add(frame)
    if known:
        _change(frame, known)


def _table(known: list[Person]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "name": p.name,
                "role": p.role,
                "since": (p.created_at or "")[:10],
                "may enter": "no, disabled" if p.disabled_at else "yes",
            }
            for p in known
        ]
    )


def _shown_token() -> None:
    """A token that was just made: this once."""
    made = st.session_state.pop(TOKEN, None)
    if made is None:
        return
    name, token = made
    st.success(f"Give {literal(name)} this link. It is shown this once, and signs them in.")
    parts = urlsplit(st.context.url or "")
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    st.code(f"{origin}/?token={token}", language=None, wrap_lines=True)


def _add(frame: Frame) -> None:
    with st.form("add_person", clear_on_submit=True, border=True):
        row = st.container(horizontal=True, vertical_alignment="bottom")
        name = row.text_input("Name of a new person", key="add_name", max_chars=100)
        role = row.selectbox("Role", ROLES, index=1, key="add_role")
        if row.form_submit_button("Add"):
            _do(frame, lambda office: _keep_token(name, office.add_user(name.strip(), role or "reviewer")))


def _change(frame: Frame, known: list[Person]) -> None:
    with st.expander("Change a person"):
        row = st.container(horizontal=True, vertical_alignment="bottom")
        by_name = {p.name: p for p in known}
        name = row.selectbox("Person", list(by_name), key="person")
        if name is None:
            return
        one = by_name[name]
        role = row.selectbox("New role", ROLES, index=ROLES.index(one.role), key=f"role_{name}")
        if row.button("Change the role", key="save_role", disabled=role == one.role):
            _do(frame, lambda office: office.set_role(name, role), f"{name} is {role} now.")
        below = st.container(horizontal=True)
        if below.button("Make a new token", key="new_token"):
            _do(frame, lambda office: _keep_token(name, office.new_token(name)))
        if below.button("Disable", key="disable", disabled=one.disabled_at is not None):
            _ask_disable(frame, name)
        st.text("A new token replaces the old one, and lets a disabled person in again.")


def _ask_disable(frame: Frame, name: str) -> None:
    @st.dialog(f"Disable {literal(name)}?")
    def ask() -> None:
        st.text("They are signed out at once. What they decided stays.")
        if st.button("Disable", type="primary", key="disable_go"):
            _do(frame, partial(_disable, name), f"{name} is disabled.")

    ask()


def _disable(name: str, office: Office) -> None:
    office.disable_user(name)


def _keep_token(name: str, token: str) -> None:
    st.session_state[TOKEN] = (name, token)


def _do(frame: Frame, act: Callable[[Office], Any], said: str | None = None) -> None:
    """Act, follow with the queue (rows are decided twice once two people review), and draw anew."""
    try:
        with frame.run.pool.borrow() as store:
            act(Office(store, frame.who))
        frame.run.sync()
    except TunesetError as error:
        tell(error)
        return
    if said:
        done(said)
    st.rerun()
