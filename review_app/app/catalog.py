"""Every kept row by what it may be looked for: columns in memory, never a payload. No Streamlit here."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ...curate.contents import one_array
from ...curate.ledger import Ledger
from ..rule_fields import Fields
from ..rule_mask import mask
from ..rules import parse
from .stands import Stands

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

ASSIGNED = ("split", "language", "topic")
"""Steps whose value is a column of its own."""


@dataclass(frozen=True)
class Filters:
    """What is looked for; members that are empty take every row.

    Args:
        status: undecided, approved, rejected, disputed or changed.
        split: Values of that step.
        language: Values of that step.
        topic: Values of that step.
        source: Input files.
        reason: Reasons for which a step sends rows to a person.
        flagged: Whether a step does.
        actor: Who decided.
        words: Words of the text.
        like: A sentence; the rows nearest in meaning come first.
        rule: A rule in the language of `tuneset approve --where`.
    """

    status: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    flagged: bool | None = None
    actor: tuple[str, ...] = ()
    words: str = ""
    like: str = ""
    rule: str = ""

    def text(self) -> str:
        """For the record: how rows were chosen."""
        told = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value not in ((), "", None):
                told.append(f"{field.name}={','.join(value) if isinstance(value, tuple) else value}")
        return "; ".join(told) or "every row"


class Catalog:
    """The kept rows of one run, in input order; a place counts them from 0. Threads may share it.

    Args:
        ledger: The run.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._lock = threading.RLock()
        self._columns: dict[str, pa.DictionaryArray] = {}
        self._fields = Fields(ledger)

    def __len__(self) -> int:
        return len(self.row_ids)

    @cached_property
    def row_ids(self) -> pa.Array:
        """The row_id of each kept row."""
        return self.ledger.kept()

    @cached_property
    def content_ids(self) -> pa.Array:
        """The content_id of each kept row, edits applied."""
        return one_array(self.ledger.content_ids()["content_id"])

    @cached_property
    def flagged(self) -> np.ndarray:
        """Which kept rows a step sends to a person; shape (n_kept,), bool."""
        return np.asarray(one_array(self.ledger.states["review"]))[self.ledger.kept_mask]

    @cached_property
    def reasons(self) -> dict[str, np.ndarray]:
        """Places of the rows that steps send to a person, by reason."""
        told = self.ledger.verdict_table
        asked = told.where(told.equal("action", "review"))
        rows, codes = np.asarray(asked["row"]), asked["reason"].to_pylist()
        places = np.cumsum(self.ledger.kept_mask) - 1
        found: dict[str, list[int]] = {}
        for row, code in zip(rows.tolist(), codes, strict=True):
            if self.ledger.kept_mask[row]:
                found.setdefault(code or "no reason", []).append(int(places[row]))
        return {code: np.unique(found[code]) for code in sorted(found)}

    def column(self, name: str) -> pa.DictionaryArray | None:
        """Of each kept row its split, language, topic or source; None where the run has none."""
        with self._lock:
            if name not in self._columns:
                array = self._read(name)
                if array is None:
                    return None
                self._columns[name] = array.dictionary_encode()
            return self._columns[name]

    def _read(self, name: str) -> pa.Array | None:
        if name == "source":
            source = self.ledger.stored("source").filter(pa.array(self.ledger.kept_mask))
            return pc.struct_field(source, "file")
        if name not in {step.step for step in self.ledger.card.steps}:
            return None
        return self.ledger.label(name, "value")

    def choices(self, name: str) -> list[str]:
        """The values of a column, the most frequent first."""
        column = self.column(name)
        if column is None:
            return []
        counted = column.value_counts()
        pairs = zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True)
        return [value for value, _ in sorted(pairs, key=lambda p: (-p[1], p[0] or "")) if value is not None]

    def find(self, filters: Filters, stands: Stands) -> np.ndarray:
        """The places of the rows that every filter takes, in input order; int64.

        Args:
            filters: What is looked for, words apart.
            stands: What stands for each row.

        Raises:
            RecipeError: A rule that cannot be read.
        """
        with self._lock:
            taken = np.ones(len(self), bool)
            for name in (*ASSIGNED, "source"):
                values = getattr(filters, name)
                if values:
                    taken &= self._in(name, values)
            if filters.flagged is not None:
                taken &= self.flagged == filters.flagged
            if filters.reason:
                taken &= self._for(filters.reason)
            if filters.status:
                taken &= stands.are(filters.status)
            if filters.actor:
                taken &= stands.by(filters.actor)
            if filters.rule.strip():
                rule = parse(filters.rule)
                taken &= np.asarray(mask(rule, self._fields.columns(rule), len(self)))
        return np.flatnonzero(taken)

    def pairs(self, places: np.ndarray) -> list[tuple[str, str]]:
        """row_id and content_id of some rows."""
        at = pa.array(places)
        rows, contents = self.row_ids.take(at).to_pylist(), self.content_ids.take(at).to_pylist()
        return list(zip(rows, contents, strict=True))

    def place(self, row_id: str) -> int | None:
        """Where a kept row stands; None for another one."""
        at = pc.index(self.row_ids, row_id).as_py()
        return at if at >= 0 else None

    def value(self, name: str, places: np.ndarray) -> list[str | None]:
        """The values of a column at some places."""
        column = self.column(name)
        return [None] * len(places) if column is None else column.take(pa.array(places)).to_pylist()

    def reasons_at(self, places: np.ndarray) -> list[str]:
        """Why steps send some rows to a person, each as one text."""
        wanted = {int(place): number for number, place in enumerate(places)}
        told: list[list[str]] = [[] for _ in places]
        for code, found in self.reasons.items():
            for place in found[np.isin(found, places)].tolist():
                told[wanted[place]].append(code.replace("_", " "))
        return [", ".join(codes) for codes in told]

    def _in(self, name: str, values: Sequence[str]) -> np.ndarray:
        column = self.column(name)
        if column is None:
            return np.zeros(len(self), bool)
        wanted = pc.index_in(column.dictionary, value_set=pa.array(values)).is_valid()
        return np.asarray(pc.fill_null(wanted.take(column.indices), False))

    def _for(self, codes: Sequence[str]) -> np.ndarray:
        taken = np.zeros(len(self), bool)
        for code in codes:
            taken[self.reasons.get(code, np.zeros(0, np.int64))] = True
        return taken
