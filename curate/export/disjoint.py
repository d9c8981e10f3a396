"""Train and validation kept apart: no content and no question stands in both files of an export."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import numpy as np

from ...schemas.providers.problems import RowProblem
from ..text import normalise
from .shape import uncarried


class Disjoint:
    """What train holds, and which validation rows stand there too.

    A row is known by its content_id and by its first question in the normal form that `split` groups by, so
    that what `split` put together never stands on both sides. The train row stays, the validation row goes.

    Memory is 16 bytes a train row. At 64 bits a key, any of 10^5 validation rows is refused for nothing
    beside 10^6 train rows with probability 1e-8.
    """

    def __init__(self) -> None:
        self._ids = array("Q")
        self._questions = array("Q")
        self._sorted: tuple[np.ndarray, np.ndarray] | None = None

    def add(self, record: Mapping[str, Any]) -> None:
        """Remember a train row that was written."""
        self._ids.append(_id_key(record))
        self._questions.append(question_key(record["messages"]))
        self._sorted = None

    def problem(self, record: Mapping[str, Any]) -> RowProblem | None:
        """Why a validation row may not be written; None when train has nothing of it."""
        if self._sorted is None:
            self._sorted = (_sorted(self._ids), _sorted(self._questions))
        ids, questions = self._sorted
        if _holds(ids, _id_key(record)):
            return uncarried("in_both_splits", "content_id")
        if _holds(questions, question_key(record["messages"])):
            return uncarried("in_both_splits", "messages")
        return None


def question_key(messages: list[dict[str, Any]]) -> int:
    """64 bits of the digest of the first question, normalised; of the answers where nobody asks."""
    for turn in messages:
        if turn["role"] == "user":
            asked = normalise(turn.get("content") or "")
            if asked:
                return _key(asked)
    said = "\n".join(normalise(turn.get("content") or "") for turn in messages if turn["role"] == "assistant")
    return _key(f"\0{said}")


def _key(text: str) -> int:
    """BLAKE2b (RFC 7693), 64 bits."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _id_key(record: Mapping[str, Any]) -> int:
    return int(record["content_id"][:16], 16)


def _sorted(keys: array[int]) -> np.ndarray:
    return np.sort(np.frombuffer(keys, np.uint64)) if keys else np.empty(0, np.uint64)


def _holds(keys: np.ndarray, key: int) -> bool:
    at = int(np.searchsorted(keys, np.uint64(key)))
    return at < len(keys) and int(keys[at]) == key
