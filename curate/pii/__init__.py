"""Personal data and secrets in conversations: found as typed spans, replaced by consistent placeholders."""

from __future__ import annotations

from .builtin import BuiltinDetector, may_hold
from .parts import Part, found_in, parts_of
from .presidio import PresidioDetector
from .redact import Hit, placed, redacted, with_repeats
from .spans import FAMILIES, FAMILY_OF, Detector, Span
from .topics import nobodys

__all__ = [
    "FAMILIES",
    "FAMILY_OF",
    "BuiltinDetector",
    "Detector",
    "Hit",
    "Part",
    "PresidioDetector",
    "Span",
    "found_in",
    "may_hold",
    "nobodys",
    "parts_of",
    "placed",
    "redacted",
    "with_repeats",
]
