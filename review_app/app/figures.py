"""Tables of the Progress page, from the figures of `progress` and `agreement`. No Streamlit here."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from ..agreement import Agreement, Share
from ..progress import Progress
from ..progress_pace import Estimate, Pace, Slot
from ..review_figures import ReviewAgreement
from .words import plain

NONE = "–"


def share_text(share: Share) -> str:
    """A share with its interval: "62 % (55 to 68) of 190"."""
    if share.value is None or share.low is None or share.high is None:
        return NONE
    return f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%}) of {share.of:,}"


def estimate_text(estimate: Estimate, unit: str = "") -> str:
    """A number with its interval."""
    if estimate.value is None:
        return NONE
    told = f"{estimate.value:,.0f}{unit}"
    if estimate.low is None or estimate.high is None:
        return told
    return f"{told} ({estimate.low:,.0f} to {estimate.high:,.0f})"


def people_table(paces: Sequence[Pace], found: Progress, agreed: Agreement) -> pa.Table:
    """One line a person.

    Args:
        paces: The people to tell of.
        found: Progress of everyone.
        agreed: Agreement on decisions.
    """
    leans = {lean.actor: lean.words for lean in found.leans}
    others = {person.actor: person.with_others for person in agreed.people}
    lines = [
        {
            "person": pace.actor or "everyone",
            "decisions": pace.decisions,
            "an hour": estimate_text(pace.per_hour),
            "median time": estimate_text(pace.reading.median, " s"),
            "approved": share_text(pace.approved),
            "edited": share_text(pace.edited),
            "quick": share_text(pace.fast),
            "undone": share_text(pace.undone),
            "agrees with the others": share_text(others[pace.actor]) if pace.actor in others else NONE,
            "beside the others": leans.get(pace.actor or "", NONE),
        }
        for pace in paces
    ]
    return pa.Table.from_pylist(lines)


def agreement_table(found: ReviewAgreement) -> pa.Table:
    """Every agreement figure with its interval, and what it rests on."""
    parts: list[tuple[str, Agreement]] = [("approve or reject", found.decisions)]
    parts += [(f"label: {plain(name)}", told) for name, told in found.labels.items()]
    parts += [(f"rating: {plain(name)}", told) for name, told in found.ratings.items()]
    lines = [
        {
            "on": name,
            "rows decided twice": told.shared,
            "observed": told.observed.text(),
            "Krippendorff's alpha": told.alpha.text(),
            "Fleiss' kappa": told.fleiss.text(),
            told.gwet.name: told.gwet.text(),
        }
        for name, told in parts
    ]
    if found.preferences is not None:
        told = found.preferences
        lines.append(
            {
                "on": "comparisons",
                "rows decided twice": told.observed.units,
                "observed": told.observed.text(),
                "Krippendorff's alpha": told.alpha.text(),
                "Fleiss' kappa": NONE,
                told.gwet.name: told.gwet.text(),
            }
        )
    names = list(dict.fromkeys(name for line in lines for name in line))
    return pa.Table.from_pylist([{name: line.get(name, NONE) for name in names} for line in lines])


def pairs_table(agreed: Agreement) -> pa.Table:
    """Cohen's kappa of every two people."""
    lines = [
        {"person": p.a, "and": p.b, "the same": share_text(p.same), "Cohen's kappa": p.kappa.text()}
        for p in agreed.pairs
    ]
    return pa.Table.from_pylist(lines)


def days_table(slots: Sequence[Slot]) -> pa.Table:
    """Decisions by day or hour."""
    return pa.table(
        {
            "when": pa.array([slot.start[:16].replace("T", " ") for slot in slots], pa.string()),
            "decisions": pa.array([slot.decisions for slot in slots], pa.int64()),
            "people": pa.array([slot.people for slot in slots], pa.int64()),
        }
    )


def reasons_table(reasons: dict[str, int], words: dict[str, str]) -> pa.Table:
    """Rejections by reason, most frequent first.

    Args:
        reasons: Rejections by code.
        words: What the recipe calls a code.
    """
    return pa.table(
        {
            "reason": pa.array([words.get(code, plain(code)) for code in reasons], pa.string()),
            "rejections": pa.array(list(reasons.values()), pa.int64()),
        }
    )


def drift_table(found: Progress) -> pa.Table:
    """The share of approvals in windows of equally many decisions."""
    windows = [(s, w) for s, w in zip(found.approvals.starts, found.approvals.windows, strict=True) if w.of]
    return pa.table(
        {
            "from": pa.array([start[:16].replace("T", " ") for start, _ in windows], pa.string()),
            "approved, %": pa.array([round(100 * (w.value or 0), 1) for _, w in windows], pa.float64()),
            "of": pa.array([w.of for _, w in windows], pa.int64()),
        }
    )
