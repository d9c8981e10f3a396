"""The queue's policy: what comes first, how much is decided twice, how long an item is held."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from ....schemas.errors import TunesetError
from ...office import Office
from ...policy import Order, Policy, read_policy
from ..frame import Frame, done, tell

ORDERS: dict[str, str] = {
    "risk": "risk: what steps send to a person first",
    "uncertainty": "uncertainty: where the quality score is in doubt",
    "rare_topic": "rare topics first",
    "random": "random, seeded",
    "fifo": "the order of the input",
}


def queue_tab(frame: Frame) -> None:
    """The policy that holds, and a form for another."""
    try:
        with frame.run.pool.borrow() as store:
            policy = read_policy(store)
            counts = {task: frame.run.counts(store, task)[1] for task in ("review", "group", "pair")}
    except TunesetError as error:
        tell(error)
        return
    row = st.container(horizontal=True)
    for title, told in zip(("Rows", "Groups", "Pairs"), counts.values(), strict=True):
        row.metric(f"{title} open", f"{told['open']:,} of {sum(told.values()):,}")
    with st.form("policy", border=True):
        orders = list(get_args(Order))
        order = st.selectbox(
            "What comes first",
            orders,
            index=orders.index(policy.order),
            format_func=ORDERS.__getitem__,
            key="policy_order",
        )
        overlap = st.slider(
            "Share that two people decide, blind, %", 0, 100, round(policy.overlap_ratio * 100)
        )
        minutes = st.number_input(
            "Minutes that an item is held for one person", 0.5, 1440.0, policy.lease_seconds / 60, 0.5
        )
        seconds = st.number_input(
            "Seconds below which a decision is marked as quick", 0.0, 600.0, policy.min_dwell_ms / 1000, 0.1
        )
        seed = st.number_input("Seed of the random order and share", 0, 2**31 - 1, policy.seed)
        st.text("While one person reviews alone, nothing is decided twice.")
        if st.form_submit_button("Save the policy", type="primary"):
            new = policy.model_copy(
                update={
                    "order": order,
                    "overlap_ratio": overlap / 100,
                    "lease_seconds": round(minutes * 60),
                    "min_dwell_ms": round(seconds * 1000),
                    "seed": int(seed),
                }
            )
            _save(frame, new)


def _save(frame: Frame, policy: Policy) -> None:
    try:
        with st.spinner("Putting the queue in order…"):
            with frame.run.pool.borrow() as store:
                Office(store, frame.who).set_policy(policy)
            frame.run.sync()
    except TunesetError as error:
        tell(error)
        return
    done("The queue follows the new policy.")
    st.rerun()
