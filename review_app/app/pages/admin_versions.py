"""Versions: approved rows become an immutable version to train on."""

from __future__ import annotations

import streamlit as st

from ....schemas.errors import TunesetError
from ...freeze import freeze
from ..frame import Frame, tell


def versions_tab(frame: Frame) -> None:
    """What is frozen, and the next one."""
    try:
        with frame.run.pool.borrow() as store:
            stands = frame.run.stands(store).counts()
    except TunesetError as error:
        tell(error)
        return
    folder = frame.run.place.workspace.root / "versions"
    names = sorted(p.name for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
    st.text(f"Frozen: {', '.join(names)}" if names else "Nothing is frozen yet.")
    row = st.container(horizontal=True)
    row.metric("Approved rows", f"{stands['approved']:,}")
    row.metric("Undecided", f"{stands['undecided']:,}")
    row.metric("Disputed", f"{stands['disputed']:,}")
    if stands["disputed"]:
        st.warning(f"{stands['disputed']:,} rows are disputed, and stay out. Settle them on Adjudicate.")
    if not stands["approved"]:
        st.info("Nothing is approved yet. Approve rows on Review, or many at once on Browse.")
    with st.form("freeze", border=True):
        name = st.text_input("Name of the version", key="freeze_name", placeholder="the next of v1, v2, …")
        st.text("A version never changes. Every row in it names the decision that let it in.")
        if st.form_submit_button("Freeze the approved rows", type="primary", disabled=not stands["approved"]):
            _freeze(frame, name.strip() or None)


def _freeze(frame: Frame, name: str | None) -> None:
    try:
        with st.spinner("Freezing…"):
            result = freeze(frame.run.place.workspace.root, name=name)
    except TunesetError as error:
        tell(error)
        return
    st.success(f"Froze {result.name}: {result.rows:,} rows.")
    st.code(result.text(), language=None, wrap_lines=True)
