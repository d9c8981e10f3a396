"""The report of a run: `report` writes one self-contained HTML file."""

from __future__ import annotations

from .build import report

__all__ = ["report"]
