"""The orders in which rows are reviewed, and what each row is told to be here for.

No order tells the reviewer what a model thinks of the row: a score orders the queue, and the words say no
more than that it is in doubt.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from ..curate.contents import one_array
from .kept import Kept
from .risks import Risks

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

IN_DOUBT = ((0.8, "its quality is in doubt"), (0.4, "its quality is somewhat in doubt"))
HARDLY = "its quality is hardly in doubt"


@dataclass(frozen=True)
class Ordered:
    """An order of the kept rows.

    Args:
        rows: Places among the kept rows, the first to review first; a permutation of 0..n-1, int64.
        why: For each kept row, in input order, why it is here.
    """

    rows: np.ndarray
    why: Sequence[str]


def draws(names: Sequence[str], seed: int) -> np.ndarray:
    """Two random numbers a name in [0, 1), the same on every machine; shape (n, 2), float64.

    They depend on seed and name alone, so they stay when other rows come or go.
    """
    start = hashlib.blake2b(f"{seed}:".encode(), digest_size=16)

    def drawn(name: str) -> bytes:
        digest = start.copy()
        digest.update(name.encode("utf-8", "surrogatepass"))
        return digest.digest()

    whole = np.frombuffer(b"".join(map(drawn, names)), dtype="<u8").reshape(-1, 2)
    return (whole >> np.uint64(11)) * 2.0**-53


class Orders:
    """The orders of one run's kept rows.

    Args:
        kept: The kept rows.
        seed: Of what is drawn.
    """

    def __init__(self, kept: Kept, seed: int) -> None:
        self.kept = kept
        self.seed = seed

    def order(self, name: str) -> Ordered:
        """One of ORDERS."""
        return ORDERS[name](self)

    @cached_property
    def draws(self) -> np.ndarray:
        """Two random numbers a kept row: its place in a random order, and whether it is overlap."""
        return draws(self.kept.names, self.seed)

    def twice(self, ratio: float) -> np.ndarray:
        """Which kept rows are the overlap of a share in [0, 1]; shape (n_kept,), bool."""
        return self.draws[:, 1] < ratio if ratio > 0 else np.zeros(len(self.kept), bool)

    @cached_property
    def doubt(self) -> np.ndarray | None:
        """How much in doubt each kept row's quality is, in [0, 1]: 1 - |2 score - 1|; NaN without a score."""
        if "quality" not in self.kept.steps:
            return None
        scores = self.kept.ledger.label("quality", "score").to_numpy(zero_copy_only=False)
        return np.round(1 - np.abs(2 * scores.astype(np.float64) - 1), 6)

    def fifo(self) -> Ordered:
        """As they stand in the input."""
        n = len(self.kept)
        return Ordered(np.arange(n), ["next in the order of the input"] * n)

    def random(self) -> Ordered:
        """A seeded random order."""
        n = len(self.kept)
        return Ordered(np.argsort(self.draws[:, 0], kind="stable"), ["random sample"] * n)

    def uncertainty(self) -> Ordered:
        """The queue that `tuneset learn` wrote; rows that are not in it follow by their quality score."""
        ranks, doubt, audit = self._learned()
        known = np.full(len(ranks), np.nan) if self.doubt is None else self.doubt
        doubt = np.where(np.isnan(doubt), known, doubt)
        unknown = np.where(np.isnan(known), np.inf, -known)
        rows = np.lexsort((unknown, ranks))
        why = _doubt_words(doubt)
        for i in np.flatnonzero(audit).tolist():
            why[i] = "random sample that checks the learned threshold"
        return Ordered(rows, why)

    def _learned(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rank (else inf), doubt (else NaN) and audit of each kept row in the learned queue."""
        n = len(self.kept)
        path = self.kept.ledger.workspace.quality_queue
        if not path.is_file():
            return np.full(n, np.inf), np.full(n, np.nan), np.zeros(n, bool)
        queue = pq.read_table(path, columns=["row_id", "rank", "uncertainty", "audit"])
        at = pc.index_in(self.kept.row_ids, value_set=one_array(queue["row_id"]))
        ranks = pc.cast(queue["rank"], pa.float64()).take(at)
        ranks = np.asarray(pc.fill_null(ranks, np.inf), np.float64)
        doubt = np.asarray(pc.fill_null(queue["uncertainty"].take(at), np.nan), np.float64)
        return ranks, doubt, np.asarray(pc.fill_null(queue["audit"].take(at), False), bool)

    def risk(self) -> Ordered:
        """Rows that a step sends to a person, the gravest first; then redacted ones; then doubtful ones."""
        risks = Risks.of(self.kept)
        doubt = np.full(len(self.kept), np.nan) if self.doubt is None else self.doubt
        certain = np.where(np.isnan(doubt), np.inf, -doubt)
        rows = np.lexsort((certain, -risks.asking, risks.grade))
        why = _doubt_words(doubt)
        for place, told in risks.why.items():
            why[place] = told
        return Ordered(rows, why)

    def rare_topic(self) -> Ordered:
        """Rows of the rarest topic and task first, in random order among themselves."""
        n = len(self.kept)
        if "topic" not in self.kept.steps:
            found = self.random()
            return Ordered(found.rows, ["random sample: the run has no topics"] * n)
        topics = self.kept.ledger.label("topic", "value").dictionary_encode()
        tasks = _tasks(self.kept.ledger.label("topic", "detail"))
        names = topics.dictionary.to_pylist()
        topic = np.asarray(pc.fill_null(topics.indices, len(names)), np.int64)
        names.append(None)
        kinds, kind, sizes = np.unique(
            np.stack([topic, tasks.codes], axis=1), axis=0, return_inverse=True, return_counts=True
        )
        kind = kind.reshape(-1)
        in_topic = np.bincount(topic, minlength=len(names))
        rows = np.lexsort((self.draws[:, 0], kind, in_topic[topic], sizes[kind]))
        told = [
            _rare_words(int(size), names[a], tasks.names[b])
            for (a, b), size in zip(kinds.tolist(), sizes.tolist(), strict=True)
        ]
        return Ordered(rows, [told[k] for k in kind.tolist()])


ORDERS: dict[str, Callable[[Orders], Ordered]] = {
    "uncertainty": Orders.uncertainty,
    "risk": Orders.risk,
    "random": Orders.random,
    "fifo": Orders.fifo,
    "rare_topic": Orders.rare_topic,
}


def _doubt_words(doubt: np.ndarray) -> list[str]:
    levels = np.select(
        [np.isnan(doubt), *(doubt >= least for least, _ in IN_DOUBT)], range(len(IN_DOUBT) + 1), -1
    )
    words = ["no quality score", *(told for _, told in IN_DOUBT), HARDLY]
    return [words[level] for level in levels.tolist()]


@dataclass(frozen=True)
class _Tasks:
    """Task types by code; a row without one has the last code, whose name is None."""

    codes: np.ndarray
    names: list[str | None]


def _tasks(details: pa.Array) -> _Tasks:
    """The kind of work that each row's topic verdict tells."""
    coded = details.dictionary_encode()
    told = [json.loads(text).get("task") for text in coded.dictionary.to_pylist()]
    names = sorted({task for task in told if task is not None})
    codes = np.array([names.index(task) if task is not None else len(names) for task in told], np.int64)
    indices = np.asarray(pc.fill_null(coded.indices, len(codes)), np.int64)
    return _Tasks(np.append(codes, len(names))[indices], [*names, None])


def _rare_words(size: int, topic: str | None, task: str | None) -> str:
    rows = "the only row" if size == 1 else f"one of {size:,} rows"
    place = "without a topic" if topic in (None, "other") else f"of topic {topic}"
    return f"{rows} {place}" + (f", task {task}" if task else "")
