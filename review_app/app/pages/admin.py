"""Admin: people, the queue's policy, the record, and versions."""

from __future__ import annotations

import streamlit as st

from ..frame import Frame, tell_done
from .admin_people import people_tab
from .admin_queue import queue_tab
from .admin_record import record_tab
from .admin_versions import versions_tab


def admin_page(frame: Frame) -> None:
    """The page."""
    st.header("Admin")
    tell_done()
    people, queue, record, versions = st.tabs(["People", "Queue", "Record", "Versions"])
    with people:
        people_tab(frame)
    with queue:
        queue_tab(frame)
    with record:
        record_tab(frame)
    with versions:
        versions_tab(frame)
