"""Categorical answers: short ones that recur among rows of one kind, such as intents or labels."""

from __future__ import annotations

import functools
import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ..row_vectors import INSTRUCTING, asked_texts
from ..rows import Turn, rows_of, turn_text
from ..text import digest, normalise
from .marks import no_answer

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

MAX_ANSWER = 80
MAX_ANSWER_WORDS = 8
HEAD_WORDS = 5
GRAMS = 1 << 16
MEMORY = 1 << 12
"""Digests kept while a batch is measured."""
MIN_ROWS = 40
MIN_SHARE = 0.8
"""Share of a family's rows whose answer must be one of its classes."""
MIN_CLASS = 4
MAX_CLASSES = 200
MIN_NO_ANSWER = 0.1
_WORD = re.compile(r"\w+")
_APART = bytes(i if chr(i).isalnum() or chr(i) == "_" else 32 for i in range(128)).ljust(256)
NONE = b"\0" * 16
FAMILIES = ("system", "head", "file")


class Family(NamedTuple):
    """Rows of one kind with categorical answers.

    Args:
        rows: Their positions, shape (n,), int64.
        labels: The class of each, shape (n,), int64; -1 where its answer is none of the classes.
        classes: The answer of each class as most rows write it.
    """

    rows: np.ndarray
    labels: np.ndarray
    classes: list[str]


def measured(batch: pa.Table) -> dict[str, pa.Array]:
    """Columns `answer` (null where it is long), `families` (three digests) and `grams` (of the prompt).

    The last batch is remembered, since two steps measure the same one.
    """
    global _last
    if _last is None or _last[0] is not batch:
        _last = (batch, _measured(batch))
    return dict(_last[1])


_last: tuple[pa.Table, dict[str, pa.Array]] | None = None


def _measured(batch: pa.Table) -> dict[str, pa.Array]:
    rows = rows_of(batch)
    answers = [short_answer(text) for text in rows.responses]
    sources = batch.column("source").combine_chunks()
    files = sources.field("file").to_pylist()
    asked = asked_texts(batch)
    families = families_of(rows.messages, asked, files)
    grams = [() if answer is None else grams_of(text) for text, answer in zip(asked, answers, strict=True)]
    return {
        "answer": pa.array(answers, pa.string()),
        "families": families,
        "grams": _gram_lists(grams, np.array([answer is None for answer in answers], bool)),
    }


def short_answer(text: str) -> str | None:
    """The answer where it is short enough for a label; an empty one counts."""
    told = text.strip()
    if len(told) > MAX_ANSWER or "\n" in told or len(told.split()) > MAX_ANSWER_WORDS:
        return None
    return told


def families_of(messages: Sequence[Sequence[Turn]], asked: Sequence[str], files: Sequence[str]) -> pa.Array:
    """Digests of the system prompt, of the prompt's first words, and of the file, for every row."""
    once = functools.lru_cache(maxsize=MEMORY)(digest)
    found: list[bytes] = []
    for turns, text, file in zip(messages, asked, files, strict=True):
        system = "\n".join([turn_text(t) for t in turns if t.get("role") in INSTRUCTING])
        head = " ".join(text[:200].split(None, HEAD_WORDS)[:HEAD_WORDS])
        found.append(once("system", system) if system and not system.isspace() else NONE)
        found += (once("head", head), once("file", file))
    values = pa.array(found, pa.binary(16))
    return pa.ListArray.from_arrays(np.arange(len(messages) + 1, dtype=np.int32) * len(FAMILIES), values)


def grams_of(text: str) -> list[int]:
    """CRC-32 of words and of pairs of neighbouring words, in order, repeats and all."""
    words = _words(text[:2000])
    singles = list(map(zlib.crc32, words))
    return singles + list(map(zlib.crc32, [b" " + word for word in words[1:]], singles))


def _words(text: str) -> list[bytes]:
    """The words of a text that is normalised first; in ASCII without a regular expression."""
    if text.isascii():
        return text.lower().encode().translate(_APART).split()
    return [word.encode("utf-8", "surrogatepass") for word in _WORD.findall(normalise(text))]


def _gram_lists(grams: Sequence[Sequence[int]], missing: np.ndarray) -> pa.ListArray:
    """Grams of each row as numbers below 65,536; null where they are missing."""
    numbers = np.array(list(chain.from_iterable(grams)), np.uint32) % GRAMS
    ends = np.cumsum(list(map(len, grams)), dtype=np.int32)
    offsets = pa.array(np.concatenate([np.zeros(1, np.int32), ends]))
    return pa.ListArray.from_arrays(offsets, pa.array(numbers.astype(np.uint16)), mask=pa.array(missing))


def families(measures: pa.Table) -> list[Family]:
    """The families with categorical answers; a row is in the most special of its families, or in none.

    Args:
        measures: With the columns of `measured`.
    """
    answers = measures.column("answer")
    short = np.asarray(pc.is_valid(answers), bool)
    taken = np.zeros(len(short), bool)
    found: list[Family] = []
    for kind in range(len(FAMILIES)):
        for rows in _members(measures.column("families"), kind, taken):
            if short[rows].mean() < MIN_SHARE:
                continue
            family = _family(rows, answers.take(pa.array(rows)).to_pylist())
            if family is not None:
                taken[rows] = True
                found.append(family)
    return found


def _members(column: pa.ChunkedArray, kind: int, taken: np.ndarray) -> list[np.ndarray]:
    """The rows of each family of one kind that has enough of them, by first row; those taken stay out."""
    flat = column.combine_chunks().flatten()
    keys = flat.take(pa.array(np.arange(kind, len(flat), len(FAMILIES))))
    codes = np.array(keys.dictionary_encode().indices, np.int64)
    free = np.flatnonzero(~taken & np.asarray(pc.not_equal(keys, pa.scalar(NONE, pa.binary(16))), bool))
    order = free[np.argsort(codes[free], kind="stable")]
    groups = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    return sorted((g for g in groups if len(g) >= MIN_ROWS), key=lambda g: int(g[0]))


def _family(rows: np.ndarray, answers: Sequence[str | None]) -> Family | None:
    """The rows, with an answer each, as a family; None where their answers are not categorical."""
    keys = [None if answer is None else answer_key(answer) for answer in answers]
    counts = Counter(key for key in keys if key)
    classes = sorted(key for key, n in counts.items() if n >= _least(key, len(rows)))
    covered = sum(counts[key] for key in classes)
    if not 2 <= len(classes) <= min(MAX_CLASSES, len(rows) // 8) or covered < MIN_SHARE * len(rows):
        return None
    numbers = {key: number for number, key in enumerate(classes)}
    labels = np.array([numbers.get(key or "", -1) for key in keys], np.int64)
    return Family(rows, labels, _spellings(numbers, keys, answers))


def _least(key: str, rows: int) -> float:
    """How often an answer must come to be a class: one such as `none` or a refusal makes up a share."""
    return max(MIN_CLASS, MIN_NO_ANSWER * rows) if no_answer(key) else MIN_CLASS


def answer_key(answer: str) -> str:
    """What an answer is compared by: case, width of characters and a final stop do not count."""
    return normalise(answer).rstrip(".!")


def _spellings(numbers: Mapping[str, int], keys: Sequence[str | None], answers: Sequence[Any]) -> list[str]:
    told: dict[str, Counter[str]] = {key: Counter() for key in numbers}
    for key, answer in zip(keys, answers, strict=True):
        if key in told:
            told[key][answer] += 1
    return [min(told[key], key=lambda text: (-told[key][text], text)) for key in numbers]
