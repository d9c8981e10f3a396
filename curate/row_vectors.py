"""The static encoder's vectors of prompt and response, made once a batch for all the steps that want them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from .encoders import STATIC, encoder_for
from .rows import Turn, rows_of, turn_text

if TYPE_CHECKING:
    import numpy as np

INSTRUCTING = ("system", "developer")


class RowVectors(NamedTuple):
    """Unit vectors, shape (n_rows, 256) each, float32, read-only; zeros for a text without a known word."""

    prompt: np.ndarray
    response: np.ndarray


def asked_text(messages: Sequence[Turn]) -> str:
    """What comes before the last answer, without system turns: those say the same in row after row."""
    turns = messages[:-1] if messages and messages[-1].get("role") == "assistant" else messages
    if len(turns) == 1:
        return turn_text(turns[0]) if turns[0].get("role") not in INSTRUCTING else ""
    return "\n".join(turn_text(turn) for turn in turns if turn.get("role") not in INSTRUCTING)


def asked_texts(batch: pa.Table) -> list[str]:
    """The `asked_text` of every row; that of the last batch is remembered."""
    global _last_asked
    if _last_asked is None or _last_asked[0] is not batch:
        _last_asked = (batch, [asked_text(turns) for turns in rows_of(batch).messages])
    return _last_asked[1]


_last_asked: tuple[pa.Table, list[str]] | None = None


def row_vectors(batch: pa.Table) -> RowVectors:
    """The static encoder's vectors of a batch's prompts (`asked_text`) and responses (`Rows.responses`).

    The last batch is remembered, since steps measure the same batch in turn. A row's vectors are the same in
    any batch. Steps that use them put `encoder_for(STATIC).identity` into their `measure_params`.

    Args:
        batch: Canonical rows.
    """
    global _last
    if _last is None or _last[0] is not batch:
        encoder = encoder_for(STATIC)
        found = RowVectors(encoder.encode(asked_texts(batch)), encoder.encode(rows_of(batch).responses))
        for vectors in found:
            vectors.setflags(write=False)
        _last = (batch, found)
    return _last[1]


_last: tuple[pa.Table, RowVectors] | None = None
