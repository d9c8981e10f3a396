"""The review app measured in one run: opening, one decision, key to paint, many writers, kills.

    python benchmarks/bench_review.py [--rows 200000] [--decisions 10000]

Each part also runs by itself: `bench_review_opening.py`, `review_browser.py`, `review_swarm.py`,
`review_agreement.py`. The floor of a decision is one row put into SQLite with the same durability.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import tempfile
import time
from pathlib import Path

import bench_review_opening
import numpy as np
import review_agreement
import review_browser
import review_swarm
from review_workspace import build

KILLS = {"worker_kills": 100, "server_kills": 5}


def floor(n: int = 300) -> float:
    """Milliseconds at p95 of one row put into SQLite (WAL, every commit synced)."""
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE t (x TEXT)")
        took = []
        for _ in range(n):
            start = time.perf_counter()
            db.execute("INSERT INTO t VALUES (?)", ("x" * 500,))
            took.append((time.perf_counter() - start) * 1e3)
        db.close()
    return float(np.percentile(took, 95))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--decisions", type=int, default=10_000)
    told = parser.parse_args()
    print(f"Python {platform.python_version()}; {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}")
    print(f"\n== opening {told.rows:,} rows")
    with tempfile.TemporaryDirectory() as folder:
        out = build(Path(folder) / "out", told.rows)
        bench_review_opening.measure(out, told.rows)
        print("\n== in Chromium")
        print("\n".join(review_browser.measure(out, 60)))
    print("\n== decisions on the record")
    lowest = floor()
    print(f"floor: one row into SQLite, synced: p95 {lowest:.2f} ms")
    runs = [
        ("sqlite", 1, 2_000, {}),
        ("postgresql", 1, 2_000, {}),
        ("sqlite", 50, told.decisions, {"worker_kills": KILLS["worker_kills"]}),
        ("service", 50, told.decisions, KILLS),
        ("postgresql", 50, told.decisions, KILLS),
        ("postgresql", 50, 2_000, {"pause": 1.0}),
    ]
    for engine, workers, decisions, kills in runs:
        result = review_swarm.swarm(engine, workers=workers, decisions=decisions, **kills)
        print(f"{review_swarm.line(result)}  {result['p95_ms'] / lowest:.1f} x floor", flush=True)
        for failure in result["failed_workers"]:
            print(failure)
    print("\n== agreement beside its papers")
    review_agreement.main()


if __name__ == "__main__":
    main()
