"""What an export costs, beside the floor: `json.dumps` and a write of the same lines.

    python benchmarks/bench_export.py [--rows N] [--to TARGET ...] [--repeats N]

Makes a frozen version of rows of about 500 characters, one in ten with tools; prints seconds and rows/s.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import resource
import tempfile
import time
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from tuneset.curate.export import export
from tuneset.curate.folders import LineFile
from tuneset.schemas.example import canonical_json, content_id
from tuneset.schemas.files import write_json

SEED = 13
FLOOR_ROWS = 20_000
WORDS = (
    "order parcel depot label scan bay north weather report größe café invoice \u201cquoted\u201d "
    "total 12.50 refund line\nbreak route driver 🚚 late early customer answer please tell why when where"
).split(" ")
TOOL = {
    "type": "function",
    "function": {
        "name": "find_bay",
        "description": "Where a bay is.",
        "parameters": {"type": "object", "properties": {"bay": {"type": "integer"}}, "required": ["bay"]},
    },
}


def text_of(rng: random.Random, characters: int) -> str:
    """Words up to a length."""
    words: list[str] = []
    while sum(map(len, words)) + len(words) < characters:
        words += rng.choices(WORDS, k=5)
    return " ".join(words)


def row(rng: random.Random, number: int) -> dict[str, Any]:
    """One row: two turns, four with a system turn, or a tool call."""
    question = {"role": "user", "content": f"{number} {text_of(rng, 120)}"}
    answer = {"role": "assistant", "content": text_of(rng, 300)}
    kind = number % 10
    if kind == 0:
        function = {"name": "find_bay", "arguments": json.dumps({"bay": number})}
        call = {"role": "assistant", "tool_calls": [{"id": "c1", "type": "function", "function": function}]}
        told = {"role": "tool", "tool_call_id": "c1", "content": "north"}
        return {"messages": [question, call, told, answer], "tools": [TOOL]}
    if kind in (1, 2, 3):
        system = {"role": "system", "content": "Answer briefly."}
        more = {"role": "user", "content": "And then?"}
        return {"messages": [system, question, answer, more, {"role": "assistant", "content": "Then stop."}]}
    return {"messages": [question, answer]}


def freeze_synthetic(out: Path, rows: int) -> int:
    """A frozen version `v1` without a run; bytes of its split files."""
    folder = out / "versions" / "v1"
    folder.mkdir(parents=True)
    rng = random.Random(SEED)
    listed, size, files = [], 0, {}
    for split, count in (("train", rows - rows // 20), ("validation", rows // 20), ("test", 0)):
        with LineFile(folder / f"{split}.jsonl") as lines:
            for _ in range(count):
                number = len(listed) + 1
                content = row(rng, number)
                identity = content_id(content["messages"], tools=content.get("tools"))
                name = f"{number:012x}:{number}"
                lines.write(canonical_json({"row_id": name, "content_id": identity, **content}))
                at = "2026-01-01T00:00:00Z"
                listed.append({"row_id": name, "content_id": identity, "split": split, "decision": number})
                listed[-1] |= {"actor": "bench", "decided_at": at}
        files[f"{split}.jsonl"] = {"rows": lines.rows, "sha256": lines.sha256}
        size += lines.bytes
    head = {"name": "v1", "created_at": "2026-01-01T00:00:00Z", "files": files}
    head |= {"counts": {name.removesuffix(".jsonl"): f["rows"] for name, f in files.items()}}
    write_json(folder / "manifest.json", {**head, "decisions": {"bench": rows}, "rows": listed})
    return size


def floor(out: Path, folder: Path) -> float:
    """CPU seconds a row of `json.dumps` and a write, for rows that are in memory already."""
    with open(out / "versions/v1/train.jsonl", "rb") as lines:
        rows = [json.loads(line)["messages"] for line in islice(lines, FLOOR_ROWS)]
    started = time.process_time()
    with open(folder / "floor.jsonl", "wb") as file:
        for messages in rows:
            text = json.dumps({"messages": messages}, ensure_ascii=False, separators=(",", ":"))
            file.write((text + "\n").encode())
    return (time.process_time() - started) / len(rows)


def cpu() -> float:
    """CPU seconds of this process and of those it waited for."""
    return sum(
        resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=180_000)
    parser.add_argument("--to", nargs="*", default=["openai", "trl"])
    parser.add_argument("--repeats", type=int, default=2)
    args = parser.parse_args()
    print(f"seed {SEED}, Python {platform.python_version()}, pydantic {version('pydantic')}", end="")
    print(f", msgspec {version('msgspec')}, pyarrow {version('pyarrow')}")
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary) / "w"
        size = freeze_synthetic(out, args.rows)
        print(f"{args.rows:,} rows, {size / args.rows:,.0f} bytes each, {size / 2**20:,.0f} MiB")
        lowest = args.rows * floor(out, Path(temporary))
        print(f"floor, json.dumps and write alone: {lowest:.2f} s CPU")
        for target in args.to:
            best_cpu = best_wall = float("inf")
            for _ in range(args.repeats):
                started, used = time.perf_counter(), cpu()
                result = export(out, to=target)
                best_wall = min(best_wall, time.perf_counter() - started)
                best_cpu = min(best_cpu, cpu() - used)
            rows = sum(result.rows.values())
            print(
                f"{target:<22} {rows:>9,} rows  {best_wall:6.2f} s  {best_cpu:6.2f} s CPU"
                f"  {rows / best_cpu:>9,.0f} rows/s of CPU"
            )
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


if __name__ == "__main__":
    main()
