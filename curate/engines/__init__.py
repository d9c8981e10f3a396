"""Engines spread `measure` over processes or machines; steps never ask where they run."""

from __future__ import annotations

from .base import Engine, engine_for

__all__ = ["Engine", "engine_for"]
