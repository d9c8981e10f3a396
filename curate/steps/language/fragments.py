"""Five letters in a row: which languages the inside of long words belongs to, for short texts."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .languages import tongues
from .prose import words_of

LETTERS = 5
NATS_A_LEVEL = 0.5


class Fragments(NamedTuple):
    """Fragment to the columns of its languages and their nats; `columns` has every language of the list."""

    found: dict[str, tuple[list[int], list[float]]]
    columns: list[int]


@functools.cache
def _fragments() -> Fragments:
    """The fragments of the list. Source: see the head of the file."""
    text = Path(__file__).with_name("fragments.txt").read_text(encoding="utf-8")
    found: dict[str, tuple[list[int], list[float]]] = {}
    columns: dict[int, None] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        code, level, joined = line.split(" ", 2)
        column, nats = tongues().column[code], NATS_A_LEVEL * int(level)
        columns[column] = None
        for i in range(0, len(joined), LETTERS):
            languages, values = found.setdefault(joined[i : i + LETTERS], ([], []))
            languages.append(column)
            values.append(nats)
    return Fragments(found, list(columns))


def fragment_nats(proses: Sequence[str]) -> np.ndarray:
    """Nats for each language in each text, shape (n_texts, n_languages).

    They are what a fragment is likelier than the rarest listed, less the mean over the languages of the list,
    so that languages without a list are neither helped nor hurt.
    """
    table = _fragments()
    nats = np.zeros((len(proses), len(tongues().codes)), np.float32)
    for row, prose in enumerate(proses):
        total, own = 0.0, [0.0] * nats.shape[1]
        for word in words_of(prose):
            for i in range(len(word) - LETTERS + 1):
                languages, values = table.found.get(word[i : i + LETTERS], ((), ()))
                for column, value in zip(languages, values, strict=True):
                    own[column] += value
                    total += value
        nats[row] = own
        nats[row, table.columns] -= total / len(table.columns)
    return nats
