"""Frozen versions in providers' shapes."""

from .check import CheckResult, check
from .repair import FixResult, fix
from .result import ExportResult
from .run import export
from .targets import FAMILIES, TARGETS
from .transforms import TRANSFORMS

__all__ = [
    "FAMILIES",
    "TARGETS",
    "TRANSFORMS",
    "CheckResult",
    "ExportResult",
    "FixResult",
    "check",
    "export",
    "fix",
]
