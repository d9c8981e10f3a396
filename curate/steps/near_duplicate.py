"""Rows whose prompt and response both nearly repeat those of a kept row, and rows that contradict one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ...schemas.arrow import ROWS
from ...schemas.run import ReferenceFile
from ...schemas.step_options import NearDuplicateOptions
from ..compare.texts import PROMPT, RESPONSE, Texts
from ..encoders import STATIC, encoder_for, vector_cache
from ..near.conflicts import SAME_PROMPT, conflicts, repeated_prompts
from ..near.dedupe import deduplicate
from ..near.foreign import foreign_rows, of_the_run, with_foreign
from ..near.languages import by_language
from ..near.meaning import (
    ALIKE,
    DOUBTFUL,
    JUDGED_ALIKE,
    Meant,
    ends,
    grouped,
    proposals,
    same_meaning,
    without,
)
from ..near.pairs import (
    LEAK_SLACK,
    Sketches,
    near_prompts,
    near_wholes,
    same_prompt_pairs,
    similar_pairs,
)
from ..near.parts import PARTS, parts_of, texts_of_measures, unpacked, vectors_of
from ..near.rank import ranked
from ..near.rejected import approved_rows, rejected_rows, repeats_of_rejected, with_rejected
from ..near.tell import Told
from ..reference import find_reference, read_reference, read_reference_files
from ..step import verdicts

MAX_OTHER_RATIO = 0.005
LANGUAGE_NOTE = (
    "{:,} rows are in languages that the encoder {!r} does not know: rows of one meaning are not looked for"
    " among them (`encoder` names a multilingual model)"
)


class NearDuplicate:
    """Drops near-duplicates of kept rows; what is doubtful goes to review.

    A row is dropped only if it was compared with a row that stays, prompt and response were each similar
    enough, no guard objected, and the kept row is at least as good. Rows with another system prompt or other
    tools are never compared.

    Args:
        options: Threshold, which row of a pair stays, and what is done with doubtful rows.
        seed: Seed of the sketches.
        folder: Where relative paths in `against` are looked for first.

    Source: Broder 1997 for sketches; the guards and the threshold are our own, see docs/LOG.md.
    """

    name = "near_duplicate"
    version = 7
    sees_dropped = True
    needs = ("quality", "language", "human")
    reasons = {
        "near_duplicate": "Prompt and response nearly repeat those of a row that is kept.",
        "conflicting_answer": "The prompt nearly repeats that of another kept row, with another answer.",
        "near_rejected": "Prompt and response nearly repeat those of a row that a reviewer rejected.",
        "same_meaning": "Prompt and response mean what those of a kept row mean, in other words.",
    }

    def __init__(
        self, options: NearDuplicateOptions | None = None, *, seed: int = 13, folder: Path = Path()
    ) -> None:
        self.options = options or NearDuplicateOptions()
        self.seed = seed
        self.folder = folder.absolute()
        find_reference(self.options.against, self.folder)

    @property
    def references(self) -> list[ReferenceFile]:
        """The files whose rows always stay, for the run card."""
        return read_reference_files(self.options.against, self.folder)[1] if self.options.against else []

    @property
    def measure_params(self) -> dict[str, Any]:
        """The seed and the static encoder; everything else is read by `decide` alone."""
        meaning = self.options.same_meaning != "off"
        return {"seed": self.seed, "encoder": encoder_for(STATIC).identity if meaning else None}

    def measure(self, batch: pa.Table) -> pa.Table:
        columns = parts_of(batch, self.seed)
        if self.options.same_meaning != "off":
            columns |= vectors_of(columns, encoder_for(STATIC))
        return pa.table({"row_id": batch.column("row_id"), **columns})

    def decide(self, measures: pa.Table) -> pa.Table:
        threshold, options = self.options.threshold, self.options
        foreign = self._foreign()
        given, measures = measures, with_foreign(measures, foreign, self.measure)
        texts, sketches, label = texts_of_measures(measures), Sketches.of(measures), _labels(measures)
        alive = np.flatnonzero(measures.column("alive").to_numpy())
        gone = rejected_rows(measures)
        wholes, shares = near_wholes(sketches, np.union1d(alive, gone))
        pairs = similar_pairs(texts, sketches, wholes, threshold)
        pairs = of_the_run(pairs.where(label[pairs.left] == label[pairs.right]), measures)
        beside, pairs = with_rejected(pairs, gone)
        wholes, shares = (part[~np.isin(wholes, gone).any(axis=1)] for part in (wholes, shares))
        rank = ranked(texts, pairs.rows, measures, options.keep)
        outcome = deduplicate(texts, pairs, rank, threshold)
        kept = np.setdiff1d(alive, [f.row for f in outcome.dropped])
        stands = {f.partner for f in outcome.dropped}
        meant, notes = self._meant(measures, texts, kept, stands)
        if options.same_meaning == "drop":
            kept = np.setdiff1d(kept, [row for row, _ in meant])
            stands |= {row for pair in meant for row in pair[1][:2]}
        prompts = near_prompts(sketches, kept, threshold)
        asked = of_the_run(same_prompt_pairs(texts, sketches, prompts, SAME_PROMPT), measures)
        told = Told(measures.column("row_id"), foreign)
        told.near(outcome.below, "keep", None)
        undecided = np.setdiff1d(kept, approved_rows(measures))
        told.near(repeats_of_rejected(texts, beside, undecided, threshold), "review", "near_rejected")
        told.meaning(meant, options.same_meaning, options.encoder)
        told.near(outcome.dropped, "drop", "near_duplicate")
        if options.same_prompt == "drop":
            rank = ranked(texts, asked.rows, measures, options.keep)
            told.near(repeated_prompts(texts, asked, rank, stands), "drop", "conflicting_answer")
        else:
            found = conflicts(texts, without(asked, meant), label, threshold)
            told.near(found, "review", "conflicting_answer")
        leaks = np.concatenate([wholes[shares >= threshold - LEAK_SLACK], prompts])
        alike = pairs.where(pairs.both >= threshold)
        told.groups(
            [(asked.left, asked.right), (alike.left, alike.right), (leaks[:, 0], leaks[:, 1]), ends(meant)]
        )
        ids = given.column("row_id")
        return verdicts(ids, self.name, told.opinions[: len(ids)], notes=notes)

    def _foreign(self) -> pa.Table:
        """The rows of `against`."""
        if not self.options.against:
            return ROWS.empty_table()
        return read_reference(self.options.against, self.folder)

    def _meant(
        self, measures: pa.Table, texts: Texts, kept: np.ndarray, stands: set[int]
    ) -> tuple[list[tuple[int, Meant]], list[str]]:
        """Kept rows that mean what a better one means, each with the pair, and what is to be said of it."""
        if self.options.same_meaning == "off":
            return [], []
        static, judge = encoder_for(STATIC), None
        if self.options.encoder != STATIC:
            judge = encoder_for(self.options.encoder, cache=vector_cache())
        known, other = by_language(measures, kept, static.languages)
        guard = measures.column("guard").to_numpy() ^ _labels(measures).astype(np.uint64)
        prompts, responses = (unpacked(measures.column(f"{part}_vector"), known) for part in PARTS[:2])
        proposed = proposals(prompts, responses, known, guard, at_least=DOUBTFUL if judge else ALIKE)
        found = same_meaning(texts, proposed, self.options.threshold, static, judge)
        notes = []
        if judge is not None and judge.languages is None:
            prompts, responses = (
                judge.encode([texts.text(i, part) for i in other.tolist()]) for part in (PROMPT, RESPONSE)
            )
            proposed = proposals(prompts, responses, other, guard, at_least=JUDGED_ALIKE, leading=None)
            found += same_meaning(texts, proposed, self.options.threshold, judge, judge)
        elif len(other) > MAX_OTHER_RATIO * len(kept):
            notes.append(LANGUAGE_NOTE.format(len(other), self.options.encoder))
        found = [m for m in found if min(m[:2]) < len(measures) - foreign_rows(measures)]
        rank = ranked(texts, np.array([pair[:2] for pair in found]), measures, self.options.keep)
        stays = stands if self.options.same_meaning == "drop" else frozenset[int]()
        return grouped(found, rank, stays), notes


def _labels(measures: pa.Table) -> np.ndarray:
    """1 for a good answer, 0 for a bad one, -1 without a label."""
    return measures.column("label").cast(pa.int8()).fill_null(-1).to_numpy().astype(np.int64)
