"""The order in which open rows should be reviewed, and the rows that check a threshold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from ...schemas.files import atomic
from ...schemas.quality import QUEUE, LearnedQuality
from ...schemas.review import DECISIONS
from ..standing import completed
from ..text import unit_interval
from .default_model import sigmoid
from .intervals import wilson
from .learned_model import LearnedModel
from .pool import Pool
from .words import in_words

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

AUDIT_ROWS = 50
TOLD = 3


def audited(audit: Mapping[str, Any] | None, decisions: pa.Table) -> dict[str, Any] | None:
    """An earlier audit sample with the decisions that people have made on it since."""
    if audit is None:
        return None
    lines = completed(decisions, DECISIONS).select(["row_id", "action", "rule", "content_id", "shown_id"])
    people = [d for d in lines.to_pylist() if d["rule"] is None and d["action"] != "disputed"]
    actions = {d["row_id"]: d["action"] == "approve" and not _edited(d) for d in people}
    told = [actions[row] for row in audit["rows"] if row in actions]
    low, high = wilson(sum(told), len(told))
    return {
        "threshold": audit["threshold"],
        "rows": list(audit["rows"]),
        "open": [row for row in audit["rows"] if row not in actions],
        "decided": len(told),
        "precision": round(sum(told) / len(told), 4) if told else None,
        "low": round(low, 4),
        "high": round(high, 4),
        "before": audit.get("before"),
    }


def _edited(decision: Mapping[str, Any]) -> bool:
    """Whether another content was approved than was on the screen."""
    return decision["shown_id"] not in (None, decision["content_id"])


def audit_rows(
    earlier: dict[str, Any] | None,
    proposed: Mapping[str, Any] | None,
    pool: Pool,
    scores: np.ndarray,
    open_rows: np.ndarray,
    seed: int,
) -> dict[str, Any] | None:
    """The audit in force: the earlier one until all its rows are decided, then a new one with its outcome.

    Args:
        earlier: From `audited`.
        proposed: The threshold that the new model proposes, or None.
        pool: The rows.
        scores: Of every row of the pool, shape (n,).
        open_rows: Positions of the kept rows without a decision.
        seed: Of the draw: rows are taken in the order of a hash of seed and name.
    """
    if earlier is not None and earlier["open"]:
        return earlier
    if proposed is None:
        return earlier
    ids = pool.row_ids.take(pa.array(open_rows)).to_pylist()
    above = scores[open_rows] >= proposed["threshold"]
    names = [name for name, taken in zip(ids, above.tolist(), strict=True) if taken]
    drawn = sorted((unit_interval(name.encode(), f"audit:{seed}"), name) for name in names)[:AUDIT_ROWS]
    fresh: dict[str, Any] = {"threshold": proposed["threshold"], "rows": sorted(name for _, name in drawn)}
    if not drawn:
        return earlier
    done = {k: v for k, v in earlier.items() if k not in ("rows", "open", "before")} if earlier else None
    empty = {"decided": 0, "precision": None, "low": 0.0, "high": 1.0}
    return {**fresh, "open": fresh["rows"], **empty, "before": done}


def write_queue(
    path: Path,
    model: LearnedQuality,
    pool: Pool,
    open_rows: np.ndarray,
    audit: Mapping[str, Any] | None,
    seed: int,
) -> int:
    """Write `quality/queue.parquet` and return its number of rows."""
    from .scoring import learned_scores

    scored = learned_scores(pool.measures, LearnedModel(model, ""), seed, TOLD)
    scores = np.round(sigmoid(scored.log_odds), 4)[open_rows]
    uncertainty = 1 - np.abs(2 * scores - 1)
    order = np.argsort(-uncertainty, kind="stable")
    rows = open_rows[order]
    ids = pool.row_ids.take(pa.array(rows))
    why = ["; ".join(in_words(name, high) for name, high, _ in scored.why(int(i))) for i in rows]
    checked = pa.array(list(audit["open"]) if audit else [], pa.string())
    columns = [
        ids,
        pa.array(np.arange(1, len(rows) + 1), pa.int32()),
        pa.array(scores[order]),
        pa.array(np.round(uncertainty[order], 4)),
        pc.is_in(ids, value_set=checked),
        pa.array(why, pa.string()),
    ]
    with atomic(path) as temporary:
        pq.write_table(pa.Table.from_arrays(columns, schema=QUEUE), temporary, compression="zstd")
    return len(rows)
