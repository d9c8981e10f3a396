"""Rows whose prompt and response both nearly repeat those of a kept row, and rows that contradict one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from ...schemas.recipe import NearDuplicateOptions
from ..compare.texts import REJECTED, Texts
from ..groups import Groups
from ..near.conflicts import SAME_PROMPT, conflicts
from ..near.dedupe import Found, deduplicate
from ..near.pairs import Pairs, Sketches, same_prompt_pairs, similar_pairs
from ..near.parts import PARTS, parts_of
from ..near.rank import ranked
from ..step import KEEP, Opinion, verdicts


class NearDuplicate:
    """Drops near-duplicates of kept rows; a near-same prompt with another answer goes to review.

    A row is dropped only if it was compared with a row that stays, prompt and response were each similar
    enough, no guard objected, and the kept row is at least as good. Rows with another system prompt or other
    tools are never compared.

    Args:
        options: Threshold, which row of a pair stays, and what is done with contradictions.
        seed: Seed of the sketches.

    Source: Broder 1997 for sketches; the guards and the threshold are our own, see docs/LOG.md.
    """

    name = "near_duplicate"
    version = 6
    sees_dropped = True
    needs = ("quality",)
    reasons = {
        "near_duplicate": "Prompt and response nearly repeat those of a row that is kept.",
        "conflicting_answer": "The prompt nearly repeats that of another kept row, with another answer.",
    }

    def __init__(self, options: NearDuplicateOptions | None = None, *, seed: int = 13) -> None:
        self.options = options or NearDuplicateOptions()
        self.seed = seed

    @property
    def measure_params(self) -> dict[str, Any]:
        """The seed; everything else is read by `decide` alone."""
        return {"seed": self.seed}

    def measure(self, batch: pa.Table) -> pa.Table:
        return pa.table({"row_id": batch.column("row_id"), **parts_of(batch, self.seed)})

    def decide(self, measures: pa.Table) -> pa.Table:
        threshold = self.options.threshold
        texts = _texts(measures)
        sketches = Sketches.of(measures)
        label = _labels(measures)
        alive = np.flatnonzero(measures.column("alive").to_numpy())
        pairs = similar_pairs(texts, sketches, alive, threshold)
        pairs = pairs.where(label[pairs.left] == label[pairs.right])
        rank = ranked(texts, pairs, measures, self.options.keep)
        outcome = deduplicate(texts, pairs, rank, threshold)
        kept = np.setdiff1d(alive, [f.row for f in outcome.dropped])
        asked = same_prompt_pairs(texts, sketches, kept, SAME_PROMPT)
        contradicted = conflicts(texts, asked, label, threshold)
        opinions = _opinions(measures.column("row_id"), outcome.dropped, outcome.below, contradicted)
        apart = pairs.where(np.isin(np.arange(len(pairs)), outcome.apart))
        _name_groups(opinions, measures.column("row_id"), kept, [asked, apart])
        return verdicts(measures.column("row_id"), self.name, opinions)


def _opinions(
    ids: pa.ChunkedArray, dropped: Iterable[Found], below: Iterable[Found], contradicted: Iterable[Found]
) -> list[Opinion]:
    opinions = [KEEP] * len(ids)
    kinds = (
        ("keep", None, below),
        ("drop", "near_duplicate", dropped),
        ("review", "conflicting_answer", contradicted),
    )
    for action, reason, found in kinds:
        for f in found:
            opinions[f.row] = Opinion(
                action,
                reason,
                score=round(f.prompt if action == "review" else f.score, 4),
                related_id=ids[f.partner].as_py(),
                detail=json.dumps({"prompt": round(f.prompt, 4), "response": round(f.response, 4)}),
            )
    return opinions


def _name_groups(
    opinions: list[Opinion], ids: pa.ChunkedArray, kept: np.ndarray, links: Iterable[Pairs]
) -> None:
    """Kept rows that are similar, whatever guards say of them, get the row_id of their group's first row."""
    groups = Groups(len(opinions))
    stays = np.zeros(len(opinions), bool)
    stays[kept] = True
    for pairs in links:
        both = stays[pairs.left] & stays[pairs.right]
        for a, b in zip(pairs.left[both].tolist(), pairs.right[both].tolist(), strict=True):
            groups.join(a, b)
    heads = groups.first_members()
    sizes = np.bincount(heads, minlength=len(heads))
    for i in np.flatnonzero((sizes[heads] > 1) & stays).tolist():
        opinions[i] = opinions[i]._replace(value=ids[int(heads[i])].as_py())


def _labels(measures: pa.Table) -> np.ndarray:
    """1 for a good answer, 0 for a bad one, -1 without a label."""
    return measures.column("label").cast(pa.int8()).fill_null(-1).to_numpy().astype(np.int64)


def _texts(measures: pa.Table) -> Texts:
    columns = [measures.column(part).combine_chunks() for part in PARTS]
    codes = [
        measures.column("prompt_code").combine_chunks(),
        measures.column("response_code").combine_chunks(),
    ]
    paired = columns[REJECTED].null_count < len(columns[REJECTED])

    def text(row: int, part: int) -> str:
        if part == REJECTED and not paired:
            return ""
        return columns[part][row].as_py() or ""

    return Texts(text, lambda row, part: codes[part][row].as_py(), measures.num_rows)
