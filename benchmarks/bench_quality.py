"""Figures on labelled rows: what is found, and what is lost by mistake.

    python benchmarks/bench_quality.py [DATA]

DATA (or the variable TUNESET_EVAL_DATA, or ../shared/data) holds the evaluation sets, which do not ship with
the package:
`02_near_duplicates/pool.jsonl` with `pairs.jsonl` (a, b, label duplicate or not, kind).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from quality_contamination import contamination
from tuneset.curate import curate

ROOT = Path(__file__).resolve().parent.parent


def lines(path: Path) -> list[dict[str, Any]]:
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def heads(out: Path) -> dict[str, str]:
    """For each row's own id the id of the row that stands for it after deduplication."""
    rows = pq.read_table(out / "rows.parquet", columns=["row_id", "meta"]).to_pylist()
    name = {r["row_id"]: json.loads(r["meta"])["id"] for r in rows}
    verdicts = pq.read_table(
        out / "verdicts.parquet", columns=["row_id", "step", "action", "related_id"]
    ).to_pylist()
    parent = {
        name[v["row_id"]]: name[v["related_id"]]
        for v in verdicts
        if v["action"] == "drop" and v["step"] in ("exact_duplicate", "near_duplicate")
    }

    def head(row: str) -> str:
        while row in parent:
            row = parent[row]
        return row

    return {row: head(row) for row in name.values()}


def near_duplicates(data: Path, folder: Path) -> None:
    pool = data / "02_near_duplicates"
    card = curate(pool / "pool.jsonl", out=folder / "pool").card
    head = heads(folder / "pool")
    merged: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for pair in lines(pool / "pairs.jsonl"):
        merged[pair["label"], pair["kind"]].append(head[pair["a"]] == head[pair["b"]])
    print(f"\nnear-duplicates, default recipe, {card.rows:,} rows, {card.seconds:.1f} s")
    for label, wanted in (("duplicate", "merged"), ("not", "merged by mistake")):
        kinds = {kind: hits for (said, kind), hits in merged.items() if said == label}
        every = [hit for hits in kinds.values() for hit in hits]
        print(f"  {label} pairs {wanted}: {sum(every) / len(every):.4f} of {len(every):,}")
        for kind, hits in sorted(kinds.items()):
            print(f"    {kind:42s} {sum(hits) / len(hits):.3f} of {len(hits)}")


def main() -> None:
    parser = argparse.ArgumentParser()
    default = os.environ.get("TUNESET_EVAL_DATA", ROOT.parent / "shared" / "data")
    parser.add_argument("data", nargs="?", type=Path, default=Path(default))
    args = parser.parse_args()
    if not args.data.is_dir():
        sys.exit(f"no evaluation data at {args.data}: name the folder, or set TUNESET_EVAL_DATA")
    print(
        f"Python {platform.python_version()}, tuneset {version('tuneset')}, rapidfuzz {version('rapidfuzz')}"
    )
    with tempfile.TemporaryDirectory() as folder:
        near_duplicates(args.data, Path(folder))
    contamination(args.data)


if __name__ == "__main__":
    main()
