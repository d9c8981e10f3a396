"""Side-by-side measurements of the curation's parts, in one run on one machine.

    python benchmarks/bench_curate.py [FILE_OR_FOLDER] [--rows N]

Without an argument the shipped sample is used. Prints settings, versions, seconds and ratios.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from tuneset.curate import curate
from tuneset.curate.langid import classify
from tuneset.curate.leak_certificate import certify
from tuneset.curate.minhash import minima, sketches
from tuneset.curate.rows import Rows
from tuneset.curate.version_files import open_version
from tuneset.review_app import approve, freeze
from tuneset.schemas.step_options import NearDuplicateOptions

SAMPLE = Path(__file__).resolve().parent.parent / "cli" / "sample" / "raw"


def timed(function: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    """Best seconds of some runs, and the last result."""
    best, result = float("inf"), None
    for _ in range(repeats):
        started = time.perf_counter()
        result = function()
        best = min(best, time.perf_counter() - started)
    return best, result


def whole_job(source: Path, folder: Path) -> None:
    for workers in (1, 2):
        out = folder / f"out{workers}"
        started = time.perf_counter()
        card = curate(source, out=out, workers=workers).card
        seconds = time.perf_counter() - started
        print(
            f"curate, {workers} workers: {card.rows_in:,} rows in {seconds:.1f} s,"
            f" {card.rows_in / seconds:,.0f} rows/s,"
        )
        print(
            f"  peak {card.peak_memory_mb:,.0f} MiB a process; kept {card.kept:,}, dropped {card.dropped:,}"
        )
        for step in card.steps:
            print(f"  {step.step:16s} {step.seconds:6.2f} CPU s")
    started = time.perf_counter()
    curate(
        source,
        out=folder / "out2",
        workers=2,
        recipe={"steps": ["structure", {"use": "near_duplicate", "threshold": 0.8}]},
    )
    print(f"another threshold, nothing measured again: {time.perf_counter() - started:.1f} s")


def freezing(out: Path) -> None:
    approve(out, where="true or review", actor="bench")
    started = time.process_time()
    result = freeze(out)
    whole = time.process_time() - started
    version = open_version(out)
    started = time.process_time()
    leaks = certify(
        partial(version.rows, "train"),
        {split: partial(version.rows, split) for split in ("test", "validation")},
        n_train=version.counts["train"],
        threshold=NearDuplicateOptions().threshold,
    )
    certified = time.process_time() - started
    rows = ", ".join(f"{split} {n:,}" for split, n in result.counts.items())
    sure = f"recall {leaks.recall:.3f}" if leaks.exact_from is None else f"exact from {leaks.exact_from:g}"
    print(f"freeze: {rows} rows in {whole:.1f} CPU s, of which the leak certificate {certified:.1f}, {sure}")
    for split, found in leaks.splits.items():
        print(f"  {split}: highest similarity {found.highest:.2f}, {found.at_threshold:,} rows from 0.7 up")


def language(texts: list[str]) -> None:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    heads = [t[:300] for t in texts]
    ours, (codes, _) = timed(lambda: classify(heads))
    theirs, answers = timed(lambda: [identifier.classify(t)[0] for t in heads], 1)
    same = np.mean([a == b for a, b in zip(codes, answers, strict=True)])
    rate = len(texts) / ours
    print(
        f"language: {rate:,.0f} rows/s a core, {theirs / ours:.1f} times py3langid one by one,"
        f" same answers {same:.4f}"
    )


def minhash(texts: list[str]) -> None:
    from datasketch import MinHash

    ours, _ = timed(lambda: sketches(minima(texts, n_bins=128, seed=1)))
    few = texts[:300]

    def peer() -> list[Any]:
        grams = [[t[i : i + 5].encode() for i in range(max(len(t) - 4, 1))] for t in few]
        return MinHash.bulk(grams, num_perm=128)

    theirs, _ = timed(peer, 1)
    ratio = (theirs / len(few)) / (ours / len(texts))
    print(
        f"MinHash of 5-grams, 128 values: {len(texts) / ours:,.0f} rows/s a core,"
        f" {ratio:.0f} times datasketch bulk"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("source", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--rows", type=int, default=5000, help="rows for the parts (default: 5,000)")
    args = parser.parse_args()
    libraries = ", ".join(
        f"{n} {version(n)}" for n in ("numpy", "pyarrow", "py3langid", "datasketch", "rapidfuzz")
    )
    print(
        f"Python {platform.python_version()}, {libraries};"
        f" {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print(f"input: {args.source.name}")
    with tempfile.TemporaryDirectory() as folder:
        whole_job(args.source, Path(folder))
        freezing(Path(folder) / "out1")
        rows = Rows(pq.read_table(Path(folder) / "out1" / "rows.parquet").slice(0, args.rows))
    texts = [f"{p}\n{r}" for p, r in zip(rows.prompts, rows.responses, strict=True)]
    language(rows.responses)
    minhash(texts)


if __name__ == "__main__":
    sys.exit(main())
