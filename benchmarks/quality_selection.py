"""What `select` chooses, beside random choices of as many tokens and farthest-first traversal.

    python benchmarks/quality_selection.py [DATA]

Coverage is the mean cosine of all rows to the nearest that stays, by the encoder that ships with the package.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from tuneset.curate import curate
from tuneset.curate.near.parts import unpacked
from tuneset.curate.selection.likeness import nearest_chosen
from tuneset.curate.steps.select import Select
from tuneset.schemas.step_options import SelectOptions

ROWS = 5000
SEEDS = range(5)
EXAMPLES = 8
SOURCES = (
    "toolformer.parquet",
    "dolly.csv",
    "code_alpaca_2k.json",
    "roleplay_sharegpt.parquet",
    "alpaca_en.json",
)


def rows_of_inputs(inputs: Path, folder: Path) -> pa.Table:
    """The rows of some inputs without exact copies."""
    recipe = {"steps": ["structure", "exact_duplicate"]}
    ledger = curate(inputs, out=folder, recipe=recipe, workers=1, accept_drops=True).ledger
    return pa.concat_tables(ledger.content()).combine_chunks()


class Pool:
    """Rows with their tokens and vectors."""

    def __init__(self, rows: pa.Table) -> None:
        measures = Select(SelectOptions(method="diverse")).measure(rows)
        self.rows = rows
        self.measures = measures
        self.tokens = np.asarray(measures["tokens"], np.int64)
        self.vectors = unpacked(measures["vector"])

    def kept(self, share: float, *, seed: int = 13, folder: Path = Path(), **options: Any) -> np.ndarray:
        """The rows that a method keeps of a share of the tokens."""
        budget = int(share * self.tokens.sum())
        step = Select(SelectOptions(tokens=budget, **options), seed=seed, folder=folder)
        return np.flatnonzero([a == "keep" for a in step.decide(self.measures)["action"].to_pylist()])

    def figures(self, kept: np.ndarray) -> str:
        near = nearest_chosen(self.vectors, kept).cosine.mean()
        return f"{near:.4f} ({len(kept):,} rows, median {np.median(self.tokens[kept]):.0f} tokens)"

    def farthest_first(self, share: float, seed: int) -> np.ndarray:
        """The row farthest from all that were chosen, again and again (Gonzalez 1985, k-center)."""
        vectors = self.vectors.astype(np.float32)
        left = share * self.tokens.sum()
        row = int(np.random.default_rng(seed).integers(len(vectors)))
        near = np.full(len(vectors), -np.inf, np.float32)
        chosen: list[int] = []
        while left >= self.tokens[row]:
            chosen.append(row)
            left -= self.tokens[row]
            np.maximum(near, vectors @ vectors[row], out=near)
            near[row] = np.inf
            row = int(near.argmin())
        return np.array(chosen)


def coverage(name: str, pool: Pool, shares: Iterable[float] = (0.02, 0.1, 0.3)) -> None:
    """Print coverage by method."""
    sizes = f"{len(pool.rows):,} rows, {pool.tokens.sum():,} tokens, median {np.median(pool.tokens):.0f}"
    print(f"\ncoverage, {name}: {sizes}")
    for share in shares:
        print(f"  {share:.0%} of the tokens")
        started = time.process_time()
        diverse = pool.kept(share, method="diverse")
        spent = time.process_time() - started
        print(f"    diverse          {pool.figures(diverse)}, {spent:.1f} CPU s")
        for method in ("length", "random"):
            found = [pool.kept(share, seed=s, method=method) for s in SEEDS]
            near = [nearest_chosen(pool.vectors, kept).cosine.mean() for kept in found]
            told = f"{np.mean(near):.4f}, {min(near):.4f} to {max(near):.4f} over {len(near)} seeds"
            rows = f"{np.mean([len(kept) for kept in found]):,.0f} rows"
            print(f"    {method:16s} {told} ({rows})")
        print(f"    farthest first   {pool.figures(pool.farthest_first(share, 13))}")


def likeness(pool: Pool, folder: Path) -> None:
    """Print the share of rows of one source among those that `similar` keeps for a few of its rows."""
    files = np.array([s["file"] for s in pool.rows["source"].to_pylist()])
    print(f"\nsimilar: rows of the examples' source among what stays, {EXAMPLES} examples, 2 % of the tokens")
    for source in SOURCES:
        own = np.flatnonzero(files == source)
        shares, chance = [], []
        for seed in SEEDS:
            picked = np.random.default_rng(seed).choice(own, EXAMPLES, replace=False)
            rest = Pool(pool.rows.filter(pa.array(~np.isin(np.arange(len(files)), picked))))
            rows = pool.rows.take(pa.array(picked))["messages"].to_pylist()
            clean = [
                {"messages": [{k: v for k, v in t.items() if v is not None} for t in row]} for row in rows
            ]
            (folder / "like.jsonl").write_text("".join(json.dumps(row) + "\n" for row in clean))
            for found, options in ((shares, {"method": "similar", "like": "like.jsonl"}), (chance, {})):
                kept = rest.kept(0.02, seed=seed, folder=folder, **options)
                mine = Counter(s["file"] for s in rest.rows["source"].take(pa.array(kept)).to_pylist())
                found.append(mine[source] / len(kept))
        print(
            f"  {source:28s} {np.mean(shares):.3f} ({min(shares):.3f} to {max(shares):.3f});"
            f" random {np.mean(chance):.3f}; of the pool {len(own) / len(files):.3f}"
        )


def selection(data: Path) -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        everything = rows_of_inputs(data / "01_raw_mixed", folder / "raw")
        at = np.sort(np.random.default_rng(13).choice(len(everything), ROWS, replace=False))
        pool = Pool(everything.take(pa.array(at)))
        coverage("01_raw_mixed, a draw", pool)
        likeness(pool, folder)
        banking = data / "09_sft_tasks" / "banking_intents" / "train.jsonl"
        coverage("banking intents", Pool(rows_of_inputs(banking, folder / "banking")))
        coverage("01_raw_mixed, all rows", Pool(everything), (0.1,))


if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    default = os.environ.get("TUNESET_EVAL_DATA", root.parent / "shared" / "data")
    selection(Path(sys.argv[1] if len(sys.argv) > 1 else default))
