"""What `structure` catches of planted faults, what it says of valid chats, and how calls fit their schemas.

    python benchmarks/quality_structure.py [DATA]

`05_chats_tools` has valid chats, the same chats with one planted fault each, and function-calling questions
with the calls that answer them. Faults of other kinds are planted by `plant_faults.py`.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
from plant_faults import FAULTS, plant_all
from tuneset.curate import curate
from tuneset.curate.readers.shapes.base import parse_tools
from tuneset.curate.steps.structure import Structure
from tuneset.curate.steps.structure.schema_check import misfits
from tuneset.curate.steps.structure.tool_schemas import tools_of

WAYS = ("quarantine", "drop", "review", "edit", "keep")
APART = ("two_users", "args_object")
ROOT = Path(__file__).resolve().parent.parent


def lines(path: Path) -> list[Any]:
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    return [json.loads(line) for line in text.decode("utf-8").split("\n") if line]


def said(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What becomes of each row: way and reason."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        told = [json.dumps({k: v for k, v in r.items() if k in ("messages", "tools")}) for r in rows]
        path.write_text("\n".join(told) + "\n", encoding="utf-8")
        curate([path], out=Path(folder) / "out", recipe={"steps": [{"use": "structure"}]})
        verdicts = pq.read_table(Path(folder) / "out" / "verdicts.parquet").to_pylist()
        found = {int(v["row_id"].rsplit(":", 1)[1]): (v["action"], v["reason"] or "") for v in verdicts}
        for lost in lines(Path(folder) / "out" / "quarantine.jsonl"):
            found[lost["row"]] = ("quarantine", lost["reason"])
    return [found[n] for n in range(1, len(rows) + 1)]


def by_kind(title: str, kinds: Sequence[str], found: Sequence[tuple[str, str]]) -> None:
    """Print how the rows of each kind end, and the commonest reason."""
    ways: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, (way, reason) in zip(kinds, found, strict=True):
        ways[kind][way] += 1
        reasons[kind][reason] += 1
    print(f"\n  {title:28s} {'rows':>5s} {'caught':>7s}" + "".join(f"{w:>11s}" for w in WAYS) + "  mostly")
    for kind in sorted(ways, key=lambda k: (k in APART, k)):
        counts = ways[kind]
        n = counts.total()
        cells = "".join(f"{counts[w]:11d}" for w in WAYS)
        mostly = reasons[kind].most_common(1)[0][0] or "-"
        apart = "  (apart)" if kind in APART else ""
        print(f"  {kind:28s} {n:5d} {1 - counts['keep'] / n:7.3f}{cells}  {mostly[:60]}{apart}")


def structure(data: Path) -> None:
    """Print every figure."""
    folder = data / "05_chats_tools"
    print("\nstructure: planted faults, by what became of the row")
    rows = lines(folder / "role_defects.jsonl")
    by_kind("role_defects", [r["defect"] or "(none)" for r in rows], said(rows))
    valid = lines(folder / "valid_chats.jsonl")
    found = said(valid)
    by_kind("valid_chats", [r["source"] for r in valid], found)
    for row, (way, reason) in zip(valid, found, strict=True):
        if way != "keep":
            print(f"    {row['id']}: {way} {reason}")
    kinds, planted = plant_all(valid, per=30)
    by_kind(f"{len(FAULTS)} other kinds of faults", kinds, said(planted))
    calls(folder, valid)
    speed(data, valid)


def calls(folder: Path, valid: Sequence[Mapping[str, Any]]) -> None:
    """Print how many calls fit the schema of their own tool, by our checker and by jsonschema."""
    sets = {"valid_chats": [(r.get("tools"), chat_calls(r)) for r in valid]}
    for name in ("simple_python", "parallel", "multi_turn_base"):
        rows = lines(folder / f"bfcl_{name}.jsonl.gz")
        sets[f"bfcl_{name}"] = [(parse_tools(r["function"]), list(truth(r["ground_truth"]))) for r in rows]
    print(
        f"\n  {'calls and their own schemas':28s} {'calls':>6s} {'fit':>5s} {'share':>7s} {'crashes':>8s}",
        end="",
    )
    print(f" {'us':>6s}   jsonschema: fit, refused schemas, us")
    for name, rows in sets.items():
        pairs = [(tools, f, a) for tools, made in rows if tools for f, a in made]
        if not pairs:
            print(f"  {name:28s}      0   (no tool definitions in the file)")
            continue
        started = time.process_time()
        found, crashes = ours(pairs)
        spent = (time.process_time() - started) / len(pairs) * 1e6
        started = time.process_time()
        fit, refused = peers(pairs)
        peer = (time.process_time() - started) / len(pairs) * 1e6
        sound = sum(not f for f in found)
        print(
            f"  {name:28s} {len(pairs):6d} {sound:5d} {sound / len(pairs):7.4f} {crashes:8d} {spent:6.1f}",
            end="",
        )
        print(f"   {fit}, {refused}, {peer:.0f}")
        for text, times in Counter(f for one in found for f in one).most_common(3):
            print(f"    {times} {text[:110]}")


Pair = tuple[list[Any], str, dict[str, Any]]


def ours(pairs: Sequence[Pair]) -> tuple[list[list[str]], int]:
    """What does not fit in each call, and how often the checker failed."""
    found: list[list[str]] = []
    crashes = 0
    for tools, name, arguments in pairs:
        try:
            schemas = tools_of(json.dumps(tools)).schemas[name]
            found.append([f"{f.reason}: {f.detail}" for s in schemas for f in misfits(arguments, s)])
        except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError):
            crashes += 1
    return found, crashes


def peers(pairs: Sequence[Pair]) -> tuple[int, int]:
    """How many calls fit by jsonschema, and how many schemas it refuses."""
    fit = refused = 0
    for tools, name, arguments in pairs:
        function = next(t["function"] for t in tools if t["function"]["name"] == name)
        try:
            fit += jsonschema.Draft202012Validator(function.get("parameters", {})).is_valid(arguments)
        except jsonschema.exceptions.UnknownType:
            refused += 1
    return fit, refused


def chat_calls(row: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Name and arguments of the calls of a chat."""
    made = [c["function"] for turn in row["messages"] for c in turn.get("tool_calls") or ()]
    return [(f["name"], json.loads(f["arguments"])) for f in made]


