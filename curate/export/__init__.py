"""Frozen versions in providers' shapes."""

from .run import ExportResult, export
from .targets import TARGETS

__all__ = ["TARGETS", "ExportResult", "export"]
