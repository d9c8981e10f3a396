"""Bulk decisions of the Browse page: named by their number, confirmed, and taken back in one step."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ....schemas.errors import TunesetError
from ....schemas.review import Decision
from ..browsing import TYPED_ABOVE, decide_many, rows_text
from ..catalog import Filters
from ..frame import Frame, done, tell
from ..stands import Stands


def bulk_bar(frame: Frame, filters: Filters, stands: Stands, found: np.ndarray, selected: np.ndarray) -> None:
    """Buttons that decide the selected rows, or all that were found."""
    many = len(selected) > 0
    places = selected if many else found
    which = f"all {rows_text(len(places))} found"
    if many:
        which = "the selected row" if len(places) == 1 else f"the {len(places):,} selected rows"
    rule = f"browse: {rows_text(len(places))} selected" if many else f"browse: {filters.text()}"
    bar = st.container(horizontal=True)
    if bar.button(f"Approve {which}", key="bulk_approve", icon=":material/check:"):
        _confirm(frame, stands, places, "approve", rule)
    if bar.button(f"Reject {which}", key="bulk_reject", icon=":material/close:"):
        _confirm(frame, stands, places, "reject", rule)


def _confirm(frame: Frame, stands: Stands, places: np.ndarray, action: Decision, rule: str) -> None:
    verb = action.capitalize()

    @st.dialog(f"{verb} {rows_text(len(places))}?")
    def ask() -> None:
        decided = int((stands.codes[places] > 0).sum())
        flagged = int(frame.run.catalog.flagged[places].sum())
        st.text(f"Chosen by: {rule.removeprefix('browse: ')}")
        if flagged:
            st.warning(f"{rows_text(flagged)} of these: a step asks that a person reads them.")
        if decided:
            st.text(f"{rows_text(decided)} decided already: what people read and decided stays as it is.")
        reason = None
        if action == "reject":
            reasons = {reason.code: reason.text for reason in frame.run.asks.reasons}
            reason = st.selectbox("Reason", list(reasons), format_func=reasons.__getitem__, index=None)
        ready = action == "approve" or reason is not None
        if len(places) > TYPED_ABOVE:
            typed = st.text_input(f"Type {len(places)} to confirm", key="bulk_typed")
            ready = ready and typed.replace(",", "").strip() == str(len(places))
        if st.button(f"{verb} {rows_text(len(places))}", type="primary", disabled=not ready, key="bulk_go"):
            try:
                result = decide_many(frame.run, frame.who, places, action, rule=rule, reason=reason)
            except TunesetError as error:
                tell(error)
                return
            done(f"{result.text()} Undo it below, under your last bulk decisions.")
            st.rerun()

    ask()
