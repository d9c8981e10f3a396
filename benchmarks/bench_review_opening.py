"""How long a workspace takes to open for review, to fill its queue, and to show one row.

    python benchmarks/bench_review_opening.py [--rows 200000]

The workspace is made up (`review_workspace.py`). Opening ends when the first row is claimed and read; the
queue goes on filling in a thread, as in the app.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from review_workspace import build
from tuneset.curate.ledger import Ledger
from tuneset.review_app.content import Reading
from tuneset.review_app.desk import Desk
from tuneset.review_app.opening import open_queue
from tuneset.review_app.people import Person
from tuneset.review_app.search import Search
from tuneset.review_app.store import Store

SHOWN = 400


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of wall time, and what came of it."""
    started = time.perf_counter()
    result = act()
    return time.perf_counter() - started, result


def opened(out: Path) -> Any:
    """Open a workspace up to the first row on the screen; gives what is left to fill."""
    ledger = Ledger.open(out)
    with Store.open(out / "review.db") as store:
        rest = open_queue(store, ledger)
        ticket = Desk(store, Person("ana", "admin", owner=True)).claim()
        assert ticket is not None
        Reading(ledger).content(ticket.row_ids[0])
    return rest


def finished(out: Path, rest: Any) -> None:
    """Fill the rest of the queue in a thread."""

    def fill() -> None:
        with Store.open(out / "review.db") as store:
            rest.finish(store)

    thread = threading.Thread(target=fill)
    thread.start()
    thread.join()


def measure(out: Path, rows: int) -> None:
    """Print the figures of one workspace."""
    first, rest = timed(lambda: opened(out))
    filled, _ = timed(lambda: finished(out, rest))
    again, _ = timed(lambda: opened(out))
    print(f"open, the first time {first:.2f} s; the queue is full {filled:.2f} s later; again {again:.2f} s")
    ledger = Ledger.open(out)
    reading, search, ids = Reading(ledger), Search(ledger), ledger.row_ids.to_pylist()
    reading.warm()
    for name, read in (("conversation", reading.conversation), ("all that is known", reading.content)):
        took = [timed(partial(read, row))[0] for row in ids[:: max(1, rows // SHOWN)]]
        half, most = np.percentile(np.array(took) * 1e3, [50, 95])
        print(f"one row, {name}: p50 {half:.1f} ms, p95 {most:.1f} ms")
    for name, act in (
        ("a text that no row holds", lambda: search.text("no such words")),
        ("a rule", lambda: search.where("quality >= 0.8 and language == 'en'")),
        ("by meaning, vectors made first", lambda: search.meaning("a lost password")),
        ("by meaning, vectors there", lambda: search.meaning("a parcel that never came")),
    ):
        print(f"search, {name}: {timed(act)[0]:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    rows = parser.parse_args().rows
    print(f"Python {platform.python_version()}; load {os.getloadavg()[0]:.1f}; {rows:,} made-up rows")
    with tempfile.TemporaryDirectory() as folder:
        measure(build(Path(folder) / "out", rows), rows)


if __name__ == "__main__":
    main()
