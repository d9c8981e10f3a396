"""A token budget: which rows to train on when not all can be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from ...schemas.run import ReferenceFile
from ...schemas.step_options import SelectOptions
from ..encoders import STATIC, encoder_for
from ..near.parts import packed, unpacked
from ..reference import find_reference, read_reference_files
from ..row_vectors import row_vectors
from ..rows import rows_of, turn_text
from ..selection.budget import by_length, token_estimate, walked
from ..selection.examples import by_examples
from ..selection.facility import facility_location, graph_of
from ..selection.likeness import Nearest, nearest_chosen, whole_vectors
from ..step import Opinion, verdicts
from ..text import digest, unit_interval

MAX_OTHER_RATIO = 0.2
"""Share of rows in languages that the encoder does not know from which a note says so."""
UNKNOWN = "und"


class _Choice(NamedTuple):
    """The rows that stay in the order of their choice, each row's place in the order, and its likeness."""

    chosen: list[int]
    places: np.ndarray | None = None
    likeness: np.ndarray | None = None
    nearest: Nearest | None = None


class Select:
    """Keeps as many rows as a budget of tokens holds.

    Rows of equal rank stand in the order of a hash of seed and content, so that neither order nor added rows
    matter to a random choice.

    Args:
        options: Budget, method and examples.
        seed: Salt of the hash.
        folder: Where the examples are looked for.

    Raises:
        InputError: The file with examples cannot be read.
    """

    name = "select"
    reasons = {"not_selected": "The token budget was full before this row's turn came."}

    def __init__(
        self, options: SelectOptions | None = None, *, seed: int = 13, folder: Path = Path()
    ) -> None:
        self.options = options or SelectOptions()
        self.seed = seed
        self.folder = folder.absolute()
        find_reference(self._like, self.folder)

    @property
    def _like(self) -> list[str]:
        return [] if self.options.like is None else [self.options.like]

    @cached_property
    def _examples(self) -> tuple[pa.Table, list[ReferenceFile]]:
        return read_reference_files(self._like, self.folder)

    @property
    def references(self) -> list[ReferenceFile]:
        """The files with examples, for the run card."""
        return self._examples[1] if self._like else []

    @property
    def needs(self) -> tuple[str, ...]:
        """The language, to say where the encoder knows it not."""
        return ("language",)

    @property
    def _embeds(self) -> bool:
        return self.options.method in ("diverse", "similar")

    @property
    def measure_params(self) -> dict[str, Any]:
        """The encoder, where the method needs one."""
        return {"encoder": encoder_for(STATIC).identity if self._embeds else None}

    def measure(self, batch: pa.Table) -> pa.Table:
        rows = rows_of(batch)
        keys = [digest(content) for content in batch.column("content_id").to_pylist()]
        columns = {
            "row_id": batch.column("row_id"),
            "key": pa.array(keys, pa.binary(16)),
            "tokens": pa.array(
                [token_estimate(map(turn_text, turns)) for turns in rows.messages], pa.int64()
            ),
        }
        if self._embeds:
            columns["vector"] = packed(whole_vectors(*row_vectors(batch)))
        return pa.table(columns)

    def decide(self, measures: pa.Table) -> pa.Table:
        tokens = np.asarray(measures.column("tokens"), np.int64)
        budget = self.options.tokens
        if budget is None or budget >= tokens.sum():
            note = f"every row stays: {int(tokens.sum()):,} tokens" + (
                f" are within the budget of {budget:,}" if budget is not None else ", and no budget is set"
            )
            opinions = [Opinion("keep")] * len(tokens)
            return verdicts(measures.column("row_id"), self.name, opinions, notes=[note])
        shuffled = self._shuffled(measures)
        vectors = unpacked(measures.column("vector")) if self._embeds else None
        choice = self._choose(tokens, budget, shuffled, vectors)
        notes = self._notes(choice, tokens, budget, shuffled, vectors)
        if self._embeds:
            notes += _language_note(measures)
        opinions = self._opinions(choice, tokens, measures.column("row_id").to_pylist())
        return verdicts(measures.column("row_id"), self.name, opinions, notes=notes)

    def _shuffled(self, measures: pa.Table) -> np.ndarray:
        keys = measures.column("key").to_pylist()
        return np.argsort([unit_interval(key, f"select:{self.seed}") for key in keys], kind="stable")

    def _choose(
        self, tokens: np.ndarray, budget: int, shuffled: np.ndarray, vectors: np.ndarray | None
    ) -> _Choice:
        """The rows that stay, by the method."""
        if vectors is None:
            order = shuffled if self.options.method == "random" else by_length(shuffled, tokens)
            return _Choice(walked(order.tolist(), tokens, budget), _places(order))
        if self.options.method == "diverse":
            chosen = facility_location(graph_of(vectors, shuffled), tokens, budget, shuffled)
            return _Choice(chosen, nearest=nearest_chosen(vectors, np.array(chosen, np.int64)))
        order, likeness = by_examples(vectors, self._example_vectors(), shuffled)
        return _Choice(walked(order.tolist(), tokens, budget), _places(order), likeness)

    def _example_vectors(self) -> np.ndarray:
        return whole_vectors(*row_vectors(self._examples[0]))

    def _notes(
        self,
        choice: _Choice,
        tokens: np.ndarray,
        budget: int,
        shuffled: np.ndarray,
        vectors: np.ndarray | None,
    ) -> list[str]:
        """What was chosen, and what a random choice of as many tokens would have been."""
        method = self.options.method
        spent = int(tokens[choice.chosen].sum())
        notes = [
            f"{method}, seed {self.seed}: {len(choice.chosen):,} of {len(tokens):,} rows with"
            f" {spent:,} of {int(tokens.sum()):,} tokens stay (budget {budget:,})"
        ]
        if vectors is None:
            return notes
        drawn = walked(shuffled.tolist(), tokens, budget)
        near, by_chance = (
            nearest_chosen(vectors, np.array(rows, np.int64)).cosine.mean() for rows in (choice.chosen, drawn)
        )
        notes.append(
            f"mean cosine of a row to the nearest that stays: {near:.3f}; of {len(drawn):,} random rows with"
            f" {int(tokens[drawn].sum()):,} tokens: {by_chance:.3f}"
        )
        if choice.likeness is not None:
            mine, theirs = (choice.likeness[rows].mean() if rows else 0.0 for rows in (choice.chosen, drawn))
            notes.append(f"mean cosine to the nearest example: {mine:.3f}; of the random rows: {theirs:.3f}")
        return notes

    def _opinions(self, choice: _Choice, tokens: np.ndarray, ids: Sequence[str]) -> list[Opinion]:
        """One a row: place, tokens, and how near it is to an example or to a row that stays."""
        ranks = {row: rank for rank, row in enumerate(choice.chosen, start=1)}
        opinions: list[Opinion] = []
        for row, size in enumerate(tokens.tolist()):
            stays = row in ranks
            rank = ranks.get(row) if choice.places is None else int(choice.places[row])
            facts = {"method": self.options.method, "seed": self.seed, "tokens": size}
            detail = json.dumps(facts if rank is None else {**facts, "rank": rank})
            score = None if choice.likeness is None else round(float(choice.likeness[row]), 4)
            partner = None
            if choice.nearest is not None and not stays and choice.chosen:
                score = round(float(choice.nearest.cosine[row]), 4)
                partner = ids[int(choice.nearest.row[row])]
            action, reason = ("keep", None) if stays else ("drop", "not_selected")
            opinions.append(Opinion(action, reason, score, related_id=partner, detail=detail))
        return opinions


def _places(order: np.ndarray) -> np.ndarray:
    """The place of each row in an order, from 1."""
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(1, len(order) + 1)
    return places


def _language_note(measures: pa.Table) -> list[str]:
    known = encoder_for(STATIC).languages
    if "language" not in measures.column_names or known is None:
        return []
    other = sum(code not in known and code != UNKNOWN for code in measures.column("language").to_pylist())
    if other <= MAX_OTHER_RATIO * measures.num_rows:
        return []
    return [
        f"{other:,} rows are in languages that the encoder 'static' does not know: their places mean little"
    ]
