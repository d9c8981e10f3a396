"""Account: who is signed in, what they may do, and the way out."""

from __future__ import annotations

import streamlit as st

from ..frame import Frame, literal

MAY = {
    "viewer": "You may look at rows, progress and guidelines.",
    "reviewer": "You may decide on rows, groups and pairs, and see your own figures.",
    "adjudicator": "You may also settle disagreements, decide many rows at once and write the guidelines.",
    "admin": "You may do everything, and manage people, the queue and versions.",
}


def account_page(frame: Frame) -> None:
    """The page."""
    who = frame.who
    st.header("Account")
    st.markdown(f"Signed in as **{literal(who.name)}**, {who.role}.")
    st.text(MAY[who.role])
    if who.owner:
        st.text("You started the app on this machine, so the workspace is yours.")
    st.link_button("Sign out", "/sign-out")
    with st.expander("About this workspace"):
        card = frame.run.ledger.card
        st.text(f"{frame.run.place.workspace.root}")
        st.text(f"{card.kept:,} rows kept of {card.rows_in:,}; tuneset {card.tuneset_version}")
