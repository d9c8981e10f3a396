"""Repaired copies of files: what is certain is repaired and counted, the rest is left out by name."""

from .names import REPAIRS
from .result import FixResult
from .run import fix

__all__ = ["REPAIRS", "FixResult", "fix"]
