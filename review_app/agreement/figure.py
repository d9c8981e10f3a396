"""One agreement figure: its value and interval, or in words why it has none."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .ratings import Ratings

NO_VOTE = "nobody voted"
ONE_PERSON = "only one person voted"
NOT_SHARED = "no row was voted on by two people"
ONE_LABEL = "only one label was used"


@dataclass(frozen=True)
class Figure:
    """A figure with its 95 % interval.

    Args:
        name: What it is.
        value: The figure; None where it is undefined.
        low: Lower end of the interval; None where the votes are too few for one.
        high: Upper end.
        method: How the interval was made.
        analytic: The interval by the formula of the figure's paper; None where the paper gives none.
        standard_error: By the same formula.
        units: Rows with the votes of two or more people, on which the figure rests.
        raters: People who voted on them.
        undefined: Why there is no value; None where there is one.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    method: str = ""
    analytic: tuple[float, float] | None = None
    standard_error: float | None = None
    units: int = 0
    raters: int = 0
    undefined: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def text(self) -> str:
        """The figure for a person: `0.61 (0.52 to 0.70)`, or why there is none."""
        if self.value is None:
            return f"undefined: {self.undefined}"
        if self.low is None or self.high is None:
            return f"{self.value:.2f}"
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def undefined(name: str, why: str, *, units: int = 0, raters: int = 0) -> Figure:
    """A figure that these votes do not define."""
    return Figure(name, None, units=units, raters=raters, undefined=why)


def too_few(ratings: Ratings) -> str | None:
    """Why no agreement can be told of these votes, whatever the figure; None where it can."""
    voted = (ratings.codes >= 0).any(axis=0).sum()
    if voted == 0:
        return NO_VOTE
    if voted == 1:
        return ONE_PERSON
    return None if ratings.shared else NOT_SHARED
