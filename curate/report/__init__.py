"""The report of a run: `build_report` writes one self-contained HTML file."""

from __future__ import annotations

from .build import build_report

__all__ = ["build_report"]
