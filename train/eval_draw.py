"""The two pictures of an evaluation report, as inline SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ..schemas.evaluation import MetricSummary

WIDTH = 720
LABEL = 150
ROW = 54
CURVE_HEIGHT = 240
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 12, 34


def intervals(metrics: Mapping[str, MetricSummary]) -> str:
    """One line a metric: its paired difference with the 95 % interval, and where no difference lies."""
    height = ROW * len(metrics) + 4
    parts = [
        _open(
            height, "Differences", "Tuned minus base with 95 % intervals; the dashed line is no difference."
        )
    ]
    for i, (name, m) in enumerate(metrics.items()):
        parts.append(_interval_row(name, m, i * ROW))
    return "".join([*parts, "</svg></div>"])


def _interval_row(name: str, m: MetricSummary, y: int) -> str:
    low, high = min(m.low, m.diff, 0.0), max(m.high, m.diff, 0.0)
    pad = (high - low or 1.0) * 0.08

    def x(value: float) -> float:
        return round(LABEL + (value - low + pad) / (high - low + 2 * pad) * (WIDTH - LABEL - RIGHT), 1)

    middle = y + 20
    direction = f"{m.better} is better"
    return (
        f'<text x="0" y="{middle + 1}">{escape(name.replace("_", " "))}</text>'
        f'<text x="0" y="{middle + 17}" class="tick">{direction}</text>'
        f'<line x1="{LABEL}" x2="{WIDTH - RIGHT}" y1="{middle}" y2="{middle}" class="axis"/>'
        f'<line x1="{x(0)}" x2="{x(0)}" y1="{middle - 14}" y2="{middle + 10}" class="zero"/>'
        f'<line x1="{x(m.low)}" x2="{x(m.high)}" y1="{middle}" y2="{middle}" class="interval"/>'
        f'<circle cx="{x(m.diff)}" cy="{middle}" r="5" class="point"/>'
        f'<text x="{x(0)}" y="{middle + 24}" text-anchor="middle" class="tick">0</text>'
        f'<text x="{_inside(x(m.diff))}" y="{middle - 9}" text-anchor="middle">{m.diff:+.3g}</text>'
    )


def _inside(x: float) -> float:
    return min(max(x, LABEL + 20), WIDTH - RIGHT - 24)


def loss_curve(history: Sequence[Mapping[str, Any]]) -> str:
    """Training and validation loss by step, in nats a token; empty where fewer than two were logged."""
    train = [(r["step"], r["loss"]) for r in history if "loss" in r]
    validation = [(r["step"], r["validation_loss"]) for r in history if "validation_loss" in r]
    points = [*train, *validation]
    if len(points) < 2:
        return ""
    last, top = max(p[0] for p in points) or 1, max(p[1] for p in points) or 1.0

    def place(point: tuple[float, float]) -> tuple[float, float]:
        step, loss = point
        x = LEFT + step / last * (WIDTH - LEFT - RIGHT)
        return round(x, 1), round(TOP + (1 - loss / top) * (CURVE_HEIGHT - TOP - BOTTOM), 1)

    parts = [_open(CURVE_HEIGHT, "Loss by step", "Training and validation loss in nats a token.")]
    parts += [_level(top * share, place((0, top * share))[1]) for share in (0.0, 0.5, 1.0)]
    for kind, line in (("train", train), ("validation", validation)):
        path = " ".join(f"{x},{y}" for x, y in map(place, line))
        parts.append(f'<polyline points="{path}" class="{kind}"/>')
    parts += [f'<circle cx="{x}" cy="{y}" r="3" class="dot"/>' for x, y in map(place, validation)]
    floor = CURVE_HEIGHT - 10
    parts.append(f'<text x="{LEFT}" y="{floor}" class="tick">step 0</text>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{floor}" text-anchor="end" class="tick">step {last}</text>')
    return "".join([*parts, "</svg></div>"])


def _level(value: float, y: float) -> str:
    return (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" class="axis"/>'
        f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end" class="tick">{value:.2f}</text>'
    )


def _open(height: int, title: str, description: str) -> str:
    return (
        f'<div class="scroll"><svg viewBox="0 0 {WIDTH} {height}" role="img" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    )
