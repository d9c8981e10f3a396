"""What labels are told by: vectors of meaning, and the stems of words as numbers."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ..topics.stop_words import STOP_WORDS

PROMPT_CHARACTERS = 1000
RESPONSE_CHARACTERS = 300
ANSWER_WEIGHT = 0.5
"""How much of the answer's vector is added to the prompt's: labels are mostly about what is asked."""
_WORD = re.compile(r"[^\W_]{2,24}")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ied", "ers", "ed", "es", "er", "s", "y", "e")


def stem(word: str) -> str:
    """A word without its commonest English ending: refunds, refunded and refunding are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def stems_of(lowered: str) -> list[int]:
    """The distinct stems of a text in lower case as numbers of 32 bits, sorted; of Chinese pairs of signs."""
    found = set()
    for word in _WORD.findall(lowered):
        if not word.isascii() and _CJK.search(word):
            found.update(word[i : i + 2] for i in range(max(len(word) - 1, 1)))
        elif word not in STOP_WORDS:
            found.add(stem(word))
    return sorted(zlib.crc32(word.encode()) for word in found)


def joined(prompts: np.ndarray, responses: np.ndarray) -> np.ndarray:
    """One vector a row; not of unit length."""
    return prompts + np.float32(ANSWER_WEIGHT) * responses


class Vocabulary:
    """Stems that occur somewhere, with their inverse document frequencies.

    Args:
        stems: The stems of each of some rows, lists of uint32.
        weighed: Rows whose frequencies count.
    """

    def __init__(self, stems: Sequence[np.ndarray], weighed: pa.ChunkedArray) -> None:
        self.stems = np.unique(np.concatenate([np.zeros(0, np.uint32), *stems]))
        often = np.zeros(len(self.stems) + 1, np.int64)
        for chunk in weighed.chunks:
            often += np.bincount(self._columns(np.asarray(chunk.flatten())), minlength=len(often))
        self.idf = np.log((1 + len(weighed)) / (1 + often[:-1])) + 1

    def _columns(self, stems: np.ndarray) -> np.ndarray:
        """The column of each stem; the last column for those that are not known."""
        if not len(self.stems):
            return np.zeros(len(stems), np.int64)
        at = np.minimum(np.searchsorted(self.stems, stems), len(self.stems) - 1)
        return np.where(self.stems[at] == stems, at, len(self.stems))

    def matrix(self, rows: pa.Array | Sequence[Sequence[int]]) -> Any:
        """Unit tf-idf rows over the known stems, shape (n_rows, n_stems), scipy csr_array."""
        from scipy.sparse import csr_array, diags_array

        listed: Any = rows if isinstance(rows, pa.Array) else pa.array(rows, pa.list_(pa.uint32()))
        columns = self._columns(np.asarray(listed.flatten()))
        sizes = np.asarray(listed.value_lengths().fill_null(0), dtype=np.int64)
        owners = np.repeat(np.arange(len(listed)), sizes)
        known = columns < len(self.stems)
        shape = (len(listed), len(self.stems))
        counts = csr_array((self.idf[columns[known]], (owners[known], columns[known])), shape=shape)
        norms = np.sqrt(counts.multiply(counts).sum(axis=1))
        return csr_array(diags_array(1 / np.where(norms == 0, 1, norms)) @ counts)
