"""Rows that `near_duplicate` would remove at other thresholds, from its verdicts alone, with some pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ...schemas.step_options import NearDuplicateOptions
from ..contents import one_array
from ..ledger import Ledger
from .draw import curve
from .escape import number, share
from .examples import example
from .samples import COLUMNS, Samples, draw_key, originals
from .sections import details, section, table

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

STEP = "near_duplicate"
LEVELS = np.round(np.arange(0.5, 1.0001, 0.02), 2)
BANDS = ((0.9, 1.0), (0.8, 0.9), (0.7, 0.8), (0.6, 0.7), (0.5, 0.6))
PER_BAND = 2


@dataclass(frozen=True)
class Thresholds:
    """What other thresholds would remove.

    Args:
        threshold: The one that was used.
        rows_in: Rows that the step saw.
        dropped: Rows that it removed, by verdicts with a score and a partner.
        removed: Rows removed at each of LEVELS.
        below: Whether kept rows have scores, so that lower thresholds are known.
        pairs: For each of BANDS a few verdicts whose score lies in it.
        samples: The rows that these verdicts name.
    """

    threshold: float
    rows_in: int
    dropped: int
    removed: list[int]
    below: bool
    pairs: list[list[dict[str, Any]]]
    samples: Samples


def thresholds(ledger: Ledger) -> Thresholds | None:
    """The curve of a run; None where no verdict of the step has a score and a partner."""
    count = next((s for s in ledger.card.steps if s.step == STEP), None)
    if count is None:
        return None
    told = ledger.verdicts(list(COLUMNS), pc.field("step") == STEP)
    told = told.filter(pc.and_(pc.is_valid(told["score"]), pc.is_valid(told["related_id"])))
    told = told.filter(pc.or_(pc.equal(told["action"], "keep"), pc.equal(told["action"], "drop")))
    if not told.num_rows:
        return None
    told = _once(told, ledger)
    scores = np.asarray(told["score"], dtype=float)
    pairs = [_drawn(told, scores, low, high, ledger.card.seed) for low, high in BANDS]
    ids = sorted({i for some in pairs for v in some for i in (v["row_id"], v["related_id"])})
    return Thresholds(
        threshold=_threshold(ledger),
        rows_in=count.rows_in,
        dropped=int(pc.sum(pc.equal(told["action"], "drop")).as_py()),
        removed=[int((scores >= level - 1e-9).sum()) for level in LEVELS],
        below=bool(pc.any(pc.equal(told["action"], "keep")).as_py()),
        pairs=pairs,
        samples=Samples({}, originals(ledger, ids), {}),
    )


def _threshold(ledger: Ledger) -> float:
    named = {step.get("use"): step for step in ledger.card.recipe.get("steps", ())}
    return named.get(STEP, {}).get("threshold", NearDuplicateOptions().threshold)


def _once(told: pa.Table, ledger: Ledger) -> pa.Table:
    """One verdict for each row that could go: of two kept rows that name each other, the later."""
    mine = _positions(told["row_id"], ledger)
    theirs = _positions(told["related_id"], ledger)
    kept = np.asarray(pc.equal(told["action"], "keep"))
    goes = np.where(kept & (theirs >= 0), np.maximum(mine, theirs), mine)
    order = np.lexsort((mine != goes, -np.asarray(told["score"], dtype=float), goes))
    first = np.concatenate([[True], goes[order][1:] != goes[order][:-1]])
    return told.take(pa.array(np.sort(order[first])))


def _positions(ids: pa.ChunkedArray, ledger: Ledger) -> np.ndarray:
    at = pc.index_in(one_array(ids), value_set=ledger.row_ids)
    return np.asarray(pc.fill_null(at, -1), dtype=np.int64)


def _drawn(told: pa.Table, scores: np.ndarray, low: float, high: float, seed: int) -> list[dict[str, Any]]:
    """A few verdicts with a score in [low, high), or up to 1, the smallest hashes of their row_ids."""
    inside = np.flatnonzero((scores >= low - 1e-9) & ((scores < high - 1e-9) | (high >= 1)))
    ids = told["row_id"].take(pa.array(inside)).to_pylist()
    order = sorted(range(len(ids)), key=lambda i: draw_key(seed, ids[i]))[:PER_BAND]
    return told.take(pa.array(inside[order], pa.int64())).to_pylist()


def thresholds_section(found: Thresholds | None) -> str:
    """The curve, the same as a table, and pairs at each step of it."""
    if found is None:
        return ""
    now = found.threshold
    known = [(level, n) for level, n in zip(LEVELS.tolist(), found.removed, strict=True)]
    known = [(level, n) for level, n in known if found.below or level >= now - 1e-9]
    rows = [[f"{level:.2f}", number(n), share(n, found.rows_in)] for level, n in known]
    described = "Rows removed by threshold: " + ", ".join(
        f"{number(n)} at {level:.1f}" for level, n in known if round(level * 10, 6) % 1 == 0
    )
    picture = curve(known, now, "Rows removed by threshold", f"{described}.")
    return section(
        "thresholds",
        "Near-duplicates by threshold",
        _introduction(found),
        f'<p class="legend"><i class="key bar"></i> removed {_below_key(found)}</p>{picture}',
        details(
            "the same as a table",
            table(("threshold", "removed", "of rows in"), rows, "Removed by threshold", numeric=(0, 1, 2)),
        ),
        *(_band(low, high, some, found) for (low, high), some in zip(BANDS, found.pairs, strict=True)),
    )


def _introduction(found: Thresholds) -> str:
    rest = (
        "Lower ones count kept rows whose nearest row no guard keeps apart; of two such rows the later goes."
        if found.below
        else "Kept rows have no scores here, so what a lower one would remove is not known."
    )
    return (
        f"<p>At {found.threshold:g}, which was used, the step removed {number(found.dropped)} of"
        f" {number(found.rows_in)} rows. Counts at other thresholds come from the scores in the verdicts, as"
        f" an estimate: a row that another threshold keeps can stand for others. {rest}</p>"
        "<p>Another threshold takes seconds: set it in the recipe and run <code>tuneset curate</code> again."
        " Nothing is measured anew.</p>"
    )


def _below_key(found: Thresholds) -> str:
    return '<i class="key before"></i> would be removed too' if found.below else ""


def _band(low: float, high: float, some: list[dict[str, Any]], found: Thresholds) -> str:
    """Pairs whose score lies in a band, closed at first."""
    if not some:
        return ""
    at = {round(float(level), 2): n for level, n in zip(LEVELS, found.removed, strict=True)}
    count = at[low] - (at[high] if high < 1 else 0)
    noun = "row" if count == 1 else "rows"
    pairs = "".join(example(verdict, found.samples) for verdict in some)
    summary = f'scores from {low:.1f} to {high:.1f} <span class="count">{number(count)} {noun}</span>'
    return f'<details class="reason"><summary>{summary}</summary>{pairs}</details>'
