"""What `decontaminate` finds and what it flags by mistake, beside plain n-gram matching.

`08_contamination` has rows with planted leaks and their truth; further leaks, with other edits, are planted
by `plant_leaks.py` from the same benchmark and from instruction rows of `01_raw_mixed`.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
from plant_leaks import plant
from tuneset.curate import curate
from tuneset.curate.leaks.probes import items_of
from tuneset.curate.reference import read_reference

INSTRUCTIONS = ("alpaca_en.json", "dolly.csv", "code_alpaca_2k.json", "alpaca_zh.json")
PROTECTED = 500
PER_KIND = 30
Truth = Mapping[int, tuple[str, str, int]]
"""Row from 0: label, kind and protected row from 1."""


class Said(NamedTuple):
    """What is said of a row: keep, review or drop, and the protected row from 1; 0 for none."""

    action: str
    item: int


def lines(path: Path) -> list[Any]:
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def texts_of(row: Mapping[str, Any]) -> str:
    return "\n".join(str(m["content"]) for m in row["messages"])


def tuneset(rows: Sequence[Mapping[str, Any]], items: Sequence[tuple[str, str]]) -> list[Said]:
    with tempfile.TemporaryDirectory() as folder:
        protected = Path(folder) / "protected.jsonl"
        told = [json.dumps({"question": q, "answer": a}) for q, a in items]
        protected.write_text("\n".join(told) + "\n", encoding="utf-8")
        recipe = {"steps": [{"use": "decontaminate", "against": [str(protected)]}]}
        curate(
            [{"messages": r["messages"]} for r in rows],
            out=Path(folder) / "out",
            recipe=recipe,
            accept_drops=True,
        )
        table = pq.read_table(Path(folder) / "out" / "verdicts.parquet", columns=["action", "related_id"])
    verdicts = table.to_pylist()
    return [Said(v["action"], int((v["related_id"] or ":0").rsplit(":", 1)[1])) for v in verdicts]


def grams_of(text: str, n: int) -> set[tuple[str, ...]]:
    told = re.findall(r"\w+", text.lower())
    return set(zip(*(told[i:] for i in range(n)), strict=False))


def ngrams(n: int, share: float) -> Callable[..., list[Said]]:
    """A row is dropped where it has a share of the n-grams of one question; 0 means one of them."""

    def judge(rows: Sequence[Mapping[str, Any]], items: Sequence[tuple[str, str]]) -> list[Said]:
        mine = [grams_of(question, n) for question, _ in items]
        index: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, grams in enumerate(mine):
            for gram in grams:
                index[gram].append(number)
        found: list[Said] = []
        for row in rows:
            hits = Counter(i for gram in grams_of(texts_of(row), n) for i in index.get(gram, ()))
            best = max(hits, key=lambda i: (hits[i] / len(mine[i]), -i), default=None)
            leak = best is not None and hits[best] >= share * len(mine[best])
            found.append(Said("drop", best + 1) if leak and best is not None else Said("keep", 0))
        return found

    return judge


RULES: dict[str, Callable[..., list[Said]]] = {
    "tuneset, defaults": tuneset,
    "13-gram of words": ngrams(13, 0.0),
    "8-gram, half of the question": ngrams(8, 0.5),
}
"""GPT-3 flags a 13-gram in common; open-instruct half of a question's 8-grams in one row."""


