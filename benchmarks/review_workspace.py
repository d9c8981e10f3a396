"""Build a workspace of any size for measuring the review app: made-up rows, and all files of a run in step.

    python benchmarks/review_workspace.py OUT [--rows 200000] [--seed 13]

Rows have one to six turns of some 500 characters in all, some with a system prompt, tool calls, several
languages or a rejected answer. Of a hundred rows about five were dropped, three were edited, seven are for a
person, six have a near row and one contradicts another. The verdicts are drawn, not found: only their shape
and number are those of a run.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tuneset.curate.readers.shapes.base import Draft
from tuneset.curate.readers.table import messages_array, name_draft, rows_batch
from tuneset.curate.recipe import dump_recipe
from tuneset.curate.row_groups import RowGroupWriter
from tuneset.curate.steps import BUILTIN_STEPS
from tuneset.schemas.arrow import ACTIONS, EDITS, ROWS, VERDICTS
from tuneset.schemas.example import canonical_json
from tuneset.schemas.files import sha256_file, write_json
from tuneset.schemas.recipe import Recipe
from tuneset.schemas.run import InputFile, RunCard, StepCount
from tuneset.schemas.workspace import Workspace

Turn = dict[str, Any]
FILE = "chats.jsonl"
FILE_SHA256 = hashlib.sha256(b"review_workspace").hexdigest()
BATCH = 4096
WORDS = (
    "the answer of a row that people read and decide on is as long as this one or shorter when they open"
    " it in the morning with coffee and a list of what to look at first because order saves time for"
    " everyone who works here router invoice password account garden bread engine river letter"
    " station doctor school market winter summer number colour music history island bridge cloud"
    " forest window light paper train"
).split()
OTHER: dict[str, list[str]] = {
    "fr": "où est la gare et comment y aller quand il pleut demain avec deux enfants et un vélo".split(),
    "de": "wie lange dauert es bis der Vertrag geändert ist und wer schreibt mir dann einen Brief".split(),
    "ar": "كيف يمكنني تغيير كلمة المرور الخاصة بي في الموقع الجديد من فضلك".split(),
}
TOPICS = [f"{a}, {b}" for a, b in itertools.pairwise(WORDS[48:69])]
TASKS = ("question answering", "writing", "rewriting", "code", "summary", "other")
DROPS = {"exact_duplicate": (0.01, "exact_duplicate"), "near_duplicate": (0.02, "near_duplicate")}
DROPS |= {"defects": (0.02, "placeholder_answer")}
REVIEWS = {
    "structure": (0.005, "doubled_turn"),
    "defects": (0.03, "truncated"),
    "language": (0.01, "language_mismatch"),
    "toxicity": (0.01, "toxic"),
    "near_duplicate": (0.02, "conflicting_answer"),
    "label_errors": (0.002, "suspect_label"),
}
EDITED = 0.03
NEAR = 0.06


def text(random: np.random.Generator, words: list[str], length: int) -> str:
    """A sentence-like text of some words."""
    drawn = random.integers(0, len(words), length).tolist()
    return " ".join(words[i] for i in drawn).capitalize() + "."


def draft(random: np.random.Generator, number: int) -> Draft:
    """A made-up row; every tenth in another language, every fiftieth with a call, a hundredth a pair."""
    words = WORDS if number % 10 else list(OTHER.values())[number // 10 % 3]
    turns: list[Turn] = []
    if number % 20 == 1:
        turns.append({"role": "system", "content": "You are a helpful assistant of a small shop."})
    for _ in range(1 if number % 5 else int(random.integers(2, 4))):
        asked = text(random, words, int(random.integers(6, 30)))
        turns.append(
            {"role": "user", "content": asked + (" Write to ana@example.org." if number % 3 else "")}
        )
        answer = text(random, words, int(random.integers(20, 90)))
        turns.append({"role": "assistant", "content": answer})
    tools = None
    if number % 50 == 2:
        call = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": '{"q": "x"}'}}
        found = {"role": "tool", "content": '{"found": 3}', "tool_call_id": "call_1"}
        turns[-1:-1] = [{"role": "assistant", "content": None, "tool_calls": [call]}, found]
        tools = [{"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}]
    rejected = [{"role": "assistant", "content": text(random, words, 30)}] if number % 100 == 3 else None
    return Draft(turns, tools, rejected, None, {"task": TASKS[number % 6], "n": number})


def redacted(turn: Turn) -> Turn:
    """A turn as the `pii` step would leave it."""
    content = turn["content"]
    return turn if content is None else {**turn, "content": content.replace("ana@example.org", "[EMAIL_1]")}


def write_rows(out: Path, rows: int, seed: int) -> pa.Array:
    """Write rows.parquet, and edits.parquet with an edit of some; gives the row_ids."""
    random = np.random.default_rng(seed)
    edited = np.random.default_rng(seed + 1).random(rows) < EDITED
    ids: list[str] = []
    workspace = Workspace.at(out)
    with RowGroupWriter(workspace.rows, ROWS) as to_rows, RowGroupWriter(workspace.edits, EDITS) as to_edits:
        for start in range(0, rows, BATCH):
            numbers = range(start + 1, min(start + BATCH, rows) + 1)
            named = [name_draft(draft(random, n), f"{FILE_SHA256[:12]}:{n}", FILE, n) for n in numbers]
            to_rows.write(pa.Table.from_batches([rows_batch(named)]))
            ids += [n.row_id for n in named]
            touched = [n for n in named if edited[n.row - 1]]
            new = [[redacted(turn) for turn in n.draft.messages] for n in touched]
            columns = [pa.array([n.row_id for n in touched], pa.string()), pa.array(["pii"] * len(touched))]
            besides = [pa.nulls(len(touched), EDITS.field(name).type) for name in EDITS.names[3:]]
            to_edits.write(pa.Table.from_arrays([*columns, messages_array(new), *besides], schema=EDITS))
    return pa.array(ids, pa.string())


def step_verdicts(step: str, ids: pa.Array, alive: np.ndarray, random: np.random.Generator) -> pa.Table:
    """Drawn verdicts of one step over the rows that are alive, in order."""
    rows = np.flatnonzero(alive)
    n = len(rows)
    draw = random.random(n)
    action, reason = np.full(n, "keep", object), np.full(n, None, object)
    score, value, related, detail = (np.full(n, None, object) for _ in range(4))
    review, why = REVIEWS.get(step, (0.0, None))
    drop, because = DROPS.get(step, (0.0, None))
    flagged, dropped = draw < review, draw > 1 - drop
    action[flagged], reason[flagged] = "review", why
    action[dropped], reason[dropped] = "drop", because
    partner = np.roll(np.array(ids.take(pa.array(rows)).to_pylist(), object), 1)
    if step in ("exact_duplicate", "near_duplicate"):
        near = dropped | flagged | ((draw > 0.5) & (draw < 0.5 + NEAR) & (step == "near_duplicate"))
        related[near] = partner[near]
        score[near] = np.round(random.uniform(0.5, 0.7, n), 4)[near]
        score[flagged] = 0.9
        detail[near] = '{"prompt": 0.7012, "response": 0.6123}'
    if step == "pii":
        mine = np.random.default_rng(13 + 1).random(len(alive))[rows] < EDITED
        action[mine], reason[mine], detail[mine] = "edit", "contact_data", '{"email": 1}'
    if step == "language":
        action[:], reason[~flagged] = np.where(flagged, "review", "assign"), "language"
        value[:] = [("en" if (r + 1) % 10 else list(OTHER)[(r + 1) // 10 % 3]) for r in rows.tolist()]
        score[:] = 0.98
    if step == "topic":
        action[:], reason[:] = "assign", "topic"
        value[:] = [TOPICS[i] for i in (random.geometric(0.15, n) % len(TOPICS)).tolist()]
        detail[:] = [json.dumps({"task": TASKS[r % 6]}) for r in rows.tolist()]
        score[:] = np.round(random.random(n), 4)
    if step == "split":
        action[:], reason[:], value[:] = (
            "assign",
            "split",
            np.where(draw < 0.9, "train", "test").astype(object),
        )
    if step in ("quality", "toxicity"):
        score[:] = np.round(random.beta(5, 2, n), 4)
    if step == "quality":
        why = [["the answer breaks off", -1.1], ["many different words", 0.7], ["the question is short", 0.2]]
        detail[:] = json.dumps({"model": "default 1", "why": why})
    columns = [pa.array(c, f.type) for c, f in zip(
        (action, reason, score, value, related, detail), list(VERDICTS)[2:], strict=True)]  # fmt: skip
    named = [ids.take(pa.array(rows)), pa.repeat(pa.scalar(step), n)]
    return pa.Table.from_arrays([*named, *columns], schema=VERDICTS)


def write_verdicts(out: Path, ids: pa.Array, seed: int) -> tuple[list[StepCount], np.ndarray, np.ndarray]:
    """Write verdicts.parquet; gives the counts, which rows are kept and which are for a person."""
    random = np.random.default_rng(seed + 2)
    alive, review = np.ones(len(ids), bool), np.zeros(len(ids), bool)
    counts = []
    with pq.ParquetWriter(Workspace.at(out).verdicts, VERDICTS, compression="zstd") as writer:
        for options in Recipe().steps:
            table = step_verdicts(options.use, ids, alive, random)
            writer.write_table(table)
            counts.append(_count(options, table))
            action = np.array(table["action"].to_pylist(), object)
            rows = np.flatnonzero(alive)
            review[rows[action == "review"]] = True
            alive[rows[action == "drop"]] = False
    return counts, alive, review & alive


def _count(options: Any, table: pa.Table) -> StepCount:
    made = BUILTIN_STEPS[options.use](options, 13, Path())
    actions = Counter(table["action"].to_pylist())
    pairs = Counter(zip(table["action"].to_pylist(), table["reason"].to_pylist(), strict=True))
    reasons = {a: {r: n for (b, r), n in sorted(pairs.items(), key=str) if b == a and r} for a in ACTIONS}
    seen = {reason for _, reason in pairs}
    return StepCount(
        step=options.use,
        rows_in=table.num_rows,
        kept=table.num_rows - actions["drop"],
        dropped=actions["drop"],
        review=actions["review"],
        edited=actions["edit"],
        assigned=actions["assign"],
        reasons={a: told for a, told in reasons.items() if told},
        sentences={code: told for code, told in made.reasons.items() if code in seen},
        seconds=0.0,
    )


def build(out: Path, rows: int, seed: int = 13) -> Path:
    """A workspace with some rows; what stands in the folder under the same names is replaced."""
    out.mkdir(parents=True, exist_ok=True)
    workspace = Workspace.at(out)
    ids = write_rows(out, rows, seed)
    counts, alive, review = write_verdicts(out, ids, seed)
    workspace.quarantine.write_text("", encoding="utf-8")
    workspace.recipe.write_text(dump_recipe(Recipe()), encoding="utf-8")
    edits = pq.read_table(workspace.edits, columns=["row_id"])["row_id"]
    kept = set(ids.filter(pa.array(alive)).to_pylist())
    recipe = Recipe().model_dump(mode="json", by_alias=True)
    files = (workspace.rows, workspace.verdicts, workspace.edits, workspace.quarantine)
    card = RunCard(
        tuneset_version="0", code_sha256="0" * 64, python="3", libraries={}, recipe=recipe,
        recipe_sha256=hashlib.sha256(canonical_json(recipe).encode()).hexdigest(), seed=seed,
        inputs=[InputFile(file=FILE, sha256=FILE_SHA256, bytes=0, format="jsonl", shape="messages",
                          evidence="every row has messages", rows=rows, quarantined=0)],
        skipped=[], rows_in=rows, rows=rows, quarantined=0, kept=int(alive.sum()),
        dropped=int((~alive).sum()), review=int(review.sum()), edited=len(kept & set(edits.to_pylist())),
        steps=counts, files={path.name: sha256_file(path) for path in files},
        started_at="2026-01-01T00:00:00Z", seconds=0.0, seconds_by_phase={}, peak_memory_mb=0.0, workers=1,
        engine="local",
    )  # fmt: skip
    write_json(workspace.run_card, card.model_dump())
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description="Build a workspace of made-up rows.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=13)
    args = parser.parse_args()
    started = time.perf_counter()
    build(args.out, args.rows, args.seed)
    size = sum(p.stat().st_size for p in args.out.iterdir() if p.is_file())
    print(f"{args.out}: {args.rows:,} rows, {size / 1e6:.0f} MB, {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
