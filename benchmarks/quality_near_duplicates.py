"""What `near_duplicate` merges, loses and proposes on labelled rows, beside MinHash as other tools use it."""

from __future__ import annotations

import json
import random
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from edit_kinds import OTHER, SAME, Edit
from tuneset.curate import curate
from tuneset.curate.compare.normal_form import normal_form
from tuneset.curate.encoders import encoder_for
from tuneset.curate.shingles import jaccard, shingle_set

PER_KIND = 100
MINHASH_SHARE = 0.7
Labelled = tuple[str, str, str, str]
"""Two rows' ids, the label (duplicate or not) and the kind of edit."""


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


def minhash_heads(texts: Mapping[str, str]) -> dict[str, str]:
    """The same by MinHash of word 5-grams and union-find, the default of widely used tools (datasketch)."""
    from datasketch import MinHash, MinHashLSH

    lsh = MinHashLSH(threshold=MINHASH_SHARE, num_perm=128)
    parent = {row: row for row in texts}

    def head(row: str) -> str:
        while parent[row] != row:
            row = parent[row]
        return row

    words = {row: text.lower().split() for row, text in texts.items()}
    grams = [[" ".join(w[i : i + 5]).encode() for i in range(max(len(w) - 4, 1))] for w in words.values()]
    for row, sketch in zip(texts, MinHash.bulk(grams, num_perm=128), strict=True):
        for other in lsh.query(sketch):
            a, b = head(row), head(str(other))
            parent[max(a, b)] = min(a, b)
        lsh.insert(row, sketch)
    return {row: head(row) for row in texts}


def merged(pairs: Iterable[Labelled], head: Mapping[str, str]) -> dict[tuple[str, str], list[bool]]:
    found: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for a, b, label, kind in pairs:
        found[label, kind].append(head[a] == head[b])
    return found


def table(pairs: Sequence[Labelled], ours: Mapping[str, str], peer: Mapping[str, str]) -> None:
    found, theirs = merged(pairs, ours), merged(pairs, peer)
    for label, wanted in (("duplicate", "merged"), ("not", "merged by mistake")):
        kinds = sorted(kind for said, kind in found if said == label)
        every, other = ([hit for kind in kinds for hit in f[label, kind]] for f in (found, theirs))
        print(
            f"  {label} pairs {wanted}: {np.mean(every):.4f} of {len(every):,} (MinHash {np.mean(other):.4f})"
        )
        for kind in kinds:
            hits = found[label, kind]
            share = np.mean(theirs[label, kind])
            print(f"    {kind:42s} {np.mean(hits):.3f} of {len(hits):<4d} {share:.3f}")


def text_of(row: Mapping[str, Any]) -> tuple[str, str]:
    prompt = f"{row['instruction']}\n\n{row['input']}" if row["input"] else row["instruction"]
    return prompt, row["output"]


def pool(data: Path, folder: Path) -> None:
    """The labelled pool."""
    source = data / "02_near_duplicates"
    card = curate(source / "pool.jsonl", out=folder / "pool", accept_drops=True).card
    pairs = [(p["a"], p["b"], p["label"], p["kind"]) for p in lines(source / "pairs.jsonl")]
    texts = {r["id"]: "\n".join(text_of(r)) for r in lines(source / "pool.jsonl")}
    print(f"\nnear-duplicates, default recipe, {card.rows:,} rows, {card.seconds:.1f} s")
    print(f"  (last column: datasketch, word 5-grams, 128 values, {MINHASH_SHARE}, no check, union-find)")
    table(pairs, heads(folder / "pool"), minhash_heads(texts))


def own_edits(data: Path, folder: Path, seed: int = 5) -> None:
    """The rows of the pool with the edits of `edit_kinds.py`; the guards were mended on some of these."""
    rows = lines(data / "02_near_duplicates" / "base_rows.jsonl")
    draw = random.Random(seed)
    texts = {r["id"]: text_of(r) for r in rows}
    varied = [r["id"] for r in rows if r.get("vary")]
    pairs: list[Labelled] = []
    for label, kinds in (("duplicate", SAME), ("not", OTHER)):
        for kind, edit in kinds.items():
            for row, new in _edited(edit, varied, texts, draw):
                name = f"w{len(pairs):05d}"
                pairs.append((row, name, label, kind))
                texts[name] = new
    order = list(texts)
    draw.shuffle(order)
    file = folder / "edited.jsonl"
    cells = ({"id": i, "prompt": texts[i][0], "completion": texts[i][1]} for i in order)
    file.write_text("".join(json.dumps(c) + "\n" for c in cells), encoding="utf-8")
    steps = ["structure", "exact_duplicate", "near_duplicate"]
    card = curate(file, out=folder / "edited", recipe={"steps": steps}, accept_drops=True).card
    print(f"\nthe same rows with {len(SAME)} + {len(OTHER)} other edits, {card.rows:,} rows")
    table(pairs, heads(folder / "edited"), minhash_heads({i: "\n".join(t) for i, t in texts.items()}))


def _edited(
    edit: Edit, varied: Sequence[str], texts: Mapping[str, tuple[str, str]], draw: random.Random
) -> list[tuple[str, tuple[str, str]]]:
    found: list[tuple[str, tuple[str, str]]] = []
    for row in draw.sample(varied, len(varied)):
        old = texts[row]
        new = edit(old, draw)
        if new is not None and new != old and len(old[1]) >= 3:
            found.append((row, new))
        if len(found) == PER_KIND:
            break
    return found


def paraphrases(data: Path, model: str | None) -> None:
    """How well words, the static encoder and a transformer tell human-labelled paraphrases from others."""
    from sklearn.metrics import roc_auc_score

    rows = lines(data / "02_near_duplicates" / "paraphrase_pairs.jsonl")
    sides = [[normal_form(r[side]) for r in rows] for side in "ab"]
    scores: dict[str, np.ndarray] = {
        "word 5-grams": _overlap(sides, lambda t: set(zip(*(t.split()[i:] for i in range(5)), strict=False))),
        "character 5-grams": np.array(
            [jaccard(*map(shingle_set, pair)) for pair in zip(*sides, strict=True)]
        ),
        "static": _cosine("static", sides),
    }
    if model:
        scores[f"transformer {Path(model).name}"] = _cosine(model, sides)
    label = np.array([r["label"] == "duplicate" for r in rows])
    source = np.array([r["source"].split()[0] for r in rows])
    print("\nparaphrases labelled by people: area under the curve (they are proposed, never deleted)")
    for name in sorted(set(source)):
        of = source == name
        areas = ", ".join(f"{k} {roc_auc_score(label[of], s[of]):.3f}" for k, s in scores.items())
        print(f"  {name} ({of.sum():,} pairs): {areas}")
    if not model:
        print("  (no transformer: name one with --model)")


def _overlap(sides: Sequence[Sequence[str]], grams: Callable[[str], set[Any]]) -> np.ndarray:
    both = [(grams(a), grams(b)) for a, b in zip(*sides, strict=True)]
    return np.array([len(a & b) / max(len(a | b), 1) for a, b in both])


def _cosine(name: str, sides: Sequence[Sequence[str]]) -> np.ndarray:
    encoder = encoder_for(name)
    return np.einsum("ij,ij->i", *(encoder.encode(side) for side in sides))


def near_duplicates(data: Path, folder: Path, model: str | None) -> None:
    """All of the above."""
    folder.mkdir()
    pool(data, folder)
    own_edits(data, folder)
    paraphrases(data, model)
    shutil.rmtree(folder)
