"""Scores by a language model: speed beside one row at a time, and what they tell of planted defects.

    python benchmarks/quality_language_model.py [DATA] [--model NAME_OR_FOLDER] [--rows N] [--sample N]
                                                [--step N]

Nothing is fetched: a model that is not on this machine is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import log_loss, roc_auc_score
from tuneset.curate.language_model import LanguageModel, TurnScore, score_turns
from tuneset.curate.language_model.chat_text import ChatText
from tuneset.curate.quality.language_model import SHORTLIST
from tuneset.curate.steps.quality import Quality
from tuneset.curate.testing import sample_batch
from tuneset.schemas.errors import ModelError
from tuneset.schemas.step_options import QualityOptions

ROOT = Path(__file__).resolve().parent.parent
Turns = list[dict[str, Any]]


def lines(path: Path) -> list[Any]:
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def conversation(row: Mapping[str, Any]) -> Turns:
    """An Alpaca row as two turns."""
    prompt = "\n\n".join(part for part in (row["instruction"], row.get("input") or "") if part)
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": row["output"]}]


def one_at_a_time(
    conversations: Sequence[Turns], model: Any, tokenizer: Any
) -> list[list[tuple[float, float]]]:
    """The plain loop: two passes a turn, each with all logits, as the published scripts have it."""
    import torch

    def loss(before: str, answer: str) -> float:
        made = tokenizer(before + answer, add_special_tokens=False, return_offsets_mapping=True)
        ids = torch.tensor([made["input_ids"]])
        labels = ids.clone()
        labels[0, [start < len(before) for start, _ in made["offset_mapping"]]] = -100
        return float(model(input_ids=ids, labels=labels).loss)

    opening = ChatText(tokenizer).opening
    found: list[list[tuple[float, float]]] = []
    for turns in conversations:
        scores: list[tuple[float, float]] = []
        for i, turn in enumerate(turns):
            if turn["role"] == "assistant" and turn["content"].strip():
                before = tokenizer.apply_chat_template(turns[:i], tokenize=False, add_generation_prompt=True)
                scores.append((loss(before, turn["content"]), loss(opening, turn["content"])))
        found.append(scores)
    return found


def speed(data: Path, model: LanguageModel, n: int, budgets: Sequence[int]) -> None:
    """Print rows a CPU second of the plain loop and of ours, and how far their numbers are apart."""
    import torch

    chats = lines(data / "05_chats_tools" / "valid_chats.jsonl")
    talks = [
        c["messages"] for c in chats if c["source"] in ("oasst", "oasst_fr", "sgd") and not c.get("tools")
    ]
    rows = [conversation(r) for r in lines(data / "03_quality" / "good_rows.jsonl")[: n // 2]]
    rows += talks[: n - len(rows)]
    turns = sum(t["role"] == "assistant" for r in rows for t in r)
    print(f"\n  {len(rows)} conversations, {turns} assistant turns, {torch.get_num_threads()} threads")
    raw: Any = model._model
    started, wall = time.process_time(), time.perf_counter()
    with torch.inference_mode():
        naive = one_at_a_time(rows, raw, model.tokenizer)
    told(f"{'one turn at a time':24s}", len(rows), started, wall)
    for budget in budgets:
        started, wall = time.process_time(), time.perf_counter()
        scored = score_turns(rows, model, batch_tokens=budget)
        told(f"ours, {budget:6,d} tokens", len(rows), started, wall)
    pairs = [
        (a, b)
        for mine, theirs in zip(scored, naive, strict=True)
        for s, (nll, alone) in zip([s for s in mine if s.nll is not None], theirs, strict=True)
        for a, b in ((s.nll, nll), (s.nll_alone, alone))
    ]
    print(f"  largest difference: {max(abs(a - b) for a, b in pairs):.2e} nats a token")


def told(label: str, n: int, cpu: float, wall: float) -> None:
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(f"  {label:28s} {n / cpu:7.2f} rows a CPU s {n / wall:7.2f} rows a s wall", flush=True)


def defects(data: Path, model: LanguageModel, n: int) -> None:
    """Print how well each number tells rows with a planted defect from rows without one."""
    rows = lines(data / "03_quality" / "defects.jsonl")
    clean = [r for r in rows if r["defect"] is None][: n // 2]
    kinds: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row["defect"] is not None:
            kinds[row["defect"]].append(row)
    per = max(1, (n - len(clean)) // len(kinds))
    planted = {kind: found[:per] for kind, found in kinds.items()}
    good = [s[0] for s in score_turns([conversation(r) for r in clean], model)]
    print(f"\n  area under the curve, {len(clean)} clean rows against {per} of each kind")
    names = ("perplexity", "low perplexity", "IFD", "alone", "short answer")
    print(f"  {'':24s} {'scored':>7s}" + "".join(f"{name:>16s}" for name in names))
    everything: list[TurnScore] = []
    for kind, found in sorted(planted.items()):
        bad = [s[0] for s in score_turns([conversation(r) for r in found], model)]
        everything += bad
        areas(kind, good, bad)
    areas("all", good, everything)


def areas(label: str, good: Sequence[TurnScore], bad: Sequence[TurnScore]) -> None:
    cells: list[str] = []
    for name in ("nll", "-nll", "ifd", "nll_alone", "-tokens"):
        sign = -1 if name.startswith("-") else 1
        values = [[getattr(s, name.lstrip("-")) for s in side if s.nll is not None] for side in (good, bad)]
        if not values[1]:
            cells.append(f"{'-':>16s}")
            continue
        truth = [0] * len(values[0]) + [1] * len(values[1])
        cells.append(f"{roc_auc_score(truth, [sign * v for side in values for v in side]):16.3f}")
    scored = sum(s.nll is not None for s in bad)
    print(f"  {label:24s} {scored:3d}/{len(bad):3d}" + "".join(cells), flush=True)


def some(rows: Sequence[Any], n: int) -> list[Any]:
    """The first clean rows and as many with a defect, one of each kind in turn."""
    kinds: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        kinds[row["defect"] or ""].append(row)
    clean = kinds.pop("")[: n // 2]
    turn = [row for place in zip_longest(*(kinds[k] for k in sorted(kinds))) for row in place if row]
    return [*clean, *turn[: n - len(clean)]]


def quality_step(data: Path, name: str, n: int) -> None:
    """Print how well the quality score tells planted defects, without and with the language model."""
    rows = some(lines(data / "03_quality" / "defects.jsonl"), n)
    batch = sample_batch([tuple(t["content"] for t in conversation(r)) for r in rows])
    good = np.array([row["defect"] is None for row in rows])
    SHORTLIST.update(dict.fromkeys(SHORTLIST, n))
    plain, with_model = Quality(), Quality(QualityOptions(language_model=name))
    scores = {"quality alone": plain.decide(plain.measure(batch))}
    started, wall = time.process_time(), time.perf_counter()
    scores["with language model"] = with_model.decide(with_model.measure(batch))
    print(
        f"\n  quality step, {good.sum()} clean rows against {(~good).sum()} with a defect, all of them asked"
    )
    told("with language model", len(rows), started, wall)
    values = {label: np.array(v.column("score").to_pylist()) for label, v in scores.items()}
    doubt = np.argsort(np.abs(values["quality alone"] - 0.5), kind="stable")[: n // 2]
    moved = sum("language_model" in d for d in scores["with language model"].column("detail").to_pylist())
    for label, found in values.items():
        inside = good[doubt]
        loss = log_loss(good, found.clip(1e-4, 1 - 1e-4))
        print(
            f"  {label:24s} area under the curve {roc_auc_score(good, found):.4f}, in the half nearest to 0.5"
            f" {roc_auc_score(inside, found[doubt]):.4f} ({inside.sum()} clean of {len(inside)}),"
            f" log loss {loss:.4f}, below 0.5 {(found < 0.5)[~good].sum()} with a defect"
            f" and {(found < 0.5)[good].sum()} clean"
        )
    print(f"  {moved} rows moved")


def language_model(data: Path, name: str, n: int, budgets: Sequence[int], sample: int, step: int) -> None:
    """Print every figure."""
    print(f"\nlanguage model {name}")
    try:
        model = LanguageModel(name)
    except ModelError as error:
        print(f"  left out: {error}")
        return
    if n:
        speed(data, model, n, budgets)
    if sample:
        defects(data, model, sample)
    if step:
        quality_step(data, name, step)


def main() -> None:
    parser = argparse.ArgumentParser()
    default = os.environ.get("TUNESET_EVAL_DATA", ROOT.parent / "shared" / "data")
    parser.add_argument("data", nargs="?", type=Path, default=Path(default))
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--rows", type=int, default=40, help="conversations that are timed; 0 for none")
    parser.add_argument("--sample", type=int, default=200, help="rows of 03_quality; 0 for none")
    parser.add_argument("--step", type=int, default=100, help="rows for the quality step; 0 for none")
    parser.add_argument("--batch", type=int, nargs="*", default=[512, 2048])
    args = parser.parse_args()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin would count as work
    language_model(args.data, args.model, args.rows, args.batch, args.sample, args.step)


if __name__ == "__main__":
    main()
