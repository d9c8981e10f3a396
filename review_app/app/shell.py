"""The frame of the app: which pages there are for whom, and the workspace behind them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from ...schemas.errors import TunesetError
from .frame import Frame, tell
from .identity import signed_in
from .opened import Opened, is_open, opened
from .pages.account import account_page
from .pages.adjudicate import adjudicate_page
from .pages.admin import admin_page
from .pages.browse import browse_page
from .pages.guidelines import guidelines_page
from .pages.progress import progress_page
from .pages.queues import page_of


def run() -> None:
    """Draw the page that the address names."""
    st.set_page_config(page_title="Tuneset review", layout="wide")
    try:
        run = _opened()
        with run.pool.borrow() as store:
            who = signed_in(store)
    except TunesetError as error:
        st.title("Tuneset review")
        tell(error)
        return
    pages = _pages(Frame(run, who))
    start = st.Page(partial(st.switch_page, pages[0]), title="Start", default=True, visibility="hidden")
    st.navigation([start, *pages], position="top").run()


def _opened() -> Opened:
    if is_open():
        return opened()
    with st.spinner("Opening the workspace…"):
        return opened()


def _pages(frame: Frame) -> list[st.Page]:
    """The pages that this person may use, the first one first."""
    pages = []
    if frame.who.may("reviewer"):
        pages += [
            page_of(frame, "review", "Review", "review"),
            page_of(frame, "group", "Groups", "groups"),
            page_of(frame, "pair", "Compare", "compare"),
        ]
    pages.append(_page(browse_page, frame, "Browse"))
    if frame.who.may("adjudicator"):
        pages.append(_page(adjudicate_page, frame, "Adjudicate"))
    pages.append(_page(progress_page, frame, "Progress"))
    pages.append(_page(guidelines_page, frame, "Guidelines"))
    if frame.who.may("admin"):
        pages.append(_page(admin_page, frame, "Admin"))
    pages.append(_page(account_page, frame, "Account"))
    st.session_state["pages"] = {page.url_path: page for page in pages}
    return pages


def _page(draw: Callable[[Frame], None], frame: Frame, title: str) -> st.Page:
    return st.Page(partial(draw, frame), title=title, url_path=title.lower())