def truth(calls: Sequence[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and arguments of each call: the first of the right values; "" means not given."""
    for call in calls:
        for name, given in call.items() if isinstance(call, Mapping) else ():
            yield name, {k: _first(v) for k, v in given.items() if _first(v) != ""}


def _first(values: Any) -> Any:
    """The first value of a ground truth, whose own members are lists of right values as well."""
    value = values[0]
    if isinstance(value, dict):
        return {k: _first(v) if isinstance(v, list) else v for k, v in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [{k: _first(v) if isinstance(v, list) else v for k, v in m.items()} for m in value]
    return value


def speed(data: Path, valid: Sequence[Mapping[str, Any]]) -> None:
    """Print the CPU time of measuring a row, conversations decoded already."""
    from tuneset.curate.rows import rows_of

    raw = Path(data) / "01_raw_mixed"
    print("\n  microseconds CPU a row, best of 5      rows   us")
    for name, inputs in (("01_raw_mixed", [raw]), ("valid_chats", None), ("valid_chats with tools", None)):
        with tempfile.TemporaryDirectory() as folder:
            if inputs is None:
                path = Path(folder) / "rows.jsonl"
                only = [r for r in valid if r.get("tools") or "tools" not in name]
                path.write_text("".join(json.dumps(r) + "\n" for r in only), encoding="utf-8")
                inputs = [path]
            curate(inputs, out=Path(folder) / "out", recipe={"steps": [{"use": "structure"}]})
            table = pq.read_table(Path(folder) / "out" / "rows.parquet")
        batches = [table.slice(i, 2048).combine_chunks() for i in range(0, table.num_rows, 2048)]
        best = float("inf")
        for _ in range(5):
            spent = 0.0
            for batch in batches:
                rows_of(batch)
                started = time.process_time()
                Structure().measure(batch)
                spent += time.process_time() - started
            best = min(best, spent)
        print(f"  {name:36s} {table.num_rows:6d} {best / table.num_rows * 1e6:4.1f}")


if __name__ == "__main__":
    default = os.environ.get("TUNESET_EVAL_DATA", str(ROOT.parent / "shared" / "data"))
    structure(Path(sys.argv[1] if len(sys.argv) > 1 else default))
