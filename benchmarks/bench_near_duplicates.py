"""The near_duplicate step beside other deduplicators, in one run on the same rows.

    python benchmarks/bench_near_duplicates.py FILE_OR_FOLDER... [--rows N] [--workers N]

Reads the rows, keeps the first N after exact deduplication, and times the step as the pipeline runs it: rows
read from parquet, measures written, verdicts written. Peers that are not installed are left out; they get
their texts in memory. Prints versions, seconds, rows a second, rows removed and ratios.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from bench_vectors import model2vec
from tuneset.curate import curate
from tuneset.curate.engines import engine_for
from tuneset.curate.pipeline import Pipeline
from tuneset.curate.rows import Rows
from tuneset.curate.steps import NearDuplicate
from tuneset.schemas.step_options import NearDuplicateOptions

SHARE = 0.7
VALUES = 128
PEERS = ("datasketch", "rensa", "semhash")
Peer = Callable[[list[str]], int]
"""Takes texts and gives how many rows it removes."""


def prepared(sources: list[Path], folder: Path, rows: int) -> tuple[Path, list[str]]:
    """A parquet file of distinct rows, and their texts."""
    result = curate(sources, out=folder / "read", recipe={"steps": ["structure", "exact_duplicate"]})
    table = pq.read_table(folder / "read" / "rows.parquet")
    kept = set(result.kept)
    mask = [row in kept for row in table.column("row_id").to_pylist()]
    table = table.filter(mask).slice(0, rows).combine_chunks()
    file = folder / "rows.parquet"
    pq.write_table(table, file, compression="zstd", row_group_size=4096)
    texts = Rows(table)
    return file, [f"{p}\n{r}" for p, r in zip(texts.prompts, texts.responses, strict=True)]


def step(file: Path, folder: Path, workers: int, **options: Any) -> tuple[float, float, int, int]:
    """Seconds of the whole step, of a second run with another threshold, rows removed and rows for review."""
    cache = folder / "measures"
    shutil.rmtree(cache, ignore_errors=True)
    engine = engine_for("local", workers)
    list(engine.map(abs, range(workers * 4)))  # worker processes are up before the clock starts
    times, outcomes = [], []
    for threshold in (0.7, 0.8):
        made = NearDuplicate(NearDuplicateOptions(threshold=threshold, **options))
        started = time.perf_counter()
        pipeline = Pipeline([made], file, cache, engine)
        outcomes.append(pipeline.run(folder / "verdicts.parquet", folder / "edits.parquet"))
        times.append(time.perf_counter() - started)
    engine.close()
    return times[0], times[1], outcomes[0].steps[0].dropped, outcomes[0].review


def datasketch(texts: list[str]) -> int:
    """README way: bulk signatures of word 5-grams, LSH, no check of candidates."""
    from datasketch import MinHash, MinHashLSH

    words = [t.lower().split() for t in texts]
    grams = [[" ".join(w[i : i + 5]).encode() for i in range(max(len(w) - 4, 1))] for w in words]
    lsh, removed = MinHashLSH(threshold=SHARE, num_perm=VALUES), 0
    for i, sketch in enumerate(MinHash.bulk(grams, num_perm=VALUES)):
        if lsh.query(sketch):
            removed += 1
        else:
            lsh.insert(i, sketch)
    return removed


def rensa(texts: list[str]) -> int:
    from rensa import RMinHash, RMinHashLSH

    lsh = RMinHashLSH(threshold=SHARE, num_perm=VALUES, num_bands=16)
    removed = 0
    for i, text in enumerate(texts):
        words = text.lower().split()
        sketch = RMinHash(num_perm=VALUES, seed=1)
        sketch.update([" ".join(words[j : j + 5]) for j in range(max(len(words) - 4, 1))])
        if lsh.query(sketch):
            removed += 1
        else:
            lsh.insert(i, sketch)
    return removed


def semhash(texts: list[str]) -> int:
    """Embedding by model2vec with the weights of the static encoder, then its own search, threshold 0.9."""
    from semhash import SemHash

    made = SemHash.from_records(records=texts, model=model2vec())
    return len(texts) - len(made.self_deduplicate(threshold=0.9).selected)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sources", nargs="+", type=Path)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    peers = [name for name in PEERS if importlib.util.find_spec(name)]
    libraries = ", ".join(f"{n} {version(n)}" for n in ("tuneset", "numpy", "rapidfuzz", *peers))
    print(f"Python {platform.python_version()}, {libraries}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {args.workers} worker processes")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file, texts = prepared(args.sources, folder, args.rows)
        print(f"{len(texts):,} distinct rows, {sum(map(len, texts)) / 1e6:.1f} M characters")
        seconds = {}
        for kind, options in (("words alone", {"same_meaning": "off"}), ("with meaning", {})):
            first, again, removed, review = step(file, folder, args.workers, **options)
            seconds[kind] = first
            print(
                f"  near_duplicate, {kind:13s} {first:6.2f} s {len(texts) / first:8,.0f} rows/s,"
                f" removes {removed:,}, {review:,} for review; another threshold {again:.2f} s"
            )
        functions: dict[str, Peer] = {"datasketch": datasketch, "rensa": rensa, "semhash": semhash}
        for peer in peers:
            started = time.perf_counter()
            removed = functions[peer](texts)
            took = time.perf_counter() - started
            kind = "with meaning" if peer == "semhash" else "words alone"
            print(
                f"  {peer:29s} {took:6.2f} s {len(texts) / took:8,.0f} rows/s, removes {removed:,};"
                f" {took / seconds[kind]:.1f} times as long as near_duplicate, {kind}"
            )
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB in this process")


if __name__ == "__main__":
    main()
