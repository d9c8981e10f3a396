"""Rows that stand in a file twice, or in training and validation: found by 64-bit keys, then compared.

Twelve bytes a row are held. Equal keys are only a suspicion: the suspects are read again and compared by
a 128-bit hash of their canonical JSON.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np

_canonical = msgspec.json.Encoder(order="sorted").encode


class Keys:
    """A key and a number for each row of one file."""

    def __init__(self) -> None:
        self._keys = array("q")
        self._numbers = array("I")

    def add(self, number: int, row: Any) -> None:
        """One row."""
        self._keys.append(hash(_canonical(row)))
        self._numbers.append(number)

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Keys (int64) and numbers (uint32), in the order in which they came."""
        return np.frombuffer(self._keys, np.int64), np.frombuffer(self._numbers, np.uint32)


def digest(row: Any) -> bytes:
    """What two rows share exactly when their JSON values are equal."""
    return hashlib.blake2b(_canonical(row), digest_size=16).digest()


def suspects(keys: Keys) -> set[int]:
    """Numbers of the rows whose key is there more than once."""
    found, numbers = keys.arrays()
    ordered = np.sort(found)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    return set(numbers[np.isin(found, twice)].tolist()) if len(twice) else set()


def shared(one: Keys, other: Keys) -> tuple[set[int], set[int]]:
    """Numbers of the rows of each file whose key is in the other."""
    (a, a_numbers), (b, b_numbers) = one.arrays(), other.arrays()
    return set(a_numbers[np.isin(a, b)].tolist()), set(b_numbers[np.isin(b, a)].tolist())


def repeated(digests: Iterable[tuple[int, bytes]]) -> list[tuple[int, int]]:
    """Each row that was there before, and where it stood first."""
    first: dict[bytes, int] = {}
    return [(n, first[d]) for n, d in digests if first.setdefault(d, n) != n]
