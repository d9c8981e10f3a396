"""What the quality models read of each row: signals, and vectors of prompt and answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from ..row_vectors import row_vectors
from ..rows import rows_of
from .signals import SIGNALS, signals

DIM = 256
CHUNK = 8192
"""Rows whose features are decoded at once, so that memory does not grow with the rows."""


class Features(NamedTuple):
    """Features of some rows, float32.

    Args:
        signals: Shape (n, len(SIGNALS)).
        prompt: Unit vectors, or zeros; shape (n, 256).
        response: The same of the answers.
    """

    signals: np.ndarray
    prompt: np.ndarray
    response: np.ndarray

    @property
    def cosine(self) -> np.ndarray:
        """How near answer and prompt are in meaning, shape (n,), in [-1, 1]."""
        return np.einsum("ij,ij->i", self.prompt, self.response)


def measured(batch: pa.Table) -> dict[str, pa.Array]:
    """The columns `signals`, `prompt_vector` and `response_vector` of a batch."""
    rows = rows_of(batch)
    flat = signals(rows.prompts, rows.responses).astype(np.float32).reshape(-1)
    vectors = row_vectors(batch)
    return {
        "signals": pa.FixedSizeListArray.from_arrays(pa.array(flat), len(SIGNALS)),
        "prompt_vector": packed(vectors.prompt),
        "response_vector": packed(vectors.response),
    }


def packed(vectors: np.ndarray) -> pa.Array:
    """Vectors in [-1, 1] as 256 signed bytes a row; one part in 254 is lost."""
    scaled = vectors * 127
    data = np.rint(scaled, out=scaled).astype(np.int8)
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(DIM), len(vectors), [None, pa.py_buffer(data)])


def chunks(measures: pa.Table) -> Iterator[Features]:
    """The features of all rows in order, some thousand rows at a time."""
    for start in range(0, measures.num_rows, CHUNK):
        yield read(measures.slice(start, CHUNK))


def read(measures: pa.Table) -> Features:
    """The features of measured rows."""
    column = measures.column("signals").combine_chunks()
    flat = column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), -1)
    vectors = (unpacked(measures.column(f"{part}_vector")) for part in ("prompt", "response"))
    return Features(flat.astype(np.float32), *vectors)


def unpacked(column: pa.ChunkedArray) -> np.ndarray:
    """Vectors of a column that `packed` made, shape (n, 256), float32."""
    found = [np.zeros((0, DIM), np.int8)]
    for chunk in column.chunks:
        raw = np.frombuffer(chunk.buffers()[1], np.int8, len(chunk) * DIM, chunk.offset * DIM)
        found.append(raw.reshape(-1, DIM))
    return np.concatenate(found).astype(np.float32) / 127
