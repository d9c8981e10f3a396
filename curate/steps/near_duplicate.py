"""Rows whose prompt and response both nearly repeat a kept row.

Candidates come from MinHash signatures over character 5-grams; every removal is then verified by the exact
Jaccard similarity with a row that stays, on the prompt and on the response separately.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from ..minhash import band_pairs, signatures
from ..rows import Turn, prompt_of, rows_of, turn_text
from ..shingles import jaccard, shingle_set
from ..step import KEEP, Opinion, verdicts
from ..text import digest, normalise

HASHES = 48
ROWS_A_BAND = 3
MIN_CHARS = 40
MAX_COMPARED = 32
_NUMBERS = re.compile(r"\d+")


class NearDuplicate:
    """Drops near-duplicates of kept rows; a near-same prompt with another answer goes to review.

    A prompt or response shorter than 40 characters must be the same, not nearly the same: there a changed
    word makes another row. So does a changed number, system prompt or tool list. Preference and feedback
    rows have several answers to a prompt by design, so theirs are no conflicts.

    Args:
        threshold: Jaccard similarity of character 5-grams in [0.5, 1] that prompt and response must reach.
        seed: Seed of the hash functions.

    Source: Broder 1997; banding as in Leskovec et al., Mining of Massive Datasets, chapter 3.
    """

    name = "near_duplicate"
    version = 1
    sees_dropped = True
    reasons = {
        "near_duplicate": "Prompt and response nearly repeat those of a row that is kept.",
        "conflict": "The prompt nearly repeats that of a kept row, with another answer.",
    }

    def __init__(self, threshold: float = 0.7, *, seed: int = 13) -> None:
        self.threshold = threshold
        self.seed = seed

    @property
    def measure_params(self) -> dict[str, int]:
        """The seed; the threshold is read by `decide` alone."""
        return {"seed": self.seed}

    def measure(self, batch: pa.Table) -> pa.Table:
        rows = rows_of(batch)
        prompts = [normalise(prompt_of(without_system(turns))) for turns in rows.messages]
        responses = [normalise(r) for r in rows.responses]
        whole = [f"{p}\n{r}" for p, r in zip(prompts, responses, strict=True)]
        hashes = signatures(whole, n_hashes=HASHES, seed=self.seed)
        return pa.table(
            {
                "row_id": batch.column("row_id"),
                "signature": pa.FixedSizeListArray.from_arrays(pa.array(hashes.ravel(), pa.uint32()), HASHES),
                "chars": pa.array([len(w) for w in whole], pa.int32()),
                "prompt": pa.array(prompts, pa.large_string()),
                "response": pa.array(responses, pa.large_string()),
                "guard": pa.array(_guards(batch, whole), pa.uint64()),
                "several": pa.array(_several_answers(batch), pa.bool_()),
            }
        )

    def decide(self, measures: pa.Table) -> pa.Table:
        opinions = [KEEP] * measures.num_rows
        alive = np.flatnonzero(
            measures.column("alive").to_numpy() & (measures.column("chars").to_numpy() >= MIN_CHARS)
        )
        texts = _Texts(measures)
        ids = measures.column("row_id")
        for row, kept, p, r in self._duplicates(measures, alive, texts):
            detail = json.dumps(
                {"prompt": round(p, 4), "response": round(r, 4), "method": "char_5gram_jaccard"}
            )
            duplicate = r >= self.threshold
            opinions[row] = Opinion(
                "drop" if duplicate else "review",
                "near_duplicate" if duplicate else "conflict",
                score=round(min(p, r), 4),
                related_id=ids[kept].as_py(),
                detail=detail,
            )
        return verdicts(ids, self.name, opinions)

    def _duplicates(
        self, measures: pa.Table, alive: np.ndarray, texts: _Texts
    ) -> list[tuple[int, int, float, float]]:
        """Row, kept row, prompt and response similarity; in row order, so that the first row stays."""
        if not len(alive):
            return []
        hashes = _signatures(measures, alive)
        floor = 0.8 * self.threshold
        pairs = band_pairs(hashes, rows_a_band=ROWS_A_BAND)
        alike = (hashes[pairs[:, 0]] == hashes[pairs[:, 1]]).mean(axis=1) if len(pairs) else np.zeros(0)
        guards = measures.column("guard").to_numpy()[alive]
        wanted = (alike >= floor) & (guards[pairs[:, 0]] == guards[pairs[:, 1]])
        pairs, alike = pairs[wanted], alike[wanted]
        neighbours: dict[int, list[int]] = {}
        for i in np.lexsort((pairs[:, 0], -alike)).tolist():
            neighbours.setdefault(int(alive[pairs[i, 1]]), []).append(int(alive[pairs[i, 0]]))
        found: list[tuple[int, int, float, float]] = []
        dropped: set[int] = set()
        for row in sorted(neighbours):
            best = self._best(row, [k for k in neighbours[row] if k not in dropped][:MAX_COMPARED], texts)
            if best is None:
                continue
            found.append((row, *best))
            if best[2] >= self.threshold:
                dropped.add(row)
        return found

    def _best(self, row: int, candidates: Iterable[int], texts: _Texts) -> tuple[int, float, float] | None:
        """The kept row that this one repeats most: a duplicate before a conflict."""
        best: tuple[int, float, float] | None = None
        for kept in candidates:
            p = texts.similarity(row, kept, "prompt")
            if p < self.threshold:
                continue
            r = texts.similarity(row, kept, "response")
            if r < self.threshold and texts.several(row):
                continue
            if best is None or min(p, r) > min(best[1:]):
                best = (kept, p, r)
        return best


class _Texts:
    """Shingle sets of the rows that are compared, made when they are first asked for."""

    def __init__(self, measures: pa.Table) -> None:
        self._columns = {name: measures.column(name) for name in ("prompt", "response", "several")}
        self._sets: dict[tuple[int, str], np.ndarray] = {}

    def similarity(self, a: int, b: int, part: str) -> float:
        """Exact Jaccard similarity of the prompts or the responses of two rows; 0 or 1 for short ones."""
        texts = self._columns[part]
        left, right = texts[a].as_py(), texts[b].as_py()
        if min(len(left), len(right)) < MIN_CHARS:
            return float(left == right)
        return jaccard(self._set(a, part), self._set(b, part))

    def several(self, row: int) -> bool:
        """Whether several answers to one prompt are meant for this row."""
        return self._columns["several"][row].as_py()

    def _set(self, row: int, part: str) -> np.ndarray:
        key = (row, part)
        if key not in self._sets:
            self._sets[key] = shingle_set(self._columns[part][row].as_py())
        return self._sets[key]


def _signatures(measures: pa.Table, rows: np.ndarray) -> np.ndarray:
    column = measures.column("signature").combine_chunks()
    return column.values.to_numpy().reshape(-1, HASHES)[rows]


def _guards(batch: pa.Table, texts: Sequence[str]) -> list[int]:
    """Rows are compared only where these agree: kind, tools, system prompt, and every number in the text."""
    labels = batch.column("label").to_pylist()
    paired = batch.column("rejected").is_valid().to_pylist()
    tools = batch.column("tools").to_pylist()
    cells = zip(labels, paired, tools, rows_of(batch).messages, texts, strict=True)
    keys = (
        digest(f"{label}/{pair}/{tool}", _system_text(turns), " ".join(_NUMBERS.findall(text)))
        for label, pair, tool, turns, text in cells
    )
    return [int.from_bytes(key[:8], "little") for key in keys]


def _several_answers(batch: pa.Table) -> list[bool]:
    labelled, paired = batch.column("label").is_valid(), batch.column("rejected").is_valid()
    return [a or b for a, b in zip(labelled.to_pylist(), paired.to_pylist(), strict=True)]


def without_system(turns: Sequence[Turn]) -> list[Turn]:
    """The turns of a conversation that are not the operator's."""
    return [t for t in turns if t["role"] not in ("system", "developer")]


def _system_text(turns: Sequence[Turn]) -> str:
    return "\n".join(normalise(turn_text(t)) for t in turns if t["role"] in ("system", "developer"))
