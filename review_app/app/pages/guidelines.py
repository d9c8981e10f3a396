"""Guidelines: what holds, how it came to be, and, for adjudicators, the next version."""

from __future__ import annotations

import streamlit as st

from ....schemas.errors import TunesetError
from ...guidelines import Guideline, versions
from ...office import Office
from ..frame import Frame, done, tell, tell_done
from ..guide_diff import marked
from ..safe_markdown import safe_markdown


def guidelines_page(frame: Frame) -> None:
    """The page."""
    st.header("Guidelines")
    tell_done()
    try:
        with frame.run.pool.borrow() as store:
            known = versions(store)
    except TunesetError as error:
        tell(error)
        return
    if known:
        newest = known[0]
        st.text(f"Version {newest.version}, by {newest.actor}, {newest.at[:16].replace('T', ' ')} UTC")
        with st.container(border=True):
            st.markdown(safe_markdown(newest.text))
    else:
        st.info("There are no guidelines yet. An adjudicator or admin writes them here.")
    if frame.who.may("adjudicator"):
        _editor(frame, known[0].text if known else "")
    if len(known) > 1:
        _changes(known)


def _editor(frame: Frame, text: str) -> None:
    with st.expander("Write a new version", expanded=not text), st.form("guide", border=False):
        new = st.text_area("Text, Markdown", value=text, height=320, key="guide_text")
        st.text("Every decision records the version that held when it was made.")
        if st.form_submit_button("Publish this version", type="primary"):
            _publish(frame, new)


def _publish(frame: Frame, text: str) -> None:
    if not text.strip():
        st.error("The guidelines are empty. Write a sentence at least.")
        return
    try:
        with frame.run.pool.borrow() as store:
            version = Office(store, frame.who).write_guidelines(text)
    except TunesetError as error:
        tell(error)
        return
    done(f"Version {version} holds now.")
    st.rerun()


def _changes(known: list[Guideline]) -> None:
    with st.expander("What changed"):
        row = st.container(horizontal=True)
        numbers = [g.version for g in known]
        new = row.selectbox("Version", numbers, key="guide_new")
        older = [n for n in numbers if n < (new or 0)]
        if not older:
            st.text("This is the first version.")
            return
        old = row.selectbox("compared with", older, key=f"guide_old_{new}")
        by_number = {g.version: g for g in known}
        st.text("[-words that went-]  {+words that came+}")
        st.code(marked(by_number[old].text, by_number[new].text), language=None, wrap_lines=True)
