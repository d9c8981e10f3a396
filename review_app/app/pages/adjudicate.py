"""Adjudicate: rows on which people disagree, and rows that someone flagged."""

from __future__ import annotations

import streamlit as st

from ..frame import Frame
from ..opened import is_open
from ..pane.mount import show_pane
from ..settling import Settling

KEY = "settling"


def adjudicate_page(frame: Frame) -> None:
    """The page; `?row=` opens a row by its id."""
    found = st.session_state.get(KEY)
    if found is None or found.run is not frame.run or found.who.name != frame.who.name:
        found = st.session_state[KEY] = Settling(frame.run, frame.who)
    found.who = frame.who
    wanted = st.query_params.get("row")
    if wanted is not None:
        del st.query_params["row"]
    found.start(wanted)
    _pane(found)


@st.fragment
def _pane(settling: Settling) -> None:
    if not is_open():  # the workspace was curated again
        st.rerun()
    settling.start()
    show_pane(settling.view(), settling.take, key="pane-adjudicate")