def contamination(data: Path) -> None:
    """Print the figures on the labelled set and on both planted ones."""
    folder = data / "08_contamination"
    items = [(r["question"], r["answer"]) for r in lines(folder / "eval.jsonl")]
    numbers = {r["id"]: n for n, r in enumerate(lines(folder / "eval.jsonl"), start=1)}
    rows = lines(folder / "train_leaky.jsonl")
    clean = lines(folder / "train_clean.jsonl")
    natural = {
        texts_of(clean[n["train_clean_row"]]) for n in lines_of_array(folder / "natural_13gram_overlaps.json")
    }
    places = {r["id"]: i for i, r in enumerate(rows)}
    truth = {
        places[t["train_id"]]: (t["label"], t["kind"], numbers[t["eval_id"]])
        for t in lines(folder / "truth.jsonl")
    }
    left_out = {i for i, r in enumerate(rows) if texts_of(r) in natural}
    print(f"\ncontamination, {len(rows):,} rows against {len(items):,} protected rows")
    show(rows, items, truth, left_out)
    print("\nother edits of the same protected rows (plant_leaks.py)")
    show(
        *planted(
            items, [(texts_of({"messages": r["messages"][:1]}), r["messages"][1]["content"]) for r in clean]
        )
    )
    for name in INSTRUCTIONS:
        found = items_of(read_reference([data / "01_raw_mixed" / name], Path()))
        pairs = list(dict.fromkeys((i.prompt, i.response) for i in found))
        random.Random(5).shuffle(pairs)
        asked = {" ".join(q.lower().split()) for q, _ in pairs[:PROTECTED]}
        others = [p for p in pairs[PROTECTED:] if " ".join(p[0].lower().split()) not in asked]
        print(f"\n{PROTECTED} rows of {name} against its other {len(others):,} rows, with the same edits")
        show(*planted(pairs[:PROTECTED], others))


def lines_of_array(path: Path) -> list[Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def planted(
    items: Sequence[tuple[str, str]], others: Sequence[tuple[str, str]]
) -> tuple[list[dict[str, Any]], Sequence[tuple[str, str]], Truth, set[int]]:
    made = plant(items, others, per=PER_KIND)
    rows = [{"messages": p.messages} for p in made]
    for pair in others:
        turns = zip(("user", "assistant"), pair, strict=True)
        rows.append({"messages": [{"role": role, "content": text} for role, text in turns]})
    return rows, items, {i: (p.label, p.kind, p.item + 1) for i, p in enumerate(made)}, set()


def show(
    rows: Sequence[Mapping[str, Any]], items: Sequence[tuple[str, str]], truth: Truth, left_out: set[int]
) -> None:
    columns: dict[str, dict[tuple[str, str], str]] = {}
    for name, rule in RULES.items():
        started = time.process_time()
        columns[name] = figures(rule(rows, items), truth, left_out)
        columns[name]["", "CPU s"] = f"{time.process_time() - started:.1f}"
    keys = list(dict.fromkeys(key for column in columns.values() for key in column))
    print(f"  {'':44s}" + "".join(f"{name:>30s}" for name in columns))
    for key in keys:
        print(
            f"  {' '.join(key).strip():44s}"
            + "".join(f"{column.get(key, ''):>30s}" for column in columns.values())
        )


def figures(said: Sequence[Said], truth: Truth, left_out: set[int]) -> dict[tuple[str, str], str]:
    """Dropped and sent to review by kind; all of each label; false alarms; the right row named."""
    kinds: dict[tuple[str, str], list[str]] = defaultdict(list)
    right: list[bool] = []
    for row, (label, kind, item) in truth.items():
        kinds[label, kind].append(said[row].action)
        if said[row].action != "keep":
            right.append(said[row].item == item)
    told = {key: shares(actions) for key, actions in sorted(kinds.items())}
    for label in ("leak", "partial", "template"):
        told[label, "all"] = shares(
            [a for (which, _), actions in kinds.items() if which == label for a in actions]
        )
    clean = [s.action for row, s in enumerate(said) if row not in truth and row not in left_out]
    flagged = Counter(clean)
    rate = 1000 * (len(clean) - flagged["keep"]) / max(len(clean), 1)
    told["", f"clean rows flagged, in 1,000 of {len(clean):,}"] = (
        f"{rate:.2f} ({flagged['drop']} dropped, {flagged['review']} review)"
    )
    told["", "right protected row named"] = f"{sum(right) / max(len(right), 1):.4f}"
    return told


def shares(actions: Sequence[str]) -> str:
    counts = Counter(actions)
    n = max(len(actions), 1)
    return f"drop {counts['drop'] / n:.3f} review {counts['review'] / n:.3f}"
