"""Finding rows on the Browse page: by a rule, by their text, by meaning."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ..curate.ledger import Ledger
from ..curate.search_vectors import nearest_rows, search_vectors
from .rule_fields import Fields
from .rule_mask import mask
from .rules import parse

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

AROUND = 60
LIMIT = 200


@dataclass(frozen=True)
class Hit:
    """A row that was found.

    Args:
        row_id: The row.
        snippet: The place in its text; empty for a search by meaning.
        likeness: Cosine in [0, 1] of a search by meaning; None for a search of texts.
    """

    row_id: str
    snippet: str = ""
    likeness: float | None = None


@dataclass(frozen=True)
class Found:
    """What a search found.

    Args:
        hits: In input order, or the most alike first.
        complete: Whether no more rows would match.
    """

    hits: tuple[Hit, ...]
    complete: bool


class Search:
    """Searches over the kept rows of one run. Threads may share it.

    Args:
        ledger: The run.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._fields = Fields(ledger)
        self._lock = threading.Lock()
        self._vectors: np.ndarray | None = None

    def where(self, rule: str) -> np.ndarray:
        """The kept rows that a rule of `tuneset approve --where` takes; shape (n_kept,), bool.

        Raises:
            RecipeError: The text is no rule, or names a field that no row has.
        """
        parsed = parse(rule)
        columns = self._fields.columns(parsed)
        return np.asarray(mask(parsed, columns, int(self._ledger.kept_mask.sum())))

    def text(self, words: str, among: np.ndarray | None = None, *, limit: int = LIMIT) -> Found:
        """The rows whose turns, losing answers or tool calls hold some words as they stand, in any case.

        Args:
            words: What is looked for; no pattern.
            among: Only these kept rows, shape (n_kept,), bool; None looks at all.
            limit: Rows found, at most.
        """
        if not words:
            return Found((), complete=True)
        chosen = self._ledger.kept_mask.copy()
        if among is not None:
            chosen[chosen] = among
        hits: list[Hit] = []
        for table in self._ledger.contents.stream(chosen):
            for row_id, texts in _holding(table, words):
                if len(hits) == limit:
                    return Found(tuple(hits), complete=False)
                hits.append(Hit(row_id, snippet(texts, words)))
        return Found(tuple(hits), complete=True)

    def meaning(
        self,
        text: str,
        among: np.ndarray | None = None,
        *,
        limit: int = LIMIT,
        progress: Callable[[int, int], None] | None = None,
    ) -> Found:
        """The rows whose prompt and response are nearest to a text in meaning, by the static encoder.

        Args:
            text: What is looked for, in English: the encoder knows no other language.
            among: Only these kept rows, shape (n_kept,), bool; None looks at all.
            limit: Rows found, at most.
            progress: Called with rows done and in all, where vectors have to be made first.
        """
        with self._lock:
            if self._vectors is None:
                self._vectors = search_vectors(self._ledger, progress)
        rows = np.ones(len(self._vectors), bool) if among is None else among
        places, cosines = nearest_rows(self._vectors, text, rows, limit)
        names = self._ledger.kept().take(pa.array(places)).to_pylist()
        hits = (Hit(n, likeness=round(c, 4)) for n, c in zip(names, cosines.tolist(), strict=True))
        return Found(tuple(hits), complete=len(names) < limit)


def _holding(table: pa.Table, words: str) -> Iterator[tuple[str, list[str]]]:
    """The rows of a table that hold some words, each with the texts that do."""
    found: dict[int, list[str]] = {}
    for name in ("messages", "rejected"):
        for rows, texts in _texts(table.column(name).combine_chunks()):
            holds = pc.fill_null(pc.match_substring(texts, words, ignore_case=True), False)
            for row, text in zip(
                rows.filter(holds).to_pylist(), texts.filter(holds).to_pylist(), strict=True
            ):
                found.setdefault(row, []).append(text)
    ids = table.column("row_id")
    for row in sorted(found):
        yield ids[row].as_py(), found[row]


def _texts(turns: pa.ListArray) -> Iterator[tuple[pa.Array, pa.Array]]:
    """All texts of a column of conversations, each with the number of its row."""
    rows, flat = pc.list_parent_indices(turns), pc.list_flatten(turns)
    for member in ("content", "reasoning_content"):
        yield rows, flat.field(member)
    calls = flat.field("tool_calls")
    within = pc.list_parent_indices(calls)
    functions = pc.struct_field(pc.list_flatten(calls), "function")
    for member in ("name", "arguments"):
        yield rows.take(within), pc.struct_field(functions, member)


def snippet(texts: list[str], words: str) -> str:
    """The first place that holds some words, with what stands around it, on one line."""
    text = texts[0]
    at = max(text.casefold().find(words.casefold()), 0)
    start, stop = max(0, at - AROUND), at + len(words) + AROUND
    shown = " ".join(text[start:stop].split())
    return ("…" if start else "") + shown + ("…" if stop < len(text) else "")
