"""Scores that were computed once, kept in a folder by conversation and model.

A segment is one file of keys and scores that appears whole under the hash of its content. Several processes
may add segments at a time. A segment whose content does not fit its name is as if it were not there.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...schemas.example import canonical_json, compact
from ...schemas.files import atomic, cache_root
from .turn_score import PROBLEMS, TurnScore

_CODES = ("", *PROBLEMS)
_SCORE = np.dtype(
    [("turn", "<i4"), ("tokens", "<i4"), ("cut", "<i4"), ("nll", "<f8"), ("alone", "<f8"), ("problem", "u1")]
)


def score_cache() -> Path:
    """Where scores are kept: `$TUNESET_CACHE/language_model`, else `~/.cache/tuneset/language_model`."""
    return cache_root() / "language_model"


def key_of(turns: Sequence[Mapping[str, Any]], tools: list[Any] | None, limit: int) -> bytes:
    """What the scores of a conversation depend on, besides the model: 16 bytes."""
    text = canonical_json(compact({"messages": list(turns), "tools": tools, "limit": limit}))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class ScoreCache:
    """The kept scores of one model.

    Args:
        folder: Where scores are kept, in a folder named by the model's identity.
        identity: The model's.
    """

    def __init__(self, folder: Path, identity: str) -> None:
        self.folder = folder / identity
        self._known: dict[bytes, list[TurnScore]] = {}
        for path in sorted(self.folder.glob("*.npz")):
            self._known.update(_read(path))

    def get(self, key: bytes) -> list[TurnScore] | None:
        """The scores under a key, if they are there."""
        return self._known.get(key)

    def add(self, scored: Mapping[bytes, list[TurnScore]]) -> None:
        """Keep scores, in a segment of their own."""
        if not scored:
            return
        self._known.update(scored)
        rows = [
            (s.turn, s.tokens, s.cut, _number(s.nll), _number(s.nll_alone), _CODES.index(s.problem or ""))
            for scores in scored.values()
            for s in scores
        ]
        buffer = io.BytesIO()
        np.savez(
            buffer,
            allow_pickle=False,
            keys=np.frombuffer(b"".join(scored), np.dtype("V16")),
            counts=np.array([len(scores) for scores in scored.values()], np.int64),
            scores=np.array(rows, _SCORE),
        )
        content = buffer.getvalue()
        with atomic(self.folder / _name(content)) as path:
            path.write_bytes(content)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _read(path: Path) -> dict[bytes, list[TurnScore]]:
    try:
        content = path.read_bytes()
        if _name(content) != path.name:
            return {}
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            keys, counts, scores = arrays["keys"], arrays["counts"], arrays["scores"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}  # computed again
    if scores.dtype != _SCORE or len(keys) != len(counts) or counts.sum() != len(scores):
        return {}
    ends = np.cumsum(counts).tolist()
    rows = [_score(row) for row in scores.tolist()]
    parts = (rows[end - count : end] for end, count in zip(ends, counts.tolist(), strict=True))
    return {bytes(key): part for key, part in zip(keys.tolist(), parts, strict=True)}


def _score(row: Sequence[Any]) -> TurnScore:
    turn, tokens, cut, nll, alone, problem = row
    told = _CODES[problem] if problem < len(_CODES) else ""
    return TurnScore(
        turn, tokens, cut, nll if nll == nll else None, alone if alone == alone else None, told or None
    )


def _name(content: bytes) -> str:
    return f"{hashlib.sha256(content).hexdigest()[:32]}.npz"
