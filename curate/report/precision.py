"""How often people agree with a flag, by their own decisions: its precision, with an interval.

Counted are decisions on single rows. Those made by a rule are left out, since nobody looked at each row, and
so are those on content that has changed since.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ...schemas.arrow import ROWS
from ...schemas.proportions import wilson
from ...schemas.review import DECISIONS
from ..contents import one_array
from ..ledger import Ledger
from ..standing import completed
from .samples import Key

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

BANDS = 10
AGREED = 1
"""A person rejected or edited the row."""
PASSED = 0
"""A person approved the row."""
OPEN = -1


@dataclass(frozen=True)
class Tally:
    """Rows, those that people decided on, and those of them that they rejected or edited."""

    rows: int
    decided: int
    agreed: int

    @property
    def ratio(self) -> float | None:
        """Precision: the share of decided rows that were rejected or edited."""
        return self.agreed / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float]:
        """Its score interval, 95 %."""
        return wilson(self.agreed, self.decided)


@dataclass(frozen=True)
class Band:
    """Rows with a score in [low, high), or up to high in the last band.

    Args:
        low: Lower end.
        high: Upper end.
        inside: Rows in the band.
        beyond: Rows in it and in all bands on its side of the scale, as a threshold there would take them.
    """

    low: float
    high: float
    inside: Tally
    beyond: Tally


@dataclass(frozen=True)
class Flag:
    """A reason to review or to drop, and what people said of its rows.

    Args:
        key: Step, action and reason.
        tally: All rows with it.
        bands: By score; empty where the reason has none.
        upward: Whether rows of a higher score are rejected more.
    """

    key: Key
    tally: Tally
    bands: list[Band]
    upward: bool


@dataclass(frozen=True)
class Precision:
    """What people said of the rows of a run.

    Args:
        flags: Every reason with a decided row, in step order.
        unflagged: Rows without a flag, for comparison.
        by_rule: Decisions by a rule, which do not count.
        stale: Decisions on content that has changed, which do not count.
    """

    flags: list[Flag]
    unflagged: Tally
    by_rule: int
    stale: int

    def as_list(self) -> list[dict[str, Any]]:
        """The flags as JSON values."""
        return [_json(flag) for flag in self.flags]


def _json(flag: Flag) -> dict[str, Any]:
    step, action, reason = flag.key
    low, high = flag.tally.interval
    told = {"step": step, "action": action, "reason": reason, **asdict(flag.tally)}
    bands = [asdict(band) for band in flag.bands]
    return {**told, "precision": flag.tally.ratio, "low": low, "high": high, "bands": bands}


def precision(ledger: Ledger, decisions: pa.Table | None) -> Precision | None:
    """The precision of every flag with a decided row; None where no single row was decided on.

    Args:
        ledger: The run.
        decisions: The standing decision on each row: row_id, action, content_id, rule (`Store.current` of the
            review app).
    """
    if decisions is None or not decisions.num_rows:
        return None
    single = completed(decisions, DECISIONS).filter(pc.is_null(decisions["rule"]))
    single = single.filter(pc.not_equal(single["action"], "disputed"))
    said, stale = _said(ledger, single)
    by_rule = decisions.num_rows - decisions["rule"].null_count
    if not (said != OPEN).any():
        return None
    told = ledger.verdicts(
        ["row_id", "step", "action", "reason", "score"], pc.field("action").isin(["review", "drop"])
    )
    at = np.asarray(pc.index_in(one_array(told["row_id"]), value_set=ledger.row_ids), dtype=np.int64)
    flagged = np.zeros(len(said), bool)
    flagged[at] = True
    flags = [_flag(key, said[at[rows]], scores) for key, rows, scores in _by_reason(told)]
    plain = said[~flagged]
    return Precision([f for f in flags if f.tally.decided], _tally(plain), by_rule, stale)


def _said(ledger: Ledger, decisions: pa.Table) -> tuple[np.ndarray, int]:
    """What a person said of each row of the run, shape (n_rows,); and how many decisions are out of date."""
    at = pc.index_in(one_array(decisions["row_id"]), value_set=ledger.row_ids)
    known = decisions.filter(pc.is_valid(at))
    rows = np.asarray(at.drop_null(), dtype=np.int64)
    mask = np.zeros(len(ledger.row_ids), bool)
    mask[rows] = True
    new = pa.concat_tables(
        t.select(["row_id", "content_id"]) for t in (ROWS.empty_table(), *ledger.contents.stream(mask))
    )
    now = one_array(new["content_id"]).take(
        pc.index_in(one_array(known["row_id"]), value_set=one_array(new["row_id"]))
    )
    read = ledger.stored("content_id").take(pa.array(rows))
    action, edited = known["action"], _edited(known)
    same = [pc.equal(known[name], c) for name in ("content_id", "shown_id") for c in (now, read)]
    holds = np.zeros(len(known), bool)
    for one in same:
        holds |= np.asarray(pc.fill_null(one, False))
    said = np.full(len(mask), OPEN, np.int8)
    passed = np.asarray(pc.equal(action, "approve")) & ~edited
    said[rows[holds]] = np.where(passed[holds], PASSED, AGREED)
    return said, int((~holds).sum())


def _edited(known: pa.Table) -> np.ndarray:
    """Which decisions approve another content than was on the screen."""
    return np.asarray(pc.fill_null(pc.not_equal(known["content_id"], known["shown_id"]), False))


def _by_reason(told: pa.Table) -> list[tuple[Key, np.ndarray, np.ndarray]]:
    """Each reason in order of appearance, where its verdicts stand, and their scores (NaN for none)."""
    columns = [told[name].to_pylist() for name in ("step", "action", "reason")]
    scores = np.asarray(told["score"].fill_null(float("nan")), dtype=float)
    places: dict[Key, list[int]] = {}
    for i, (step, action, reason) in enumerate(zip(*columns, strict=True)):
        places.setdefault((step, action, reason or ""), []).append(i)
    return [(key, np.array(rows), scores[rows]) for key, rows in places.items()]


def _tally(said: np.ndarray) -> Tally:
    return Tally(len(said), int((said != OPEN).sum()), int((said == AGREED).sum()))


def _flag(key: Key, said: np.ndarray, scores: np.ndarray) -> Flag:
    told = ~np.isnan(scores)
    said_of, scores = said[told], scores[told]
    means = [scores[said_of == what].mean() if (said_of == what).any() else 0.0 for what in (AGREED, PASSED)]
    upward = not (said_of == PASSED).any() or means[0] >= means[1]
    bands = _bands(said_of, scores, upward) if len(np.unique(scores)) > 1 else []
    return Flag(key, _tally(said), bands, bool(upward))


def _bands(said: np.ndarray, scores: np.ndarray, upward: bool) -> list[Band]:
    """Bands that hold rows, the strictest threshold first."""
    ends = _ends(scores)
    found: list[Band] = []
    for low, high in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        last = high == ends[-1]
        inside = (scores >= low) & ((scores < high) | last)
        beyond = (scores >= low) if upward else (scores < high) | last
        if inside.any():
            found.append(Band(low, high, _tally(said[inside]), _tally(said[beyond])))
    return found[::-1] if upward else found


def _ends(scores: np.ndarray) -> np.ndarray:
    """Ends of tenths for scores in [0, 1], finer where they lie close; else tenths of their range."""
    low, high = float(scores.min()), float(scores.max())
    if low < 0 or high > 1:
        return np.linspace(low, high, BANDS + 1)
    width = 0.1 if high - low > 0.3 else 0.05 if high - low > 0.1 else 0.01
    first, last = np.floor(low / width + 1e-9), np.ceil(high / width - 1e-9)
    return np.round(np.arange(first, max(last, first + 1) + 1) * width, 2)
