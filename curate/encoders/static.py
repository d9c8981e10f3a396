"""The encoder that ships with the package: a vector for each word piece, added up.

`static.npz` was distilled from all-MiniLM-L6-v2 by `benchmarks/make_static_encoder.py`; source and licence
stand in `static.txt`. Values are whole numbers of 4 bits with one scale a dimension, so sums are exact and do
not depend on their order: the same text has the same vector in any batch.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from .pieces import Characters, Pieces

FILE = Path(__file__).with_name("static.npz")
BATCH = 1 << 19  # characters: what the arrays of a batch hold stays near the processor
BATCH_TEXTS = 4096
_PARTS = re.compile(rf".{{1,{BATCH}}}(?!\S)|.{{1,{BATCH}}}", re.DOTALL)


class StaticEncoder:
    """Unit vectors of English texts, 256 values each, at thousands of texts a second and without torch.

    Order of words and case play no part; words that are not English fall into pieces that mean little.

    Args:
        file: The model.
    """

    name = "static"
    languages: frozenset[str] | None = frozenset({"en"})

    def __init__(self, file: Path = FILE) -> None:
        self.file = file
        with np.load(file, allow_pickle=False) as arrays:
            low, high = arrays["vectors"] & 15, arrays["vectors"] >> 4
            self._scale: np.ndarray = arrays["scale"]
            characters = Characters.of(arrays["folds"], arrays["left_out"], arrays["single"])
            pieces = arrays["pieces"].tobytes().decode("utf-8").split("\n")
        self.dim = len(self._scale)
        self.identity = f"static-1-{hashlib.sha256(file.read_bytes()).hexdigest()[:16]}"
        self.pieces = Pieces(pieces, characters)
        self._vectors = np.concatenate([low, high], axis=1).astype(np.float32) - np.float32(8)

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return (static_encoder, (self.file,))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """One unit row a text, shape (n_texts, dim), float32; zeros for a text without a known word."""
        result = np.zeros((len(texts), self.dim), np.float32)
        for owners, batch in _batches(texts):
            sums = self._sums(batch)
            if len(np.unique(owners)) == len(owners):
                result[owners] += sums
            else:
                np.add.at(result, owners, sums)
        return _unit(result, self._scale)

    def _sums(self, texts: Sequence[str]) -> np.ndarray:
        from scipy.sparse import csr_array

        found = self.pieces.of(texts)
        ones = np.ones(len(found.pieces), np.float32)
        counts = csr_array((ones, found.pieces, found.starts), shape=(len(texts), len(self._vectors)))
        return counts @ self._vectors


def _batches(texts: Sequence[str]) -> Iterator[tuple[list[int], list[str]]]:
    """Batches of about `BATCH` characters with the position of each text; a longer text comes in parts."""
    owners: list[int] = []
    batch: list[str] = []
    room = BATCH
    for i, text in enumerate(texts):
        for part in [text] if len(text) <= BATCH else _PARTS.findall(text):
            if batch and (len(part) > room or len(batch) == BATCH_TEXTS):
                yield owners, batch
                owners, batch, room = [], [], BATCH
            owners.append(i)
            batch.append(part)
            room -= len(part)
    if batch:
        yield owners, batch


def _unit(sums: np.ndarray, scale: np.ndarray) -> np.ndarray:
    for first in range(0, len(sums), BATCH_TEXTS):
        rows = sums[first : first + BATCH_TEXTS]
        rows *= scale
        norms = np.sqrt(np.square(rows, dtype=np.float64).sum(axis=1, keepdims=True))
        rows /= np.where(norms == 0, 1, norms).astype(np.float32)
    return sums


@functools.cache
def static_encoder(file: Path = FILE) -> StaticEncoder:
    """The static encoder, loaded once a process."""
    return StaticEncoder(file)
