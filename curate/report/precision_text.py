"""The precision of flags as HTML, and what to do about each."""

from __future__ import annotations

import math
from html import escape

from ...schemas.proportions import Z_95
from .escape import number, shown
from .precision import Band, Flag, Precision, Tally
from .sections import anchor, details, section, table

FEW = 20
CLEAR = 0.8
WIDTH = 0.1
"""Half the width of an interval that decisions should reach."""


def precision_section(found: Precision | None) -> str:
    """The table of flags with what people said of them, and precision by score; nothing without decisions."""
    if found is None:
        return ""
    head = ("step", "action", "reason", "rows", "decided", "rejected or edited", "precision", "what to do")
    rows = [_row(flag, found.unflagged) for flag in found.flags]
    return section(
        "precision",
        "Precision of flags",
        _introduction(found),
        table(head, rows, "Precision by reason", numeric=(3, 4, 5, 6)) if rows else "",
        *(_scores(flag) for flag in found.flags if flag.bands),
    )


def _introduction(found: Precision) -> str:
    plain = found.unflagged
    base = (
        f" Of {number(plain.decided)} decided rows without a flag, {number(plain.agreed)} were rejected or"
        f" edited: {ratio(plain)}."
        if plain.decided
        else " No row without a flag was decided on, so how often people reject any row is not known."
    )
    left = [
        f"{number(n)} {why}"
        for n, why in ((found.by_rule, "made by a rule"), (found.stale, "on content that has changed"))
        if n
    ]
    out = f" Left out are decisions {' and '.join(left)}." if left else ""
    return (
        "<p>Precision is the share of rows that were rejected or edited, among those that carry a flag and"
        " that a person decided on, with its 95 % interval (Wilson). It holds for all rows with the flag as"
        " far as the decided ones are a fair draw of them. A decision counts for every flag of its row."
        f"{base}{out}</p>"
    )


def ratio(tally: Tally) -> str:
    """Precision and interval, as in `0.90 (0.77 to 0.96)`."""
    if tally.ratio is None:
        return "not known"
    low, high = tally.interval
    return f"{tally.ratio:.2f} ({low:.2f} to {high:.2f})"


def sentence(flag: Flag) -> str:
    """What people said of a flag, as a line of text."""
    t, (_, action, reason) = flag.tally, flag.key
    told = f"{t.agreed:,} {'was' if t.agreed == 1 else 'were'} rejected or edited"
    return f"of {t.decided:,} decided rows with {reason} ({action}), {told}: {ratio(t)}"


def _row(flag: Flag, plain: Tally) -> list[str]:
    step, action, reason = flag.key
    t = flag.tally
    return [
        shown(step),
        f'<span class="tag {shown(action)}">{shown(action)}</span>',
        f'<a href="#{anchor(flag.key)}"><code>{shown(reason)}</code></a>',
        number(t.rows),
        number(t.decided),
        number(t.agreed),
        ratio(t),
        escape(advice(flag, plain)),
    ]


def advice(flag: Flag, plain: Tally) -> str:
    """What to do about a flag, by its interval.

    Args:
        flag: The flag.
        plain: Rows without a flag.
    """
    t, dropped = flag.tally, flag.key[1] == "drop"
    low, high = t.interval
    if low >= CLEAR:
        return (
            "The drops hold." if dropped else "People reject nearly all: drop these rows, or read them last."
        )
    if high <= 1 - CLEAR:
        return (
            "Good rows are lost: loosen this rule, or switch it off."
            if dropped
            else "Mostly false alarms: raise the threshold, or switch the flag off."
        )
    if t.decided < min(FEW, t.rows):
        return f"Too few to tell: decide on about {_wanted(t)} more."
    base = plain.ratio
    if base is not None and plain.decided >= FEW and low <= base <= high:
        return "No worse than rows without a flag, as far as can be told: it does not help to choose."
    return (
        "Some of the drops are good rows: loosen this rule, or look at more of them."
        if dropped
        else "Mixed: these rows need a person" + (", or the threshold below." if flag.bands else ".")
    )


def _wanted(t: Tally) -> int:
    """Decisions until the interval is the estimate plus or minus `WIDTH`, as far as there are rows."""
    p = (t.agreed + 2) / (t.decided + 4)  # Agresti and Coull 1998
    missing = math.ceil((Z_95 / WIDTH) ** 2 * p * (1 - p)) - t.decided
    return max(1, min(missing, t.rows - t.decided))


def _scores(flag: Flag) -> str:
    """Precision by score: in each band, and of everything that a threshold at its end would take."""
    side = "and higher" if flag.upward else "and lower"
    head = ("score", "rows", "decided", "rejected or edited", "precision", side, "precision of those")
    rows = [_band(band) for band in flag.bands]
    step, _, reason = (shown(part) for part in flag.key)
    note = (
        f'<p class="quiet">Rows of a {"higher" if flag.upward else "lower"} score are rejected more. The last'
        " column is what a threshold at that end of the band would take: choose the one that is still right"
        " often enough.</p>"
    )
    made = table(head, rows, f"Precision of {flag.key[2]} by score", numeric=range(7))
    return details(f"<code>{reason}</code> by score, step {step}", note + made)


def _band(band: Band) -> list[str]:
    inside, beyond = band.inside, band.beyond
    return [
        f"{band.low:.3g} to {band.high:.3g}",
        number(inside.rows),
        number(inside.decided),
        number(inside.agreed),
        ratio(inside),
        number(beyond.rows),
        ratio(beyond),
    ]
