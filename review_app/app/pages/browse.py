"""Browse: find rows, look at them, and decide many at once."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from ....schemas.errors import TunesetError
from ..browsing import PAGE_ROWS, batches, page_of, rows_text, status_choices, take_back
from ..catalog import ASSIGNED, Filters
from ..finding import find
from ..frame import Frame, done, literal, tell, tell_done
from ..stands import Stands
from ..words import plain
from .browse_bulk import bulk_bar
from .browse_row import show_row

WIDE = {"status": 150, "asks": 220, "answers": 220, "flags": 130}


def browse_page(frame: Frame) -> None:
    """The page."""
    st.header("Browse")
    tell_done()
    try:
        with frame.run.pool.borrow() as store:
            stands = frame.run.stands(store)
        filters = _filters(frame, stands)
        with st.spinner("Searching…"):
            found = find(frame.run, filters, stands)
    except TunesetError as error:
        tell(error)
        return
    if found.note:
        st.info(literal(found.note))
    if not len(found.places):
        st.info("No row fits. Take a filter away, or search for fewer words.")
        return
    _table(frame, filters, stands, found.places)


def _filters(frame: Frame, stands: Stands) -> Filters:
    catalog = frame.run.catalog
    statuses = status_choices(stands)
    top = st.container(horizontal=True, vertical_alignment="bottom")
    words = top.text_input("Search the text", type="search", key="b_words", placeholder="words of a row")
    status = top.multiselect("Status", list(statuses), format_func=statuses.__getitem__, key="b_status")
    flags = top.multiselect("Flagged for", list(catalog.reasons), format_func=plain, key="b_reason")
    chosen: dict[str, tuple[str, ...]] = {}
    with st.expander("More filters"):
        row = st.container(horizontal=True)
        for name in (*ASSIGNED, "source"):
            if choices := catalog.choices(name):
                label = "File" if name == "source" else name.capitalize()
                chosen[name] = tuple(row.multiselect(label, choices, key=f"b_{name}"))
        below = st.container(horizontal=True, vertical_alignment="bottom")
        actor = below.multiselect("Decided by", stands.actors, key="b_actor")
        flagged = below.selectbox("Sent to a person", ["any", "yes", "no"], key="b_flagged")
        like = below.text_input("Similar in meaning to", key="b_like", placeholder="a sentence")
        rule = st.text_input(
            "Rule, as in tuneset approve --where",
            key="b_rule",
            placeholder="language == 'en' and quality < 0.4",
        )
    return Filters(
        status=tuple(status),
        reason=tuple(flags),
        flagged={"yes": True, "no": False}.get(flagged or "any"),
        actor=tuple(actor),
        words=words or "",
        like=like or "",
        rule=rule or "",
        **chosen,
    )


def _table(frame: Frame, filters: Filters, stands: Stands, places: np.ndarray) -> None:
    pages = -(-len(places) // PAGE_ROWS)
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
    bar.text(f"{rows_text(len(places))} of {len(frame.run.catalog):,}")
    with bar:
        page = st.pagination(pages, key=f"b_page_{filters.text()}") if pages > 1 else 1
    shown = places[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    above = st.container()
    event = st.dataframe(
        page_of(frame.run, shown, stands),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"b_table_{filters.text()}_{page}",
        column_config={name: st.column_config.Column(width=px) for name, px in WIDE.items()},
        alt="Rows that fit, with status, texts, flags and labels",
    )
    selected = shown[np.array(event.selection.rows, np.int64)] if event.selection.rows else shown[:0]
    with above:
        if frame.who.may("adjudicator"):
            bulk_bar(frame, filters, stands, places, selected)
        elif not len(selected):
            st.text("Select a row to read it.")
    if len(selected) == 1:
        show_row(frame, int(selected[0]))
    if frame.who.may("adjudicator"):
        _batches(frame)


def _batches(frame: Frame) -> None:
    mine = batches(frame.run, frame.who)
    if not mine:
        return
    with st.expander(f"Your last bulk decisions ({len(mine)})"):
        for batch in mine:
            line = st.container(horizontal=True, vertical_alignment="center")
            did = "approved" if batch["action"] == "approve" else "rejected"
            line.text(
                f"{batch['at'][:16].replace('T', ' ')}  {did} {rows_text(batch['n'])}  ({batch['rule']})"
            )
            line.button(
                f"Undo these {rows_text(batch['n'])}",
                key=f"undo_{batch['batch_id']}",
                on_click=partial(_undo, frame, batch["batch_id"]),
            )


def _undo(frame: Frame, batch_id: str) -> None:
    try:
        done(f"Took back the decision on {rows_text(take_back(frame.run, frame.who, batch_id))}.")
    except TunesetError as error:
        done(str(error))
