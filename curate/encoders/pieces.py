"""WordPiece over many texts at once: the pieces of BERT's tokenizer as arrays, without a loop over words.

Texts become one array of character numbers. Sums of random 64-bit values, one a character and weighted by
its position, give the hash of any stretch by one subtraction, so words, and the longest known piece at a
place, are found for all words of a batch in step. The pieces are those of Devlin et al. 2019, with one
difference: a character that no piece holds (a new emoji, a rare script) parts words and is left out, where
BERT makes the whole word around it unknown.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .hash_table import BEGUN, STEP, Beginnings, Table

MAX_WORD = 100  # characters; a longer word is unknown, as in BERT
PARTED, LEFT_OUT, BLANK, FIRST = 0, 1, 2, 3
BLANKS = " \t\n\r\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_INVERSE = pow(STEP, -1, 1 << 64)
_INNER = np.uint64(0xD6E8FEB86659FD93)


class Characters(NamedTuple):
    """What becomes of each character.

    Args:
        numbers: Number of each code point, shape (0x110000,), uint16: `PARTED` (no piece holds it),
            `LEFT_OUT` (accents, control characters), `BLANK`, or from `FIRST` on a character in lower case
            without accents.
        single: Whether a character is a word of its own (punctuation, Chinese characters), by number.
    """

    numbers: np.ndarray
    single: np.ndarray

    @classmethod
    def of(cls, folds: np.ndarray, left_out: np.ndarray, single: np.ndarray) -> Characters:
        """From code points: `folds` (2, n) from and to, `left_out` (n,) and `single` (n,) after folding."""
        known = np.unique(folds[1])
        numbers = np.zeros(0x110000, np.uint16)
        numbers[folds[0]] = FIRST + np.searchsorted(known, folds[1])
        numbers[left_out] = LEFT_OUT
        numbers[[ord(c) for c in BLANKS]] = BLANK
        alone = np.concatenate([np.zeros(FIRST, bool), np.isin(known, single)])
        return cls(numbers, alone)


class Found(NamedTuple):
    """Pieces of texts: those of text i are `pieces[starts[i] : starts[i + 1]]`, in order, int32.

    `partly` has the texts of which a character or a word has no piece.
    """

    pieces: np.ndarray
    starts: np.ndarray
    partly: np.ndarray


class Pieces:
    """A vocabulary of word pieces; `##` marks a piece that goes on inside a word.

    Args:
        vocabulary: The pieces, by number.
        characters: What becomes of each character.
    """

    def __init__(self, vocabulary: Sequence[str], characters: Characters) -> None:
        self._characters = characters
        random = np.random.default_rng(20240229).integers(0, 1 << 63, len(characters.single), np.uint64)
        self._random = random * np.uint64(2) + np.uint64(1)
        self._factors = (np.ones(1, np.uint64), np.ones(1, np.uint64))
        self._growing = threading.Lock()
        inner = np.array([piece.startswith("##") and len(piece) > 2 for piece in vocabulary])
        bare = [piece[2:] if within else piece for piece, within in zip(vocabulary, inner, strict=True)]
        lengths = np.array([len(piece) for piece in bare])
        ends = np.cumsum(lengths)
        points = np.frombuffer("".join(bare).encode("utf-32-le"), np.uint32)
        sums = self._sums(characters.numbers[points])
        hashes = self._hash(sums, ends - lengths, ends) ^ np.where(inner, _INNER, np.uint64(0))
        self._table = Table(hashes)
        self._beginnings = Beginnings(self._begun(sums, ends - lengths, inner), lengths)
        self._lengths = tuple(np.unique(lengths[inner == within])[::-1].tolist() for within in (False, True))

    def of(self, texts: Sequence[str]) -> Found:
        """The pieces of each text; words that have none are left out."""
        numbers, text_starts = self._numbered(texts)
        single = self._characters.single[numbers]
        word = (numbers >= FIRST) & ~single
        edges = np.diff(word.view(np.int8), prepend=np.int8(0), append=np.int8(0))
        starts = np.flatnonzero((edges[:-1] == 1) | single)
        ends = np.flatnonzero((edges[1:] == -1) | single) + 1
        sums = self._sums(numbers)
        hashes = self._hash(sums, starts, ends)
        whole = self._table.find(hashes)
        counts = (whole >= 0).astype(np.int64)
        rare = np.flatnonzero((whole < 0) & (ends - starts > 1) & (ends - starts <= MAX_WORD))
        _, first, which = np.unique(hashes[rare], return_index=True, return_inverse=True)
        split, n_split = self._split(sums, starts[rare[first]], ends[rare[first]])
        counts[rare] = n_split[which]
        places = np.concatenate([[0], np.cumsum(counts)])
        pieces = np.empty(places[-1], np.int32)
        known = whole >= 0
        pieces[places[:-1][known]] = whole[known]
        for step, column in enumerate(split):
            has = n_split[which] > step
            pieces[places[rare[has]] + step] = column[which[has]]
        unknown = np.concatenate([np.flatnonzero(numbers == PARTED), starts[counts == 0]])
        partly = np.unique(np.searchsorted(text_starts, unknown, side="right") - 1)
        return Found(pieces, places[np.searchsorted(starts, text_starts)], partly)

    def _numbered(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Character numbers of all texts, and where each text starts; one that parts words between texts."""
        apart = [text if text.isascii() else unicodedata.normalize("NFD", text) for text in texts]
        lengths = np.array([len(text) + 1 for text in apart], np.int64)
        points = np.frombuffer(
            "".join([text + "\n" for text in apart]).encode("utf-32-le", "surrogatepass"), np.uint32
        )
        numbers = self._characters.numbers[points]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        out = numbers == LEFT_OUT
        if out.any():
            starts -= np.concatenate([[0], np.cumsum(out)])[starts]
            numbers = numbers[~out]
        return numbers, starts

    def _sums(self, numbers: np.ndarray) -> np.ndarray:
        """Sums of the characters' values before each place, modulo 2**64, one longer than `numbers`."""
        with self._growing:
            if len(self._factors[0]) <= len(numbers):
                self._factors = tuple(
                    np.concatenate([[np.uint64(1)], np.cumprod(np.full(len(numbers), factor, np.uint64))])
                    for factor in (STEP, _INVERSE)
                )
        sums = np.zeros(len(numbers) + 1, np.uint64)
        np.cumsum(self._random[numbers] * self._factors[0][: len(numbers)], out=sums[1:])
        return sums

    def _hash(self, sums: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Hash of each stretch of characters, the same wherever it stands."""
        hashes = (sums[ends] - sums[starts]) * self._factors[1][starts]
        return hashes ^ (hashes >> np.uint64(29))

    def _split(
        self, sums: np.ndarray, starts: np.ndarray, ends: np.ndarray
    ) -> tuple[list[np.ndarray], np.ndarray]:
        """The first, second, ... piece of each word, and how many it has: 0 where a place has no piece."""
        columns: list[np.ndarray] = []
        places, counts, going = starts.copy(), np.zeros(len(starts), np.int64), np.arange(len(starts))
        found = self._longest(sums, starts, ends, inner=False)
        # What goes on at every later place of these words, so that the loop only walks from piece to piece.
        second = starts + found.length
        room = np.where(found.piece >= 0, ends - second, 0)
        shift = np.cumsum(room) - room - second
        within = np.arange(room.sum()) - np.repeat(shift, room)
        later = self._longest(sums, within, np.repeat(ends, room), inner=True)
        while len(going):
            counts[going[found.piece < 0]] = 0
            going, length, piece = (part[found.piece >= 0] for part in (going, *found))
            column = np.full(len(starts), -1, np.int32)
            column[going] = piece
            columns.append(column)
            places[going] += length
            counts[going] = len(columns)
            going = going[places[going] < ends[going]]
            next_ = places[going] + shift[going]
            found = _Longest(later.length[next_], later.piece[next_])
        return columns, counts

    def _begun(self, sums: np.ndarray, places: np.ndarray, inner: np.ndarray | bool) -> np.ndarray:
        """Hash of the next `BEGUN` characters; of what is shorter, one that is never looked at."""
        ends = np.minimum(places + BEGUN, len(sums) - 1)
        return self._hash(sums, places, ends) ^ np.where(inner, _INNER, np.uint64(0))

    def _longest(self, sums: np.ndarray, places: np.ndarray, ends: np.ndarray, *, inner: bool) -> _Longest:
        salt = _INNER if inner else np.uint64(0)
        may = self._beginnings.lengths(self._begun(sums, places, inner), ends - places)
        result = _Longest(np.zeros(len(places), np.int64), np.full(len(places), -1, np.int32))
        left = np.arange(len(places))
        for length in self._lengths[inner]:
            fit = left[may[left] >> np.uint64(min(length, 63)) & np.uint64(1) > 0]
            fit = fit[places[fit] + length <= ends[fit]]
            if not len(fit):
                continue
            piece = self._table.find(self._hash(sums, places[fit], places[fit] + length) ^ salt)
            hit = fit[piece >= 0]
            result.piece[hit] = piece[piece >= 0]
            result.length[hit] = length
            left = left[result.piece[left] < 0]
        return result


class _Longest(NamedTuple):
    length: np.ndarray
    piece: np.ndarray
