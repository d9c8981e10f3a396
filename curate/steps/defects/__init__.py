"""Chat-specific defects of prompt and response, one small signal each."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ....schemas.errors import RecipeError, did_you_mean
from ...encoders import STATIC, encoder_for
from ...row_vectors import row_vectors
from ...rows import Turn, rows_of
from ...step import KEEP, Opinion, verdicts
from ...text import digest
from .base import Pair, Signal, excerpt, lost_text, pairs_of
from .families import SIGNALS as FAMILIES
from .families import at_limit, common, form_of, odd_forms, truncated, unrelated
from .look import SIGNALS as LOOKED
from .look import hits_of
from .preferences import SIGNALS as PREFERENCES
from .preferences import pair_faults
from .relevance import log_odds
from .truncation import cut_score, ends_in_list

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them
SIGNALS: tuple[Signal, ...] = (*PREFERENCES, *LOOKED, *FAMILIES)
"""In order of weight: a row gets the reason of its first hard signal, else of its first soft one."""
_HITS = pa.list_(pa.struct([("code", pa.string()), ("detail", pa.string())]))
MIN_SHARED_ANSWER = 40  # characters; shorter answers may be right in many rows
EARLIER = 2.0  # log odds that an earlier turn needs more, since chats are written loosely
MAX_FORMED = 200  # characters; longer answers have no form that could be odd
_ENDS = frozenset(".!?。！？…؟।\"”’»)]}*`」』）'|;:>")

__all__ = ["SIGNALS", "Defects", "Pair", "Signal"]


class Defects:
    """Drops rows with a hard defect and sends rows with a soft one to review.

    Args:
        skip: Reason codes that are switched off.
    """

    name = "defects"
    version = 2

    def __init__(self, skip: Iterable[str] = ()) -> None:
        known = {s.code for s in SIGNALS}
        for code in skip:
            if code not in known:
                raise RecipeError(
                    f"unknown reason {code!r}", where="step 'defects', skip", fix=did_you_mean(code, known)
                )
        self.skip = frozenset(skip)
        self.reasons = {s.code: s.sentence for s in SIGNALS}

    @property
    def measure_params(self) -> Mapping[str, Any]:
        """The encoder, whose vectors are measured with."""
        return {"encoder": encoder_for(STATIC).identity}

    def measure(self, batch: pa.Table) -> pa.Table:
        rows = rows_of(batch)
        pairs = [pairs_of(turns) for turns in rows.messages]
        lost = rows.rejected() if batch.column("rejected").null_count < len(rows) else [None] * len(rows)
        hits = [_hits(row, rejected) for row, rejected in zip(pairs, lost, strict=True)]
        compared = [row[0] if row and len(row) == 1 and len(row[0].words) > 0 else None for row in pairs]
        vectors = row_vectors(batch)
        single = [None if _called(turns) else p for p, turns in zip(compared, rows.messages, strict=True)]
        scores = log_odds(single, vectors.prompt, vectors.response)
        whole = [_whole(row, score is not None) for row, score in zip(pairs, scores, strict=True)]
        return pa.table(
            {
                "row_id": batch.column("row_id"),
                "hits": pa.array([[{"code": c, "detail": d} for c, d in row] for row in hits], _HITS),
                "relevance": pa.array(scores, pa.float32()),
                "cut": pa.array([w.cut for w in whole], pa.float32()),
                "listed": pa.array([w.listed for w in whole], pa.bool_()),
                "ending": pa.array([w.ending for w in whole], pa.string()),
                "file": pa.array(
                    [
                        zlib.crc32(f.encode())
                        for f in pc.struct_field(batch.column("source"), "file").to_pylist()
                    ],
                    pa.uint32(),
                ),
                "answer": pa.array([w.answer for w in whole], pa.int64()),
                "length": pa.array([w.length for w in whole], pa.int32()),
                "endless": pa.array([w.endless for w in whole], pa.bool_()),
                "family": pa.array([w.family for w in whole], pa.string()),
                "form": pa.array([w.form for w in whole], pa.string()),
            }
        )

    def decide(self, measures: pa.Table) -> pa.Table:
        more = _told_by_all(measures)
        opinions = [
            self._opinion([(h["code"], h["detail"]) for h in hits] + more.get(i, []))
            for i, hits in enumerate(measures.column("hits").to_pylist())
        ]
        return verdicts(measures.column("row_id"), self.name, opinions)

    def _opinion(self, hits: list[tuple[str, str]]) -> Opinion:
        active = [(code, detail) for code, detail in hits if code not in self.skip]
        if not active:
            return KEEP
        code, detail = next((h for h in active if h[0] in _HARD), active[0])
        others = dict.fromkeys(c for c, _ in active if c != code)
        also = f"; also {', '.join(others)}" if others else ""
        return Opinion("drop" if code in _HARD else "review", code, detail=f"{detail}{also}")


_HARD = frozenset(s.code for s in SIGNALS if s.hard)
_ORDER = {s.code: n for n, s in enumerate(SIGNALS)}


def _hits(pairs: list[Pair], rejected: list[Turn] | None) -> list[tuple[str, str]]:
    """Reason and detail of every defect of a row; of a conversation the detail names the turn."""
    found: list[tuple[str, str]] = []
    for pair in pairs:
        for code, detail in hits_of(pair):
            found.append((code, detail if len(pairs) == 1 else f"turn {pair.place}: {detail}"))
    if rejected and pairs:
        found += pair_faults(pairs[-1], lost_text(rejected))
    return sorted(found, key=lambda hit: _ORDER[hit[0]]) if len(found) > 1 else found


def _called(turns: list[Turn]) -> bool:
    return any("tool_calls" in turn or turn["role"] == "tool" for turn in turns)


class _Whole(NamedTuple):
    """What `decide` compares between rows, of the last answer."""

    cut: float | None = None
    listed: bool = False
    ending: str | None = None
    answer: int | None = None
    length: int = 0
    endless: bool = False
    family: str | None = None
    form: str | None = None


_EMPTY = _Whole()


def _whole(pairs: list[Pair], judged: bool) -> _Whole:
    if not pairs:
        return _EMPTY
    last = pairs[-1]
    text = last.response.rstrip()
    short = last.system and len(text) <= MAX_FORMED
    cut, ending = _cut(pairs)
    return _Whole(
        cut,
        ends_in_list(text),
        ending,
        int.from_bytes(digest(text)[:8], "big", signed=True)
        if judged and len(text) >= MIN_SHARED_ANSWER
        else None,
        len(last.response),
        text[-1:] not in _ENDS,
        _family(last.system) if last.system else None,
        form_of(text) if short else "long" if last.system else None,
    )


@functools.lru_cache(maxsize=64)
def _family(system: str) -> str:
    return digest(system).hex()[:12]


def _cut(pairs: list[Pair]) -> tuple[float | None, str | None]:
    """The answer of a row that most looks cut: its log odds, and how it ends."""
    found = [
        (score if pair is pairs[-1] else score - EARLIER, pair)
        for pair in pairs
        if (score := cut_score(pair)) is not None
    ]
    if not found:
        return None, None
    score, pair = max(found, key=lambda each: each[0])
    where = "" if len(pairs) == 1 else f"turn {pair.place}: "
    return score, f"{where}ends in {excerpt(pair.response.rstrip()[-30:])}"


def _told_by_all(measures: pa.Table) -> dict[int, list[tuple[str, str]]]:
    """Defects that show beside the other rows, by place."""
    found: dict[int, list[tuple[str, str]]] = {}
    scores = measures.column("relevance").to_numpy(zero_copy_only=False).astype(np.float64)
    odd = odd_forms(measures.column("family").to_pylist(), measures.column("form").to_pylist())
    sound = (
        pc.equal(pc.list_value_length(measures.column("hits")), 0).to_numpy(zero_copy_only=False).astype(bool)
    )
    files = measures.column("file").to_numpy()
    foreign = unrelated(scores, measures.column("answer").to_pylist(), sound, files)
    lengths = measures.column("length").to_numpy(zero_copy_only=False)
    cut = at_limit(lengths, measures.column("endless").to_numpy(zero_copy_only=False).astype(bool))
    for i, detail in cut.items():
        found.setdefault(i, []).append(("cut_at_limit", detail))
    endings = measures.column("ending").to_pylist()
    canned = common(list(zip(endings, lengths.tolist(), strict=True)))
    cut_scores = measures.column("cut").to_numpy(zero_copy_only=False).astype(np.float64)
    cuts = truncated(
        np.where(canned, np.nan, cut_scores),
        measures.column("listed").to_numpy(zero_copy_only=False).astype(bool),
        files,
    )
    for i in cuts.tolist():
        found.setdefault(i, []).append(("truncated", endings[i]))
    for i, detail in odd.items():
        found.setdefault(i, []).append(("odd_format", detail))
    for i, hit in foreign.items():
        if not sound[i] and hit[0] == "unrelated_answer":
            continue  # a refusal or a loop is unrelated by what it is
        found.setdefault(i, []).append(hit)
    return found
