"""Bar charts as Vega-Lite specifications: one colour, values told on hover. No Streamlit here."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

BAR = 26
TALL = 280
FEW = 8
"""Bars up to which each has a width of its own; more share the width there is."""


def bars(
    table: pa.Table, names: str, values: str, *, title: str | None = None, lying: bool = False
) -> dict[str, Any]:
    """A specification of bars, with its data.

    Args:
        table: The data, a few hundred lines at most.
        names: The column of the bars' names.
        values: The column of their lengths.
        title: What the names are; None is the column's name.
        lying: Whether they lie one below the other; else they stand side by side.
    """
    name = {
        "field": names,
        "type": "nominal",
        "sort": None,
        "title": title or names,
        "axis": {"labelLimit": 220, "labelOverlap": True, "labelAngle": 0},
    }
    width = {"width": BAR} if not lying and len(table) <= FEW else {}
    axis = {"tickMinStep": 1, "format": ",d"}
    most = max(table[values].to_pylist(), default=1)
    scale = {"domain": [0, max(most, 1)], "nice": True}
    value = {"field": values, "type": "quantitative", "stack": None, "axis": axis, "scale": scale}
    return {
        "data": {"values": table.select([names, values]).to_pylist()},
        "mark": {"type": "bar", "cornerRadiusEnd": 3, **width},
        "height": len(table) * BAR if lying else TALL,
        "encoding": {
            "y" if lying else "x": name,
            "x" if lying else "y": value,
            "tooltip": [{"field": names}, {"field": values, "format": ",d"}],
        },
    }
