"""The pages of the queue: Review, Groups and Compare. Each is the pane and nothing else, to be quick."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ..frame import Frame
from ..opened import is_open
from ..pane.mount import show_pane
from ..sitting import Sitting

ITEM = "item"


def sitting_of(frame: Frame, task: str) -> Sitting:
    """This tab's sitting at a queue; a new one when the run or the person is another."""
    key = f"sitting-{task}"
    found = st.session_state.get(key)
    if found is None or found.run is not frame.run or found.who.name != frame.who.name:
        found = st.session_state[key] = Sitting(frame.run, frame.who, task)
    found.who = frame.who
    return found


def queue_page(frame: Frame, task: str) -> None:
    """One queue; `?item=` opens an item by its id."""
    sitting = sitting_of(frame, task)
    wanted = st.query_params.get(ITEM)
    if wanted is not None:
        del st.query_params[ITEM]
    sitting.start(wanted)
    _pane(sitting)


@st.fragment
def _pane(sitting: Sitting) -> None:
    if not is_open():  # the workspace was curated again: the page begins anew with the new run
        st.rerun()
    sitting.start()
    show_pane(sitting.view(), sitting.take, key=f"pane-{sitting.task}")


def page_of(frame: Frame, task: str, title: str, path: str) -> st.Page:
    """One queue as a page of the navigation."""
    draw = partial(queue_page, frame, task)
    return st.Page(draw, title=title, url_path=path)
