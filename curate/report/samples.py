"""The few verdicts and rows that a report shows, drawn so that the same run always shows the same ones."""

from __future__ import annotations

import hashlib
import heapq
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from ..contents import records
from ..ledger import Ledger
from ..rows import Turn, conversations

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

PER_REASON = 3
MAX_REASONS = 100
OTHER = "other reasons"
LONGEST = 4000
TELLING = ("drop", "review", "edit")
COLUMNS = ("row_id", "step", "action", "reason", "score", "related_id", "detail")
BATCH_ROWS = 65_536

Key = tuple[str, str, str]
"""step, action, reason."""


@dataclass(frozen=True)
class Samples:
    """What the examples are drawn from.

    Args:
        verdicts: A few verdicts for each step, action and reason.
        rows: The original rows that these verdicts name, themselves and their partners, by row_id.
        edits: For each row its edits in step order, as (step, turns).
    """

    verdicts: dict[Key, list[dict[str, Any]]]
    rows: dict[str, dict[str, Any]]
    edits: dict[str, list[tuple[str, list[Turn]]]]


def draw(ledger: Ledger) -> Samples:
    """The examples of a run."""
    verdicts = draw_verdicts(ledger.workspace.verdicts, ledger.card.seed)
    chosen = [v for group in verdicts.values() for v in group]
    ids = sorted({i for v in chosen for i in (v["row_id"], v["related_id"]) if i})
    return Samples(verdicts, originals(ledger, ids), _edits(ledger.workspace.edits, ids))


def draw_verdicts(path: Path, seed: int) -> dict[Key, list[dict[str, Any]]]:
    """For each step, action and reason the verdicts whose hashed row_id is smallest, in one reading."""
    heaps: dict[Key, list[tuple[int, int, dict[str, Any]]]] = {}
    at = 0
    for batch in pq.ParquetFile(path).iter_batches(BATCH_ROWS, columns=list(COLUMNS)):
        telling = batch.filter(pc.is_in(batch.column("action"), value_set=pa.array(TELLING)))
        for verdict in telling.to_pylist():
            at += 1
            key = (verdict["step"], verdict["action"], verdict["reason"] or "")
            _offer(heaps.setdefault(key, []), (-draw_key(seed, verdict["row_id"]), at, verdict), PER_REASON)
    return {key: [v for _, _, v in sorted(heap, key=lambda x: -x[0])] for key, heap in heaps.items()}


def draw_key(seed: int, name: str) -> int:
    """What a sample is drawn by: the names of smallest keys are taken."""
    return int.from_bytes(hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=8).digest(), "big")


def _offer(heap: list[Any], entry: tuple[Any, ...], size: int) -> None:
    if len(heap) < size:
        heapq.heappush(heap, entry)
    else:
        heapq.heappushpop(heap, entry)


def originals(ledger: Ledger, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Rows as they were read, by row_id; names that no row has are left out."""
    found = pc.index_in(pa.array(ids, pa.string()), value_set=ledger.row_ids).drop_null()
    table = ledger.contents.at(np.sort(np.asarray(found, dtype=np.int64)), edited=False)
    return {row["row_id"]: row for row in records(table)}


def _edits(path: Path, ids: list[str]) -> dict[str, list[tuple[str, list[Turn]]]]:
    table = pq.read_table(path, filters=pc.field("row_id").isin(pa.array(ids, pa.string())))
    found: dict[str, list[tuple[str, list[Turn]]]] = {}
    turns = conversations(table.column("messages"))
    names = zip(table.column("row_id").to_pylist(), table.column("step").to_pylist(), strict=True)
    for (row_id, step), messages in zip(names, turns, strict=True):
        found.setdefault(row_id, []).append((step, messages or []))
    return found


@dataclass
class Quarantine:
    """Unreadable rows: how many for each reason, and a few of each."""

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def draw_quarantine(path: Path, seed: int) -> Quarantine:
    """Count quarantined rows by reason and draw a few of each, in one reading."""
    counts: dict[str, int] = {}
    heaps: dict[str, list[tuple[int, int, dict[str, Any]]]] = {}
    with open(path, encoding="utf-8") as lines:
        for at, line in enumerate(lines):
            entry = {k: v[:LONGEST] if isinstance(v, str) else v for k, v in json.loads(line).items()}
            reason = str(entry["reason"])
            if reason not in counts and len(counts) >= MAX_REASONS:
                reason = OTHER
            counts[reason] = counts.get(reason, 0) + 1
            key = draw_key(seed, f"{entry['file']}:{entry['row']}")
            _offer(heaps.setdefault(reason, []), (-key, at, entry), PER_REASON)
    ordered = dict(sorted(counts.items(), key=lambda x: (-x[1], x[0])))
    return Quarantine(ordered, {r: [e for _, _, e in sorted(heaps[r], key=lambda x: x[1])] for r in ordered})
