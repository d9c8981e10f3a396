"""Numbers by the hashes of stretches of characters, looked up for whole arrays at once."""

from __future__ import annotations

import numpy as np

STEP = 0x9E3779B97F4A7C15
BEGUN = 3  # characters that tell which lengths a piece may have


class Table:
    """Numbers by 64-bit hash, found for whole arrays at once (open addressing, a quarter full at most)."""

    def __init__(self, hashes: np.ndarray) -> None:
        self._bits = max(4, (4 * len(hashes)).bit_length())
        self._keys = np.zeros(1 << self._bits, np.uint64)
        self._numbers = np.full(1 << self._bits, -1, np.int32)
        waiting, slots = np.arange(len(hashes)), self._slots(hashes)
        while len(waiting):
            free = waiting[self._numbers[slots[waiting]] < 0]
            self._numbers[slots[free]] = free
            won = free[self._numbers[slots[free]] == free]
            self._keys[slots[won]] = hashes[won]
            waiting = np.setdiff1d(waiting, won)
            slots[waiting] = self._next(slots[waiting])

    def find(self, hashes: np.ndarray) -> np.ndarray:
        """The number of each hash, or -1; int32."""
        slots = self._slots(hashes)
        numbers = self._numbers[slots]
        open_ = np.flatnonzero((self._keys[slots] != hashes) & (numbers >= 0))
        while len(open_):
            slots[open_] = self._next(slots[open_])
            numbers[open_] = self._numbers[slots[open_]]
            open_ = open_[(self._keys[slots[open_]] != hashes[open_]) & (numbers[open_] >= 0)]
        return numbers

    def _slots(self, hashes: np.ndarray) -> np.ndarray:
        return (hashes * np.uint64(STEP) >> np.uint64(64 - self._bits)).astype(np.int64)

    def _next(self, slots: np.ndarray) -> np.ndarray:
        return (slots + 1) & ((1 << self._bits) - 1)


class Beginnings:
    """The lengths of the pieces that begin with some characters, as bits, so that few are looked up.

    Args:
        hashes: Of the first `BEGUN` characters of each piece.
        lengths: Of the pieces.
    """

    def __init__(self, hashes: np.ndarray, lengths: np.ndarray) -> None:
        long = lengths >= BEGUN
        distinct, which = np.unique(hashes[long], return_inverse=True)
        self._table = Table(distinct)
        self._bits = np.full(len(distinct) + 1, (1 << BEGUN) - 1, np.uint64)
        bits = np.uint64(1) << np.minimum(lengths[long], 63).astype(np.uint64)
        np.bitwise_or.at(self._bits, which, bits)

    def lengths(self, hashes: np.ndarray, room: np.ndarray) -> np.ndarray:
        """Bits of the lengths that are possible where words go on for `room` characters; uint64."""
        bits = self._bits[self._table.find(hashes)]
        bits[room < BEGUN] = (1 << BEGUN) - 1
        return bits
