"""What `defects` finds and flags by mistake, beside plain lists of phrases and the length alone.

    python benchmarks/quality_defects.py [DATA]

`03_quality/defects.jsonl` has fourteen planted kinds; a row is caught where `structure` or `defects` drops,
repairs or reviews it. Refusals are XSTest's human labels. The other files hold rows that are right, or at
least real. The CPU time is that of `defects` alone and of the vectors that it shares with other steps.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from tuneset.curate import curate
from tuneset.curate.row_vectors import row_vectors
from tuneset.curate.rows import rows_of
from tuneset.curate.steps.defects import Defects
from tuneset.curate.steps.defects.refusals import refuses

PHRASES = ("as an ai", "i'm sorry", "i cannot", "i can't", "i apologize", "unable to", "not appropriate")
"""A list such as cleaning scripts have, looked for in the first 300 characters."""
BATCH = 2000


def lines(path: Path) -> list[Any]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def pair(row: Mapping[str, Any]) -> dict[str, Any]:
    asked = f"{row['instruction']}\n\n{row['input']}" if row.get("input") else row["instruction"]
    turns = zip(("user", "assistant"), (asked, row["output"]), strict=True)
    return {"messages": [{"role": role, "content": text} for role, text in turns]}


def said(rows: Any) -> list[tuple[str, str | None]]:
    """Action and reason of every row in order, by structure and defects; the first that is not keep."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        curate(rows, out=out, recipe={"steps": [{"use": "structure"}, {"use": "defects"}]})
        ids = pq.read_table(out / "rows.parquet", columns=["row_id"]).column("row_id").to_pylist()
        verdicts = pq.read_table(out / "verdicts.parquet", columns=["row_id", "action", "reason"]).to_pylist()
    found: dict[str, tuple[str, str | None]] = dict.fromkeys(ids, ("keep", None))
    for v in verdicts:
        if found[v["row_id"]][0] in ("keep", "edit") and v["action"] != "keep":
            found[v["row_id"]] = (v["action"], v["reason"])
    return list(found.values())


def share(found: Sequence[tuple[str, str | None]]) -> str:
    counts = Counter(action for action, _ in found)
    n = max(len(found), 1)
    return f"drop {counts['drop'] / n:.4f} review {counts['review'] / n:.4f} of {len(found):,}"


def planted(folder: Path) -> None:
    rows = lines(folder / "defects.jsonl")
    found = said([pair(r) for r in rows])
    kinds: dict[str | None, list[tuple[str, str | None]]] = defaultdict(list)
    for row, verdict in zip(rows, found, strict=True):
        kinds[row["defect"]].append(verdict)
    caught = 0
    for kind, verdicts in sorted(kinds.items(), key=str):
        if kind is not None:
            hits = sum(action != "keep" for action, _ in verdicts)
            caught += hits
            print(f"  {kind:36s} recall {hits / len(verdicts):.3f} of {len(verdicts)}")
    total = sum(len(v) for k, v in kinds.items() if k is not None)
    print(f"  {'all kinds':36s} recall {caught / total:.3f} of {total}")
    print(f"  {'clean rows':36s} {share(kinds[None])}")
    short = sorted(range(len(rows)), key=lambda i: len(rows[i]["output"]))[:total]
    by_length = sum(rows[i]["defect"] is not None for i in short) / total
    print(f"  {'baseline: as many, the shortest':36s} recall {by_length:.3f}")


def refusals(folder: Path) -> None:
    rows = lines(folder / "refusals_xstest.jsonl")
    rules = {
        "tuneset": lambda r: refuses(r["response"], r["prompt"]),
        "list of phrases": lambda r: any(p in r["response"][:300].lower() for p in PHRASES),
    }
    for name, rule in rules.items():
        told = Counter((r["label"][0], rule(r)) for r in rows)
        right, wrong, missed = told["2", True], told["1", True], told["2", False]
        partial = told["3", True] / max(told["3", True] + told["3", False], 1)
        print(
            f"  refusals, {name:26s} precision {right / (right + wrong):.3f}"
            f" recall {right / (right + missed):.3f} F1 {2 * right / (2 * right + wrong + missed):.3f};"
            f" of partial ones {partial:.2f}"
        )


def real(data: Path) -> None:
    good = [r for r in lines(data / "03_quality" / "alpagasus.jsonl.gz") if r.get("claude_ge_4_5")]
    print(f"  {'AlpaGasus rows of 4.5 and more':36s} {share(said([pair(r) for r in good]))}")
    for name in ("05_chats_tools/valid_chats.jsonl", "01_raw_mixed"):
        found = said([data / name])
        print(f"  {name:36s} {share(found)}")
        reasons = Counter(f"{action} {reason}" for action, reason in found if action in ("drop", "review"))
        print(f"    {', '.join(f'{reason} {n}' for reason, n in reasons.most_common(12))}")
    bank = data / "09_sft_tasks" / "banking_intents"
    kinds: dict[str, list[bool]] = defaultdict(list)
    for truth, (action, _) in zip(
        lines(bank / "train_dirty_truth.jsonl"), said([bank / "train_dirty.jsonl"]), strict=True
    ):
        kinds[str(truth["defect"]).split(":")[0]].append(action in ("drop", "review"))
    for kind in ("wrong_format", "empty_answer", "refusal", "None"):
        print(
            f"  banking, {kind:27s} flagged {sum(kinds[kind]) / len(kinds[kind]):.3f} of {len(kinds[kind])}"
        )


def speed(data: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        curate([data / "01_raw_mixed"], out=Path(folder) / "out", recipe={"steps": [{"use": "structure"}]})
        table = pq.read_table(Path(folder) / "out" / "rows.parquet")
    batches = [table.slice(i, BATCH).combine_chunks() for i in range(0, table.num_rows, BATCH)]
    step = Defects()
    step.measure(batches[0])
    spent = [0.0, 0.0]
    for batch in batches:
        rows_of(batch)
        started = time.process_time()
        row_vectors(batch)
        between = time.process_time()
        step.measure(batch)
        spent[0] += between - started
        spent[1] += time.process_time() - between
    vectors, own = (1e6 * s / table.num_rows for s in spent)
    print(f"  CPU a row of 01_raw_mixed: {own:.0f} microseconds, and {vectors:.0f} for the shared vectors")


def defects(data: Path) -> None:
    """Print the figures on planted, labelled and real rows."""
    print("\ndefects")
    planted(data / "03_quality")
    refusals(data / "03_quality")
    real(data)
    speed(data)


if __name__ == "__main__":
    default = os.environ.get("TUNESET_EVAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    defects(Path(sys.argv[1] if len(sys.argv) > 1 else default))
