"""Any file against a target's rules: every problem with its line, member, reason and remedy."""

from .found import Found
from .result import CheckResult, FileReport
from .run import check

__all__ = ["CheckResult", "FileReport", "Found", "check"]
