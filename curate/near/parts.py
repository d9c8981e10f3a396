"""What a row is compared by: its prompt, its response and, in a preference row, the losing response."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ..compare.normal_form import normal_form, without_courtesy
from ..compare.texts import REJECTED, Texts
from ..compare.words import code_tokens, may_hold_code
from ..encoders import Encoder
from ..minhash import minima, sketches
from ..rows import Turn, prompt_of, rows_of, turn_text
from ..text import digest

BINS = 128
RESPONSE_BINS = 32
PARTS = ("prompt", "response", "rejected")
"""Columns of normal forms, in the order in which parts are numbered."""


def parts_of(batch: pa.Table, seed: int) -> dict[str, Any]:
    """The columns that comparing needs, one line a row.

    Args:
        batch: Canonical rows.
        seed: Seed of the sketches.

    Returns:
        The normal forms of PARTS (`rejected` is null in other rows), the code tokens of prompt and response,
        sketches of the whole row, the prompt and the response, `guard` (only rows that agree in it are ever
        compared), `label`, and `ascii_ratio`, the share of ASCII characters.
    """
    rows = rows_of(batch)
    prompts = [_prompt(turns) for turns in rows.messages]
    responses = [_answer(text) for text in rows.responses]
    rejected = [None if turns is None else _losing(turns) for turns in rows.rejected()]
    low, high = (minima(texts, n_bins=BINS, seed=seed) for texts in (prompts, responses))
    return {
        "prompt": pa.array(prompts, pa.large_string()),
        "response": pa.array(responses, pa.large_string()),
        "rejected": pa.array(rejected, pa.large_string()),
        "prompt_code": _codes(["\n".join(map(turn_text, turns[:-1])) for turns in rows.messages]),
        "response_code": _codes(rows.responses),
        "sketch": packed(sketches(np.minimum(low, high))),
        "prompt_sketch": packed(sketches(low)),
        "response_sketch": packed(sketches(_fewer(high, RESPONSE_BINS))),
        "guard": pa.array(_guards(batch), pa.uint64()),
        "label": batch.column("label"),
        "ascii_ratio": pa.array([ascii_ratio(p, r) for p, r in zip(prompts, responses, strict=True)]),
    }


def ascii_ratio(*texts: str) -> float:
    """Share of ASCII characters, near enough: every other character takes two bytes or more."""
    characters = sum(map(len, texts))
    return 2 - sum(len(t.encode("utf-8", "surrogatepass")) for t in texts) / max(characters, 1)


def vectors_of(columns: dict[str, Any], encoder: Encoder) -> dict[str, Any]:
    """Vectors of the normal forms of prompt and response, a byte a value."""
    found = {}
    for part in PARTS[:2]:
        unit = encoder.encode(columns[part].to_pylist())
        found[f"{part}_vector"] = packed(np.rint(unit * 127).astype(np.int8))
    return found


def _prompt(turns: Sequence[Turn]) -> str:
    asked = [t for t in turns if t["role"] not in ("system", "developer")]
    return without_courtesy(normal_form(prompt_of(asked)), answer=False)


def _answer(text: str) -> str:
    return without_courtesy(normal_form(text), answer=True)


def _losing(turns: Sequence[Turn]) -> str:
    return _answer("\n".join(map(turn_text, turns)))


def _fewer(values: np.ndarray, n_bins: int) -> np.ndarray:
    """The minima of neighbouring bins taken together."""
    return values.reshape(len(values), n_bins, values.shape[1] // n_bins).min(axis=2)


def texts_of_measures(measures: pa.Table) -> Texts:
    """The texts of all rows, read from the columns of `parts_of` when they are asked for."""
    parts = [_reader(measures.column(part)) for part in PARTS]
    codes = [_reader(measures.column(f"{part}_code")) for part in PARTS[:2]]
    paired = measures.column(PARTS[REJECTED]).null_count < measures.num_rows

    def text(row: int, part: int) -> str:
        return (parts[part](row) or "") if part != REJECTED or paired else ""

    return Texts(text, lambda row, part: codes[part](row), measures.num_rows)


def _reader(column: pa.ChunkedArray) -> Callable[[int], Any]:
    """Gives the value at a position; nothing is copied, so a column on disk stays there."""
    chunks = column.chunks
    starts = np.cumsum([0, *(len(c) for c in chunks)]).tolist()

    def value(row: int) -> Any:
        chunk = bisect_right(starts, row) - 1
        return chunks[chunk][row - starts[chunk]].as_py()

    return value


def text_lengths(column: pa.ChunkedArray) -> np.ndarray:
    """Bytes of each text, shape (n_rows,), int64."""
    found = [
        np.diff(np.frombuffer(c.buffers()[1], np.int64)[c.offset : c.offset + len(c) + 1])
        for c in column.chunks
    ]
    return np.concatenate([np.zeros(0, np.int64), *found])


def packed(values: np.ndarray) -> pa.FixedSizeListArray:
    """A matrix as one list a row."""
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])


def unpacked(column: pa.ChunkedArray | pa.Array, rows: np.ndarray | None = None) -> np.ndarray:
    """Lists of one length as a matrix, of all rows or of some.

    Returns:
        Shape (n_rows, length).
    """
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    whole = [c.flatten().to_numpy(zero_copy_only=False).reshape(len(c), c.type.list_size) for c in chunks]
    matrix = np.concatenate(whole) if whole else np.zeros((0, column.type.list_size), np.uint8)
    return matrix if rows is None else matrix[rows]


def _codes(texts: Sequence[str]) -> pa.Array:
    likely = may_hold_code(texts).tolist()
    found = [code_tokens(t) if code else [] for t, code in zip(texts, likely, strict=True)]
    return pa.array(found, pa.list_(pa.string()))


def _guards(batch: pa.Table) -> Iterator[int]:
    """Rows are compared only where these agree: kind of row, tools and system prompt."""
    labelled = batch.column("label").is_valid().to_pylist()
    paired = batch.column("rejected").is_valid().to_pylist()
    tools = batch.column("tools").to_pylist()
    seen: dict[tuple[Any, ...], int] = {}
    for label, pair, tool, turns in zip(labelled, paired, tools, rows_of(batch).messages, strict=True):
        system = tuple(turn_text(t) for t in turns if t["role"] in ("system", "developer"))
        key = (label, pair, tool, system)
        if key not in seen:
            hashed = digest(f"{label}/{pair}/{tool}", "\n".join(map(normal_form, system)))
            seen[key] = int.from_bytes(hashed[:8], "little")
        yield seen[key]
