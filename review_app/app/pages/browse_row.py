"""One row of the Browse page: as it is trained, and what happened to it."""

from __future__ import annotations

import streamlit as st

from ..frame import Frame
from ..pane.contract import PaneView
from ..pane.mount import show_pane
from ..panes import pane_row, place_of
from ..reading_row import row_history


def show_row(frame: Frame, place: int) -> None:
    """The row, without decisions; they are made in the queue, or by an adjudicator."""
    row_id = frame.run.catalog.row_ids[place].as_py()
    content = frame.run.reading.content(row_id)
    with frame.run.pool.borrow() as store:
        told = row_history(store, frame.who, row_id)
    st.subheader(place_of(content))
    bar = st.container(horizontal=True)
    if frame.who.may("reviewer") and bar.button("Review this row", key="open_review", icon=":material/edit:"):
        st.switch_page(st.session_state["pages"]["review"], query_params={"item": row_id})
    if frame.who.may("adjudicator") and bar.button("Settle this row", key="open_settle"):
        st.switch_page(st.session_state["pages"]["adjudicate"], query_params={"row": row_id})
    row = pane_row(content)
    view = PaneView(
        title="As it is trained",
        ticket=f"look-{row_id}",
        item_id=row_id,
        rows=(row,),
        allowed=(),
        why=None,
    )
    show_pane(view, lambda _: None, key="pane-look")
    st.text("What happened to it")
    for line in (*row.history, *told):
        st.text(f"• {line}")
    if not row.history and not told:
        st.text("• nothing yet")
