"""How far a queue is, and how fast its person goes."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Mapping

KEPT = 200
FEWEST = 3
"""Decisions without which no pace is told."""


class Pace:
    """The decisions of one sitting."""

    def __init__(self) -> None:
        self._at: deque[float] = deque(maxlen=KEPT)
        self._dwell: deque[int] = deque(maxlen=KEPT)

    def decided(self, dwell_ms: int) -> None:
        """One more decision."""
        self._at.append(time.monotonic())
        self._dwell.append(dwell_ms)

    def undone(self) -> None:
        """One fewer."""
        if self._at:
            self._at.pop()
            self._dwell.pop()

    def line(self, counted_at: float, counts: Mapping[str, int]) -> str:
        """For people: "214 of 1,200 done · 41 an hour · median 11 s".

        Args:
            counted_at: When the queue was counted, monotonic seconds; later decisions of mine are added.
            counts: Items by state.
        """
        total = sum(counts.values())
        done = min(total, total - counts["open"] + sum(at > counted_at for at in self._at))
        parts = [f"{done:,} of {total:,} done"]
        if len(self._at) >= FEWEST:
            hours = (time.monotonic() - self._at[0]) / 3600
            rate = (len(self._at) - 1) / hours if hours > 0 else 0
            parts.append(f"{rate:,.0f} an hour")
            parts.append(f"median {statistics.median(self._dwell) / 1000:.0f} s")
        return " · ".join(parts)
