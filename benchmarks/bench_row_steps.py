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
from tuneset.curate.run import BATCH_ROWS
from tuneset.schemas.recipe import Recipe

SAMPLE = Path(__file__).resolve().parent.parent / "cli" / "sample" / "raw"
NEED_OTHER_ROWS = ("near_duplicate", "decontaminate", "topic", "split")


class Clock:
    """When each measuring phase reported how many rows."""

    def __init__(self) -> None:
        self.phases: dict[str, list[tuple[float, int]]] = {}

    def __call__(self, phase: str, done: int, _total: int | None) -> None:
        if phase.startswith("measure "):
            self.phases.setdefault(phase, []).append((time.perf_counter(), done))

    def seconds_a_row(self, warm: int) -> float:
        """Seconds a row of all phases together, from the report on that follows `warm` rows."""
        total = 0.0
        for reports in self.phases.values():
            first = next((r for r in reports if r[1] >= warm), reports[0])
            total += (reports[-1][0] - first[0]) / max(reports[-1][1] - first[1], 1)
        return total


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("source", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    args = parser.parse_args()
    steps = [s.use for s in Recipe().steps if s.use not in NEED_OTHER_ROWS]
    print(f"Python {platform.python_version()}; {args.workers} workers, load {os.getloadavg()[0]:.1f}")
    print(f"input: {args.source.name}; steps: {', '.join(steps)}")
    clocks = []
    with tempfile.TemporaryDirectory() as folder:
        for run in range(3):
            clocks.append(Clock())
            out = Path(folder) / f"out{run}"
            recipe = {"steps": steps}
            card = curate(args.source, out=out, recipe=recipe, workers=args.workers, progress=clocks[-1]).card
        for warm, told in ((0, "the start of the workers included"), (4 * args.workers * BATCH_ROWS, "warm")):
            rate = 1 / min(clock.seconds_a_row(warm) for clock in clocks)
            print(f"{card.rows_in:,} rows, {told}: {rate:,.0f} rows/s (best of 3)")
        for step in card.steps:
            print(
                f"  {step.step:16s} {1e6 * step.seconds / card.rows_in:6.0f} us CPU a row, deciding included"
            )


if __name__ == "__main__":
    main()
