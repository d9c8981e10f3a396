"""Vectors that were computed once, kept in a folder by text and model.

A segment is one file of keys and vectors that appears whole under the hash of its content. Several processes
may add segments to one folder at a time. A segment whose content does not fit its name, or whose arrays do
not fit the encoder, is as if it were not there.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...schemas.files import atomic
from .base import Encoder

SEGMENT_TEXTS = 4096
_KEY = np.dtype([("high", "<u8"), ("low", "<u8")])


class CachedEncoder:
    """An encoder that asks another only for texts it has not met.

    Args:
        encoder: The slow encoder.
        folder: Where the vectors are kept, in a folder named by the encoder's identity.
    """

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self.encoder = encoder
        self.name = encoder.name
        self.dim = encoder.dim
        self.identity = encoder.identity
        self.languages = encoder.languages
        self.folder = folder / encoder.identity
        self._keys = np.zeros(0, _KEY)
        self._vectors = np.zeros((0, encoder.dim), np.float32)
        self._seen: set[str] = set()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """As `Encoder.encode`; each new text is computed once, and kept before the call returns."""
        self._load()
        keys = _keys(texts)
        distinct, first, which = np.unique(keys, return_index=True, return_inverse=True)
        vectors = np.empty((len(distinct), self.dim), np.float32)
        places = self._find(distinct)
        vectors[places >= 0] = self._vectors[places[places >= 0]]
        missing = np.flatnonzero(places < 0)
        missing = missing[np.argsort(first[missing])]
        for start in range(0, len(missing), SEGMENT_TEXTS):
            part = missing[start : start + SEGMENT_TEXTS]
            asked: list[str] = [str(texts[i]) for i in first[part].tolist()]
            vectors[part] = self.encoder.encode(asked)
            self._write(distinct[part], vectors[part])
        return vectors[which]

    def _find(self, keys: np.ndarray) -> np.ndarray:
        """The place of each key among those in memory, or -1."""
        if not len(self._keys):
            return np.full(len(keys), -1)
        places = np.minimum(np.searchsorted(self._keys["high"], keys["high"]), len(self._keys) - 1)
        return np.where(self._keys[places] == keys, places, -1)

    def _load(self) -> None:
        """Take in the segments that appeared since the last call."""
        fresh = sorted(p for p in self.folder.glob("*.npz") if p.name not in self._seen)
        self._seen.update(p.name for p in fresh)
        segments = [s for s in map(self._read, fresh) if s is not None]
        if segments:
            keys = np.concatenate([self._keys, *(s[0] for s in segments)])
            vectors = np.concatenate([self._vectors, *(s[1] for s in segments)])
            _, first = np.unique(keys["high"], return_index=True)
            self._keys, self._vectors = keys[first], vectors[first]

    def _read(self, path: Path) -> tuple[np.ndarray, np.ndarray] | None:
        try:
            content = path.read_bytes()
            if _name(content) != path.name:
                return None
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                keys, vectors = arrays["keys"], arrays["vectors"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None  # computed again
        fits = keys.dtype == _KEY and vectors.dtype == np.float32 and vectors.shape == (len(keys), self.dim)
        return (keys, vectors) if fits else None

    def _write(self, keys: np.ndarray, vectors: np.ndarray) -> None:
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, keys=keys, vectors=vectors)
        content = buffer.getvalue()
        with atomic(self.folder / _name(content)) as path:
            path.write_bytes(content)


def _name(content: bytes) -> str:
    return f"{hashlib.sha256(content).hexdigest()[:32]}.npz"


def _keys(texts: Sequence[str]) -> np.ndarray:
    digests = [hashlib.blake2b(t.encode("utf-8", "surrogatepass"), digest_size=16).digest() for t in texts]
    return np.frombuffer(b"".join(digests), _KEY)
