"""Chat-specific defects of prompt and response, one small signal each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from ....schemas.errors import RecipeError, did_you_mean
from ...rows import rows_of
from ...step import KEEP, Opinion, verdicts
from .base import Pair, Signal
from .boilerplate import SIGNALS as BOILERPLATE
from .broken import SIGNALS as BROKEN
from .residue import SIGNALS as RESIDUE

SIGNALS: tuple[Signal, ...] = (*BROKEN, *RESIDUE, *BOILERPLATE)
"""In order of weight: a row gets the reason of its first hard signal, else of its first soft one."""

__all__ = ["SIGNALS", "Defects", "Pair", "Signal"]


class Defects:
    """Drops rows with a hard defect and sends rows with a soft one to review.

    Args:
        skip: Reason codes that are switched off.
    """

    name = "defects"
    version = 1

    def __init__(self, skip: Iterable[str] = ()) -> None:
        known = {s.code for s in SIGNALS}
        for code in skip:
            if code not in known:
                raise RecipeError(
                    f"unknown reason {code!r}", where="step 'defects', skip", fix=did_you_mean(code, known)
                )
        self.skip = frozenset(skip)
        self.reasons = {s.code: s.sentence for s in SIGNALS}

    def measure(self, batch: pa.Table) -> pa.Table:
        rows = rows_of(batch)
        found: list[list[dict[str, Any]]] = []
        for turns, prompt, response in zip(rows.messages, rows.prompts, rows.responses, strict=True):
            pair = Pair(prompt, response, turns, response.lower())
            hits = ((signal.code, signal.find(pair)) for signal in SIGNALS)
            found.append([{"code": code, "detail": detail} for code, detail in hits if detail is not None])
        kind = pa.list_(pa.struct([("code", pa.string()), ("detail", pa.string())]))
        return pa.table({"row_id": batch.column("row_id"), "hits": pa.array(found, kind)})

    def decide(self, measures: pa.Table) -> pa.Table:
        hard = {s.code for s in SIGNALS if s.hard}
        opinions: list[Opinion] = []
        for hits in measures.column("hits").to_pylist():
            active = [h for h in hits if h["code"] not in self.skip]
            if not active:
                opinions.append(KEEP)
                continue
            telling = next((h for h in active if h["code"] in hard), active[0])
            action = "drop" if telling["code"] in hard else "review"
            others = [h["code"] for h in active if h is not telling]
            also = f"; also {', '.join(others)}" if others else ""
            opinions.append(Opinion(action, telling["code"], detail=f"{telling['detail']}{also}"))
        return verdicts(measures.column("row_id"), self.name, opinions)
