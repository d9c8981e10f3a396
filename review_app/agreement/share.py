"""A counted share with its interval."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ...schemas.proportions import wilson


@dataclass(frozen=True)
class Share:
    """How many of how many, with the 95 % Wilson interval.

    Args:
        count: How many.
        of: Out of how many.
        value: The share; None where there was nothing to count.
        low: Lower end; None like the value.
        high: Upper end; None like the value.
    """

    count: int
    of: int
    value: float | None
    low: float | None
    high: float | None

    @classmethod
    def count_of(cls, count: int, of: int) -> Share:
        """The share of a count."""
        if of == 0:
            return cls(0, 0, None, None, None)
        low, high = wilson(count, of)
        return cls(int(count), int(of), count / of, low, high)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def text(self) -> str:
        """The share for a person: `62 % (51 to 72; 50 of 81)`."""
        if self.value is None or self.low is None or self.high is None:
            return "undefined: nothing to count"
        return f"{self.value:.0%} ({self.low:.0%} to {self.high:.0%}; {self.count:,} of {self.of:,})"


def sign_test(count: int, of: int) -> float | None:
    """Two-sided exact p value that a share is one half; None where nothing was counted.

    Source: Arbuthnot 1710; the binomial tail by the incomplete beta function.
    """
    from scipy.special import bdtr

    if of == 0:
        return None
    return min(1.0, 2 * float(bdtr(min(count, of - count), of, 0.5)))
