"""Progress on stderr: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TextIO

REDRAW_SECONDS = 0.1
LINE_SECONDS = 10.0
BAR_CELLS = 24


class Progress:
    """Draws the phases of a job.

    Args:
        quiet: Say nothing.
        stream: Where to draw; stderr.
        clock: Seconds that only go forward.
    """

    def __init__(
        self,
        *,
        quiet: bool = False,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._terminal = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._clock = clock
        self._phase = ""
        self._started = self._shown = clock()

    def __call__(self, phase: str, done: int, total: int | None) -> None:
        """Show that `done` of `total` are done in a phase; a total of None is unknown."""
        if self._quiet:
            return
        now = self._clock()
        if phase != self._phase:
            self._finish()
            self._phase, self._started, self._shown = phase, now, now
            if not self._terminal:
                self._write(f"{phase} ...\n")
                return
        elif not self._due(now, done == total):
            return
        self._shown = now
        line = describe(phase, done, total, now - self._started)
        self._write(f"\r\x1b[K{line}" if self._terminal else f"{line}\n")

    def _due(self, now: float, last: bool) -> bool:
        if self._terminal:
            return last or now - self._shown >= REDRAW_SECONDS
        return now - (self._started if last else self._shown) >= LINE_SECONDS

    def close(self) -> None:
        """Leave the cursor on a line of its own."""
        if not self._quiet:
            self._finish()
        self._phase = ""

    def _finish(self) -> None:
        if self._phase and self._terminal:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def describe(phase: str, done: int, total: int | None, seconds: float) -> str:
    """One line: bar, share, speed and time left, as far as they are known."""
    if not total:
        return f"{phase} ..."
    share = min(done / total, 1.0)
    bar = "█" * int(share * BAR_CELLS) + "░" * (BAR_CELLS - int(share * BAR_CELLS))
    unit = "B" if phase == "read" else "rows"
    rate = done / seconds if seconds > 0 else 0.0
    left = f", {(total - done) / rate:,.0f} s left" if rate and done < total else ""
    amount = f"{done / 1e6:,.1f} of {total / 1e6:,.1f} MB" if unit == "B" else f"{done:,} of {total:,} rows"
    speed = f", {rate / 1e6:,.1f} MB/s" if unit == "B" else f", {rate:,.0f} rows/s"
    return f"{bar} {share:4.0%} {phase}: {amount}{speed if done else ''}{left}"
