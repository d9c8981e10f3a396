"""The record: check every link of it, and carry decisions elsewhere."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ....schemas.errors import TunesetError
from ...audit import anchors
from ...exchange.exporting import export_decisions
from ..frame import Frame, tell

SHAPES = {
    "jsonl": "Tuneset's own JSONL",
    "csv": "CSV, for spreadsheets",
    "argilla": "Argilla",
    "label-studio": "Label Studio",
}
WHATS = {"decisions": "what was decided", "queue": "what waits for a decision"}
MOST_BYTES = 50 << 20


def record_tab(frame: Frame) -> None:
    """Check and export."""
    st.text(f"The record is kept in {frame.run.place.record}. Nothing in it is ever changed or deleted.")
    if st.button("Check the whole record", key="verify", icon=":material/verified:"):
        _verify(frame)
    st.subheader("Annotate elsewhere")
    row = st.container(horizontal=True, vertical_alignment="bottom")
    shape = row.selectbox("As", list(SHAPES), format_func=SHAPES.__getitem__, key="shape") or "jsonl"
    whats = ["queue"] if shape in ("argilla", "label-studio") else list(WHATS)
    what = row.selectbox("What", whats, format_func=WHATS.__getitem__, key=f"what_{shape}")
    if row.button("Export", key="export", icon=":material/download:"):
        _export(frame, shape, what)
    st.text("Bring decisions back with: tuneset review import OUT FILE")


def _verify(frame: Frame) -> None:
    try:
        with st.spinner("Checking every event…"), frame.run.pool.borrow() as store:
            chain = store.verify(anchors(frame.run.place.workspace))
    except TunesetError as error:
        tell(error)
        return
    events = "1 event" if chain.events == 1 else f"{chain.events:,} events, each chained to the one before"
    st.success(f"The record holds: {events}.")
    st.text("Note the hash of the last event to prove later that nothing before it changed:")
    st.code(chain.head, language=None, wrap_lines=True)


def _export(frame: Frame, shape: str, what: str | None) -> None:
    try:
        with st.spinner("Writing…"):
            result = export_decisions(frame.run.place.workspace.root, shape=shape, what=what)
    except TunesetError as error:
        tell(error)
        return
    st.text(result.text())
    for path in map(Path, result.files):
        if path.stat().st_size <= MOST_BYTES:
            st.download_button(
                f"Download {path.name}", path.read_bytes(), file_name=path.name, key=f"get_{path.name}"
            )
