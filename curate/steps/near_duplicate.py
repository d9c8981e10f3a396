"""Rows whose prompt and response both nearly repeat those of a kept row.

Candidates come from MinHash signatures over character 5-grams. Each removal is then verified against a row
that stays, on the prompt and on the response separately, and guards keep rows that differ in a number, an
operator, a negation or a word that matters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from ..compare.normal_form import normal_form, without_courtesy
from ..compare.rows import Comparison, Texts, compare, contradiction
from ..compare.words import code_tokens
from ..minhash import agreement, band_pairs, signatures
from ..rows import Turn, prompt_of, rows_of, turn_text
from ..step import KEEP, Opinion, verdicts
from ..text import digest

BINS = 128
PROMPT_BINS = 32
MANY_ROWS = 20_000
MIN_AGREEMENT = 0.4
SAME_PROMPT = 0.85
SAME_PROMPT_AGREEMENT = 0.5
MAX_PARTNERS = 32
MAX_COMPARED = 8
MAX_CONTRADICTED = 2
_LOOSE = str.maketrans("", "", ";!?'\"")


class Found(NamedTuple):
    """A row that repeats another, or contradicts it."""

    row: int
    kept: int
    comparison: Comparison


class NearDuplicate:
    """Drops near-duplicates of kept rows; a near-same prompt with another answer goes to review.

    Of rows that repeat one another the one with the fewest unknown words, then the most words, then the
    first stays. Rows with another system prompt or other tools are never compared. Preference and feedback
    rows have several answers to a prompt by design, so theirs are no conflicts.

    Args:
        threshold: Similarity in [0.5, 1] that prompt and response must both reach.
        seed: Seed of the hash functions.

    Source: Broder 1997 for MinHash; the guards and the threshold are our own, see docs/LOG.md.
    """

    name = "near_duplicate"
    version = 5
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
        prompts = [
            without_courtesy(normal_form(prompt_of(without_system(t))), answer=False) for t in rows.messages
        ]
        responses = [without_courtesy(normal_form(r), answer=True) for r in rows.responses]
        whole = [f"{p}\n{r}" for p, r in zip(prompts, responses, strict=True)]
        loose = [digest(_loose(p), _loose(r)) for p, r in zip(prompts, responses, strict=True)]
        return pa.table(
            {
                "row_id": batch.column("row_id"),
                "signature": _packed(signatures(whole, n_bins=BINS, seed=self.seed)),
                "prompt_signature": _packed(signatures(prompts, n_bins=PROMPT_BINS, seed=self.seed)),
                "loose": pa.array(loose, pa.binary(16)),
                "guard": pa.array(_guards(batch), pa.uint64()),
                "several": pa.array(_several_answers(batch), pa.bool_()),
                "prompt": pa.array(prompts, pa.large_string()),
                "response": pa.array(responses, pa.large_string()),
                "prompt_code": _codes("\n".join(map(turn_text, turns[:-1])) for turns in rows.messages),
                "response_code": _codes(rows.responses),
            }
        )

    def decide(self, measures: pa.Table) -> pa.Table:
        opinions = [KEEP] * measures.num_rows
        alive = np.flatnonzero(measures.column("alive").to_numpy())
        texts = _texts(measures)
        ids = measures.column("row_id")
        duplicates = self._duplicates(measures, alive, texts)
        kept = np.setdiff1d(alive, [f.row for f in duplicates])
        for reason, action, found in (
            ("near_duplicate", "drop", duplicates),
            ("conflict", "review", self._conflicts(measures, kept, texts)),
        ):
            for row, partner, pair in found:
                opinions[row] = Opinion(
                    action,
                    reason,
                    score=round(min(pair.prompt, pair.response) if action == "drop" else pair.prompt, 4),
                    related_id=ids[partner].as_py(),
                    detail=json.dumps({"prompt": round(pair.prompt, 4), "response": round(pair.response, 4)}),
                )
        return verdicts(ids, self.name, opinions)

    def _duplicates(self, measures: pa.Table, alive: np.ndarray, texts: Texts) -> list[Found]:
        """Rows to drop, each with the kept row that it was compared with."""
        neighbours = _candidates(measures, alive, "signature", MIN_AGREEMENT, loose=True)
        order = sorted(neighbours, key=lambda r: (*texts.worth(r), r))
        found: list[Found] = []
        kept: set[int] = set()
        for row in order:
            near = [k for k in neighbours[row] if k in kept][:MAX_COMPARED]
            pairs = ((k, compare(texts, k, row, self.threshold)) for k in near)
            same = [(k, p) for k, p in pairs if p.same]
            if same:
                partner, pair = max(same, key=lambda s: (min(s[1].prompt, s[1].response), -s[0]))
                found.append(Found(row, partner, pair))
            else:
                kept.add(row)
        return found

    def _conflicts(self, measures: pa.Table, kept: np.ndarray, texts: Texts) -> list[Found]:
        """Kept rows that ask what an earlier kept row asks and are answered otherwise."""
        single = kept[~measures.column("several").to_numpy()[kept]]
        neighbours = _candidates(measures, single, "prompt_signature", SAME_PROMPT_AGREEMENT, loose=False)
        found: list[Found] = []
        for row in sorted(neighbours):
            for partner in [k for k in neighbours[row] if k < row][:MAX_CONTRADICTED]:
                pair = contradiction(texts, partner, row, SAME_PROMPT, self.threshold)
                if pair is not None:
                    found.append(Found(row, partner, pair))
                    break
        return found


def _loose(text: str) -> str:
    """A normal form without the punctuation of prose; marks within numbers and names stay."""
    text = text.translate(_LOOSE)
    return text.replace(". ", " ").replace(", ", " ").replace(": ", " ").rstrip(".,: ")


def _packed(hashes: np.ndarray) -> pa.FixedSizeListArray:
    return pa.FixedSizeListArray.from_arrays(pa.array(hashes.ravel(), pa.uint32()), hashes.shape[1])


def _codes(texts: Iterable[str]) -> pa.Array:
    return pa.array([code_tokens(t) for t in texts], pa.list_(pa.string()))


def _texts(measures: pa.Table) -> Texts:
    prompts, responses = measures.column("prompt"), measures.column("response")
    codes = (measures.column("prompt_code"), measures.column("response_code"))
    return Texts(
        lambda i: prompts[i].as_py(),
        lambda i: responses[i].as_py(),
        lambda i, part: codes[part][i].as_py(),
        measures.num_rows,
    )


def _candidates(
    measures: pa.Table, rows: np.ndarray, column: str, min_agreement: float, *, loose: bool
) -> dict[int, list[int]]:
    """For every row that may have a partner, its possible partners, the likeliest first."""
    if not len(rows):
        return {}
    packed = measures.column(column).combine_chunks()
    hashes = packed.values.to_numpy().reshape(len(packed), -1)[rows]
    pairs = band_pairs(hashes, rows_a_band=3 if len(rows) <= MANY_ROWS else 4)
    alike = agreement(hashes, pairs)
    pairs, alike = pairs[alike >= min_agreement], alike[alike >= min_agreement]
    if loose:
        same = _equal_pairs(measures.column("loose").take(pa.array(rows)).to_pylist())
        pairs, alike = np.concatenate([same, pairs]), np.concatenate([np.ones(len(same)), alike])
    guards = measures.column("guard").to_numpy()[rows]
    wanted = guards[pairs[:, 0]] == guards[pairs[:, 1]]
    pairs, alike = rows[pairs[wanted]], alike[wanted]
    return _nearest(pairs, alike)


def _nearest(pairs: np.ndarray, alike: np.ndarray) -> dict[int, list[int]]:
    """For every row its likeliest partners, at most MAX_PARTNERS, the likeliest first."""
    if not len(pairs):
        return {}
    rows = np.concatenate([pairs[:, 0], pairs[:, 1]])
    partners = np.concatenate([pairs[:, 1], pairs[:, 0]])
    order = np.lexsort((partners, -np.concatenate([alike, alike]), rows))
    rows, partners = rows[order], partners[order]
    starts = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
    stops = np.append(starts[1:], len(rows))
    firsts = zip(rows[starts].tolist(), starts.tolist(), stops.tolist(), strict=True)
    found: dict[int, list[int]] = {}
    for row, start, stop in firsts:
        found[row] = list(dict.fromkeys(partners[start : min(stop, start + MAX_PARTNERS)].tolist()))
    return found


def _equal_pairs(keys: Sequence[bytes]) -> np.ndarray:
    """Each row with the first row of the same key, shape (n_pairs, 2)."""
    first: dict[bytes, int] = {}
    pairs = [(first[k], i) for i, k in enumerate(keys) if first.setdefault(k, i) != i]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _guards(batch: pa.Table) -> list[int]:
    """Rows are compared only where these agree: kind of row, tools and system prompt."""
    labels = batch.column("label").to_pylist()
    paired = batch.column("rejected").is_valid().to_pylist()
    tools = batch.column("tools").to_pylist()
    cells = zip(labels, paired, tools, rows_of(batch).messages, strict=True)
    keys = (digest(f"{label}/{pair}/{tool}", _system_text(turns)) for label, pair, tool, turns in cells)
    return [int.from_bytes(key[:8], "little") for key in keys]


def _several_answers(batch: pa.Table) -> list[bool]:
    labelled, paired = batch.column("label").is_valid(), batch.column("rejected").is_valid()
    return [a or b for a, b in zip(labelled.to_pylist(), paired.to_pylist(), strict=True)]


def without_system(turns: Sequence[Turn]) -> list[Turn]:
    """The turns of a conversation that are not the operator's."""
    return [t for t in turns if t["role"] not in ("system", "developer")]


def _system_text(turns: Sequence[Turn]) -> str:
    return "\n".join(normal_form(turn_text(t)) for t in turns if t["role"] in ("system", "developer"))
