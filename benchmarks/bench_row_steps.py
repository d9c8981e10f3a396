"""Speed of the row-local steps: what each costs a row, and all of them together on every core.

    python benchmarks/bench_row_steps.py [FILE_OR_FOLDER] [--workers N]

Without an argument the shipped sample is used. The rows are read before the clock starts; what is timed is
decoding, measuring and writing the measures, as `tuneset curate` does it.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from pathlib import Path

from tuneset.curate import curate
from tuneset.schemas.recipe import Recipe

SAMPLE = Path(__file__).resolve().parent.parent / "cli" / "sample" / "raw"
NEED_OTHER_ROWS = ("near_duplicate", "decontaminate", "topic", "split")


class Clock:
    """Seconds between the first and the last word of every measuring phase."""

    def __init__(self) -> None:
        self.phases: dict[str, list[float]] = {}

    def __call__(self, phase: str, _done: int, _total: int | None) -> None:
        if phase.startswith("measure "):
            self.phases.setdefault(phase, []).append(time.perf_counter())

    @property
    def seconds(self) -> float:
        return sum(times[-1] - times[0] for times in self.phases.values())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("source", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    args = parser.parse_args()
    steps = [s.use for s in Recipe().steps if s.use not in NEED_OTHER_ROWS]
    print(f"Python {platform.python_version()}; {args.workers} workers, load {os.getloadavg()[0]:.1f}")
    print(f"input: {args.source.name}; steps: {', '.join(steps)}")
    best = float("inf")
    with tempfile.TemporaryDirectory() as folder:
        for run in range(3):
            clock = Clock()
            out = Path(folder) / f"out{run}"
            card = curate(
                args.source, out=out, recipe={"steps": steps}, workers=args.workers, progress=clock
            ).card
            best = min(best, clock.seconds)
        print(
            f"{card.rows_in:,} rows measured in {best:.2f} s: {card.rows_in / best:,.0f} rows/s (best of 3)"
        )
        for step in card.steps:
            print(
                f"  {step.step:16s} {1e6 * step.seconds / card.rows_in:6.0f} us CPU a row, deciding included"
            )


if __name__ == "__main__":
    main()
