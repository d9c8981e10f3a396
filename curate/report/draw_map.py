"""The map of topics as inline SVG: a ring for each topic, a dot for some rows, labels that do not overlap."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .escape import number, shown

WIDTH, HEIGHT = 1040, 640
MARGIN_X, MARGIN_Y = 90, 48
CHARACTER = 6.6
"""Width of a character at 12 px, on the wide side."""
WIDE_CHARACTER = 12.5
LINE = 15
SMALLEST, LARGEST = 4.0, 21.0
"""Radii of rings."""
LONGEST = 30


class Spot(NamedTuple):
    """A topic on the map: its name, its place from -1 to 1, and its rows."""

    name: str
    x: float
    y: float
    rows: int


class Box(NamedTuple):
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)


class Label(NamedTuple):
    """A label: which topic, its box, where its text starts from, and whether a line leads to it."""

    topic: int
    box: Box
    led: bool


def topic_map(topics: Sequence[Spot], dots: Sequence[tuple[float, float, bool]], kept: int) -> str:
    """The map with its legend.

    Args:
        topics: The largest first.
        dots: Some rows: place from -1 to 1, and whether the row waits for a person.
        kept: Kept rows in all.
    """
    most = max(t.rows for t in topics) or 1
    rings = [(*_pixels(t.x, t.y), _radius(t.rows, most)) for t in topics]
    labels = place_labels([_text(t.name) for t in topics], rings)
    described = f"{len(topics)} topics; the largest are {', '.join(t.name for t in topics[:3])}."
    parts = [
        f'<svg class="map" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="map-t map-d">',
        f'<title id="map-t">Map of topics</title><desc id="map-d">{shown(described)}</desc>',
    ]
    for waits in (False, True):
        shape = "".join(f"M{x:.0f} {y:.0f}h0" for x, y in (_pixels(*d[:2]) for d in dots if d[2] == waits))
        parts.append(f'<path d="{shape}" class="{"waits" if waits else "row"}"/>' if shape else "")
    for topic, (x, y, radius) in zip(topics, rings, strict=True):
        tip = f"<title>{shown(topic.name)}: {number(topic.rows)} rows</title>"
        parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.1f}" class="ring">{tip}</circle>')
    for label in labels:
        x, y, radius = rings[label.topic]
        parts.append(_drawn(label, topics[label.topic].name, x, y, radius))
    return (
        f'<figure class="chart"><div class="scroll">{"".join([*parts, "</svg>"])}</div>'
        f"{_legend(len(dots), kept, any(d[2] for d in dots), len(topics) - len(labels))}</figure>"
    )


def _legend(dots: int, kept: int, waiting: bool, silent: int) -> str:
    waits = '<i class="key dot waits"></i> waits for a person ' if waiting else ""
    hidden = f" {number(silent)} of the smaller topics have no room for a label." if silent else ""
    drawn = f"{number(dots)} of {number(kept)} are drawn"
    return (
        f'<p class="legend"><i class="key dot row"></i> a kept row ({drawn}) '
        f'{waits}<i class="key ring"></i> a topic, as large as its rows</p>'
        f'<p class="quiet">Topics that stand near one another are near in meaning; the axes mean nothing.'
        f"{hidden}</p>"
    )


def _pixels(x: float, y: float) -> tuple[float, float]:
    return (
        MARGIN_X + (x + 1) / 2 * (WIDTH - 2 * MARGIN_X),
        MARGIN_Y + (1 - (y + 1) / 2) * (HEIGHT - 2 * MARGIN_Y),
    )


def _radius(rows: int, most: int) -> float:
    return max(SMALLEST, LARGEST * math.sqrt(rows / most))


def _text(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip(' ,')}…"


def _length(text: str) -> float:
    return sum(CHARACTER if ord(c) < 0x2E80 else WIDE_CHARACTER for c in text)


def place_labels(texts: Sequence[str], rings: Sequence[tuple[float, float, float]]) -> list[Label]:
    """A free place for each label, the first ones first: a label that finds none is left out.

    Args:
        texts: Labels.
        rings: x, y and radius of each one's ring, in pixels.

    Returns:
        Labels whose boxes neither overlap each other, nor the middle of a ring, nor leave the picture.
    """
    whole = [Box(x - 0.85 * r, y - 0.85 * r, x + 0.85 * r, y + 0.85 * r) for x, y, r in rings]
    middles = [Box(x - 3, y - 3, x + 3, y + 3) for x, y, _ in rings]
    placed: list[Label] = []
    for topic, text in enumerate(texts):
        taken = [p.box for p in placed]
        places = list(_places(_length(text), *rings[topic]))
        label = _free(topic, places, [*whole, *taken]) or _free(topic, places, [*middles, *taken])
        placed += [label] if label else []
    return placed


def _free(topic: int, places: Sequence[tuple[Box, bool]], taken: Sequence[Box]) -> Label | None:
    """The first place in the picture that overlaps nothing."""
    for box, led in places:
        inside = box.left >= 0 and box.top >= 0 and box.right <= WIDTH and box.bottom <= HEIGHT
        if inside and not any(box.overlaps(other) for other in taken):
            return Label(topic, box, led)
    return None


def _places(width: float, x: float, y: float, radius: float) -> Iterator[tuple[Box, bool]]:
    """Boxes about a ring, from near to far, and whether a line must lead there."""
    for away in (2, 16, 32, 50, 70):
        reach = radius + away
        slant = reach * 0.75
        middles = (
            (0, -reach - LINE / 2),
            (0, reach + LINE / 2),
            (reach + width / 2, 0),
            (-reach - width / 2, 0),
        )
        corners = [(sx * (slant + width / 2), sy * (slant + LINE / 2)) for sx in (1, -1) for sy in (-1, 1)]
        for dx, dy in (*middles, *corners):
            left, top = x + dx - width / 2, y + dy - LINE / 2
            yield Box(left, top, left + width, top + LINE), away > 2


def _drawn(label: Label, name: str, x: float, y: float, radius: float) -> str:
    box = label.box
    middle = (box.left + box.right) / 2
    text = f'<text x="{middle:.0f}" y="{box.bottom - 4:.0f}" text-anchor="middle">{shown(_text(name))}</text>'
    if not label.led:
        return text
    end_x, end_y = min(max(x, box.left), box.right), min(max(y, box.top), box.bottom)
    away = math.hypot(end_x - x, end_y - y) or 1
    start_x, start_y = x + (end_x - x) * radius / away, y + (end_y - y) * radius / away
    return (
        f'<line x1="{start_x:.0f}" y1="{start_y:.0f}" x2="{end_x:.0f}" y2="{end_y:.0f}" class="lead"/>{text}'
    )
