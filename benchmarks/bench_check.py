"""Rows a second of `tuneset check`, beside what it cannot be faster than and beside a check in plain Python.

    python benchmarks/bench_check.py [--rows 100000]

Rows are four turns and about 1 KB. Every figure is CPU time of one process, the best of five runs.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from tuneset.curate.export import check

WORDS = "the dock is north of bay four where crates wait for a crane and nobody knows why rain falls".split()
CALL = '{"bay": %d, "note": "a \\"quoted\\" note"}'


def sentence(draw: random.Random, size: int) -> str:
    """A text of about that many characters, with quotes, an umlaut and line ends in it."""
    words: list[str] = []
    while sum(map(len, words)) + len(words) < size:
        words.append(draw.choice(WORDS))
    return f'"{" ".join(words)}"\nÜ'


def rows(count: int, tools: bool) -> list[dict[str, Any]]:
    """Rows of four turns, about 1 KB of JSON; with tools, the second turn calls one and the third answers."""
    draw = random.Random(13)
    made = []
    for n in range(count):
        turns: list[dict[str, Any]] = [
            {"role": role, "content": sentence(draw, 210)} for role in ("user", "assistant") * 2
        ]
        if tools:
            call = {"id": f"c{n}", "type": "function", "function": {"name": "bay", "arguments": CALL % n}}
            turns[1] = {"role": "assistant", "tool_calls": [call]}
            turns[2] = {"role": "tool", "tool_call_id": f"c{n}", "content": sentence(draw, 210)}
        made.append({"messages": turns})
    return made


def cookbook(line: bytes) -> list[str]:
    """The checks that OpenAI's cookbook describes, written anew: presence, members, roles, contents."""
    row = json.loads(line)
    found = []
    messages = row.get("messages") if isinstance(row, dict) else None
    if not messages:
        return ["missing messages"]
    for turn in messages:
        if "role" not in turn or "content" not in turn:
            found.append("missing member")
        if any(name not in ("role", "content", "name", "function_call", "weight") for name in turn):
            found.append("unknown member")
        if turn.get("role") not in ("system", "user", "assistant", "function"):
            found.append("unknown role")
        content = turn.get("content")
        if (not content and not turn.get("function_call")) or not isinstance(content, str):
            found.append("no content")
    if not any(turn.get("role") == "assistant" for turn in messages):
        found.append("no assistant")
    return found


def best(work: Callable[[], object], runs: int = 5) -> float:
    """The least CPU time in seconds."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def each(function: Callable[[bytes], object], path: Path) -> None:
    """A function on every line of a file."""
    with open(path, "rb") as f:
        for line in f:
            function(line)


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    count = parser.parse_args().rows
    decode = msgspec.json.Decoder().decode
    with tempfile.TemporaryDirectory() as folder:
        for name, tools in (("chat", False), ("tool calls", True)):
            path = Path(folder, f"{name}.jsonl")
            with open(path, "w", encoding="utf-8") as f:
                for row in rows(count, tools):
                    f.write(json.dumps(row) + "\n")
            size = path.stat().st_size / count
            result = check(path, target="openai", tokenizer="estimate")
            assert all(kind.severity != "error" for kind in result.kinds), result.text()
            print(f"{count:,} rows of {name}, {size:,.0f} bytes a row, Python {sys.version.split()[0]}")
            measured = {
                "read lines": lambda p=path: each(len, p),
                "msgspec alone": lambda p=path: each(decode, p),
                "json.loads alone": lambda p=path: each(json.loads, p),
                "cookbook's checks": lambda p=path: each(cookbook, p),
                "tuneset check, openai": lambda p=path: check(p, target="openai", tokenizer="estimate"),
                "tuneset check, trl": lambda p=path: check(p, target="trl", tokenizer="estimate"),
            }
            if tools:
                del measured["tuneset check, trl"]
            for what, work in measured.items():
                print(f"  {what:<22} {count / best(work):>10,.0f} rows/s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process {peak:,.0f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
