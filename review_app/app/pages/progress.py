"""Progress: how far the review is, how fast it goes, and whether people agree."""

from __future__ import annotations

import streamlit as st

from ....schemas.errors import TunesetError
from ...progress import Progress
from ...review_figures import ReviewAgreement
from ..charts import bars
from ..figures import (
    agreement_table,
    days_table,
    drift_table,
    pairs_table,
    people_table,
    reasons_table,
    share_text,
)
from ..frame import Frame, literal, tell
from ..words import sentence


def progress_page(frame: Frame) -> None:
    """The page."""
    st.header("Progress")
    try:
        with st.spinner("Counting…"), frame.run.pool.borrow() as store:
            found, agreed = frame.run.figures(store)
    except TunesetError as error:
        tell(error)
        return
    _standing(found)
    if not found.people:
        st.info("Nobody has decided yet. Decisions of the Review page show here at once.")
        return
    _people(frame, found, agreed)
    _pace(found)
    _agreement(frame, agreed)
    _reasons(frame, found)
    _drift(found)
    _score(found)


def _standing(found: Progress) -> None:
    stands = found.standing
    row = st.container(horizontal=True)
    decided = stands.approved + stands.rejected + stands.disputed
    whole = f"{decided:,} of {stands.total:,}" if stands.total else f"{decided:,}"
    row.metric("Decided", whole)
    row.metric("Approved", f"{stands.approved:,}")
    row.metric("Rejected", f"{stands.rejected:,}")
    row.metric("Disputed", f"{stands.disputed:,}")
    if stands.total:
        st.progress(min(1.0, decided / stands.total), text=f"{decided / stands.total:.1%} of the rows")
    by_rule = f"{stands.by_people:,} by people, {stands.by_rule:,} by rules" if stands.by_rule else ""
    left = sentence(found.left.words) if found.left else ""
    st.text(" ".join(part for part in (sentence(by_rule) if by_rule else "", left) if part))


def _people(frame: Frame, found: Progress, agreed: ReviewAgreement) -> None:
    st.subheader("People")
    everyone = frame.who.may("adjudicator")
    paces = [p for p in found.people if everyone or p.actor == frame.who.name]
    if not paces:
        st.text("You have not decided yet; your own figures show here.")
        return
    if everyone and len(paces) > 1:
        paces.append(found.everyone)
    st.dataframe(people_table(paces, found, agreed.decisions), hide_index=True, alt="Figures of each person")
    st.text("Times count from painted to decided. Gaps of more than five minutes are pauses.")


def _pace(found: Progress) -> None:
    st.subheader("Decisions over time")
    few = len(found.days) <= 2
    slots = found.hours if few else found.days
    table = days_table(slots)
    title = "hour, UTC" if few else "day, UTC"
    st.vega_lite_chart(spec=bars(table, "when", "decisions", title=title))
    with st.expander("As a table"):
        st.dataframe(table, hide_index=True, alt="Decisions and people over time")


def _agreement(frame: Frame, agreed: ReviewAgreement) -> None:
    st.subheader("Agreement")
    if not agreed.decisions.shared:
        st.info("No row has the votes of two people yet. A share of the rows goes to two people, blind.")
        return
    st.dataframe(agreement_table(agreed), hide_index=True, alt="Agreement figures with 95 % intervals")
    st.text("Intervals are 95 %. Kappa and alpha fall where nearly all rows are approved; Gwet's does not.")
    if frame.who.may("adjudicator") and agreed.decisions.pairs:
        with st.expander("Every two people"):
            st.dataframe(pairs_table(agreed.decisions), hide_index=True, alt="Cohen's kappa of two people")
    if agreed.preferences is not None and agreed.preferences.bias:
        st.text(f"Comparisons: the left answer was chosen {share_text(agreed.preferences.bias.left)}.")
    if agreed.repeats is not None and agreed.repeats.same.of:
        st.text(f"People with themselves: {share_text(agreed.repeats.same)} the same.")


def _reasons(frame: Frame, found: Progress) -> None:
    if not found.standing.reasons:
        return
    st.subheader("Why rows were rejected")
    words = {reason.code: reason.text for reason in frame.run.asks.reasons}
    table = reasons_table(found.standing.reasons, words)
    st.vega_lite_chart(spec=bars(table, "reason", "rejections", lying=True))
    with st.expander("As a table"):
        st.dataframe(table, hide_index=True, alt="Rejections by reason")


def _drift(found: Progress) -> None:
    st.subheader("Steadiness")
    st.markdown(f"Share of approvals: **{literal(found.approvals.words)}**")
    st.markdown(f"Mix of reasons: **{literal(found.reasons.words)}**")
    table = drift_table(found)
    if len(table) > 1:
        with st.expander("Share of approvals over time"):
            st.dataframe(table, hide_index=True, alt="Share of approvals in windows")


def _score(found: Progress) -> None:
    score = found.score
    if score is None or score.auc.value is None:
        return
    st.subheader("The model's score beside people")
    auc = score.auc
    between = f" ({auc.low:.2f} to {auc.high:.2f})" if auc.low is not None and auc.high is not None else ""
    st.text(f"An approved row scores above a rejected one with probability {auc.value:.2f}{between}.")
    st.text(f"Decisions on the score's side: {share_text(score.same_side)}.")
    st.text(f"Changed after the score was shown: {share_text(score.flipped)}.")
