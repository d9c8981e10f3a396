"""What the guard rails found, with the rows that they show."""

from __future__ import annotations

from ...schemas.run import LargeDrop, RunCard
from ..guard_text import sentence
from .escape import number, share, shown
from .sections import section


def guard_section(card: RunCard) -> str:
    """The groups that one step took too much of; nothing where there are none."""
    guard = card.guard
    if not guard.findings:
        return ""
    fate = (
        "It was accepted with <code>--accept-drops</code>."
        if guard.accepted
        else "So the run stopped here; look at the rows, then loosen the step or accept the loss."
    )
    note = (
        f"<p>One step dropped more than {share(guard.max_drop_ratio or 0, 1)} of a group"
        f" (<code>max_drop_ratio</code>). {fate}</p>"
    )
    told: set[str] = set()
    parts = []
    for finding in guard.findings:
        parts.append(_finding(finding, told))
        told |= {example.row_id for example in finding.examples}
    return section("guard", "Guard rails", note, *parts)


def _finding(finding: LargeDrop, told: set[str]) -> str:
    """A finding with its rows, but those that an earlier one has shown."""
    rows = "".join(
        f'<article class="example"><p class="facts"><span class="where">{shown(e.file)}, row {number(e.row)}'
        f" <code>{shown(e.row_id)}</code></span> <span>{shown(e.reason)}</span></p>"
        f'<p dir="auto">{shown(e.text)}</p></article>'
        for e in finding.examples
        if e.row_id not in told
    )
    if not rows:
        return f"<p>{shown(sentence(finding))}</p>"
    return f'<details class="reason" open><summary>{shown(sentence(finding))}</summary>{rows}</details>'
