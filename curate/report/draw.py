"""Charts as inline SVG. Widths are percentages and text has its own size, so a chart fits any page width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from .escape import number
from .sizes import Histogram

FUNNEL_STEP = 44
BAR = 14
PLOT = 110
MIN_SLOTS = 8
CURVE_SLOTS = 26
CURVE_TOP = 18


@dataclass(frozen=True)
class Stage:
    """One stage of the funnel: rows that came, rows that left, and what to call both."""

    name: str
    came: int
    left: int
    note: str


def funnel(stages: Sequence[Stage], title: str, description: str) -> str:
    """One bar a stage, as wide as its rows: what went on in full colour, what left hatched.

    Args:
        stages: In order; the first has the most rows.
        title: Short name for screen readers.
        description: The picture in a sentence.
    """
    most = max((s.came for s in stages), default=0) or 1
    height = FUNNEL_STEP * len(stages)
    parts = [_open("funnel", height, title, description), _hatch()]
    for i, stage in enumerate(stages):
        y = i * FUNNEL_STEP
        stayed = stage.came - stage.left
        went, width = _percent(stayed, most), _percent(stage.came, most)
        parts.append(f'<text x="0" y="{y + 14}" class="name">{escape(stage.name)}</text>')
        parts.append(f'<text x="100%" y="{y + 14}" text-anchor="end">{escape(stage.note)}</text>')
        parts.append(f'<rect x="0" y="{y + 21}" width="100%" height="{BAR}" class="track"/>')
        parts.append(f'<rect x="0" y="{y + 21}" width="{width}" height="{BAR}" fill="url(#hatch)"/>')
        parts.append(f'<rect x="0" y="{y + 21}" width="{went}" height="{BAR}" class="bar"/>')
    return "".join([*parts, "</svg>"])


def histogram(chart: Histogram) -> str:
    """Bars in pairs: before, after."""
    most = max([*chart.before, *chart.after, 1])
    bins = max(len(chart.labels), MIN_SLOTS)
    slot = 100 / bins
    before, after = number(sum(chart.before)), number(sum(chart.after))
    described = f"{chart.name} in {chart.unit}: {before} rows before, {after} after."
    parts = [_open("histogram", PLOT + 22, chart.name, described)]
    for i, (label, b, a) in enumerate(zip(chart.labels, chart.before, chart.after, strict=True)):
        tip = f"<title>{escape(label)} {chart.unit}: {number(b)} before, {number(a)} after</title>"
        parts.append(f"<g>{tip}")
        parts.append(_bar(i * slot + slot * 0.08, slot * 0.84, b, most, "before"))
        parts.append(_bar(i * slot + slot * 0.24, slot * 0.52, a, most, "bar"))
        parts.append("</g>")
    parts.append(f'<line x1="0" x2="100%" y1="{PLOT}" y2="{PLOT}" class="axis"/>')
    step = max(1, -(-bins // 5))
    for i in range(0, len(chart.labels), step):
        start = chart.labels[i].split("–")[0]
        anchor = ' text-anchor="middle"' if i else ""
        x = f"{(i + 0.5) * slot:.2f}%" if i else "0"
        parts.append(f'<text x="{x}" y="{PLOT + 16}"{anchor} class="tick">{escape(start)}</text>')
    return "".join([*parts, "</svg>"])


def curve(points: Sequence[tuple[float, int]], now: float, title: str, description: str) -> str:
    """A bar for each threshold in [0.5, 1], as high as the rows that it removes; the one in use is marked.

    Args:
        points: Threshold and rows, in steps of 0.02.
        now: The threshold that was used.
        title: Short name for screen readers.
        description: The picture in a sentence.
    """
    most = max((n for _, n in points), default=0) or 1
    slot = 100 / CURVE_SLOTS
    parts = [_open("curve", PLOT + 40, title, description), f'<g transform="translate(0 {CURVE_TOP})">']
    for level, n in points:
        kind = "bar" if level >= now - 1e-9 else "before"
        tip = f"<title>from {level:.2f}: {number(n)} rows</title>"
        parts.append(f"<g>{tip}{_bar(_place(level) + slot * 0.1, slot * 0.8, n, most, kind)}</g>")
    at = f"{_place(now):.2f}%"
    parts.append(f'<line x1="0" x2="100%" y1="{PLOT}" y2="{PLOT}" class="axis"/>')
    parts.append(f'<line x1="{at}" x2="{at}" y1="{-CURVE_TOP}" y2="{PLOT}" class="now"/>')
    anchor, shift = ("end", -6) if now > 0.85 else ("start", 6)
    label = f"{now:g} was used"
    parts.append(f'<text x="{at}" dx="{shift}" y="-4" text-anchor="{anchor}" class="tick">{label}</text>')
    for tenth in range(5, 11):
        x, edge = _place(tenth / 10), {5: "start", 10: "end"}.get(tenth, "middle")
        x = x + slot / 2 if edge == "middle" else 100.0 if edge == "end" else 0.0
        tick = f'<text x="{x:.2f}%" y="{PLOT + 16}" text-anchor="{edge}" class="tick">{tenth / 10:.1f}</text>'
        parts.append(tick)
    return "".join([*parts, "</g></svg>"])


def _place(level: float) -> float:
    """Where the bar of a threshold starts, in per cent of the width."""
    return 100 / CURVE_SLOTS * (level - 0.5) / 0.02


def meter(part: float, whole: float) -> str:
    """A bar in a table cell; the number stands beside it, so it is hidden from screen readers."""
    return (
        '<svg class="meter" width="100%" height="8" aria-hidden="true" focusable="false">'
        '<rect width="100%" height="8" class="track"/>'
        f'<rect width="{_percent(part, whole or 1)}" height="8" class="bar"/></svg>'
    )


def _bar(x: float, width: float, value: int, most: int, kind: str) -> str:
    height = max(1.5, PLOT * 0.96 * value / most) if value else 0
    place = f'x="{x:.2f}%" y="{PLOT - height:.1f}" width="{width:.2f}%" height="{height:.1f}"'
    return f'<rect {place} class="{kind}"/>'


def _open(kind: str, height: int, title: str, description: str) -> str:
    name = f"{kind}-{''.join(c for c in title.lower() if c.isalnum())}"
    return (
        f'<svg class="{kind}" width="100%" height="{height}" role="img" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(description)}</desc>'
    )


def _hatch() -> str:
    return (
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="6" height="6" class="gone"/>'
        '<rect width="2" height="6" class="stripe"/></pattern></defs>'
    )


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.3f}%"
