"""What a verb gives back to the edge."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """The end of a verb.

    Args:
        data: The one JSON object that `--json` prints.
        text: What a person reads on stdout.
        code: 0 done; 1 done, but a check said no.
    """

    data: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    code: int = 0
