"""Token numbers for a transformer: many texts at once where its tokenizer is BERT's, else by the tokenizer.

The tokenizers library turns 2,000 texts of 128 tokens a second on a core; a GPU takes 80,000. `Pieces` gives
the same numbers several times as fast. A text that it does not know wholly (a character or word without a
piece, or a special token spelled out) goes to the library.
"""

from __future__ import annotations

import itertools
import json
import os
import unicodedata
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from .alphabet import alphabet_of
from .pieces import MAX_WORD, Characters, Found, Pieces

PART = 512  # texts a thread takes
THREADS = 4  # more wait for one another
CHARACTERS_A_TOKEN = 32  # longer texts are cut before their tokens are


class Tokens(NamedTuple):
    """Those of text i are `numbers[starts[i] : starts[i] + lengths[i]]`, int32."""

    numbers: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> Tokens:
        lengths = np.array([len(row) for row in rows], np.int64)
        numbers = np.fromiter(itertools.chain.from_iterable(rows), np.int32, int(lengths.sum()))
        return cls(numbers, np.cumsum(lengths) - lengths, lengths)


class Tokenizer:
    """The tokens of texts, with the special ones at both ends, cut at the model's limit.

    Args:
        tokenizer: The model's tokenizer, from transformers.
        limit: Tokens a text at most.
    """

    def __init__(self, tokenizer: Any, limit: int) -> None:
        self._tokenizer = tokenizer
        self._limit = limit
        self._special = tuple(tokenizer.get_added_vocab())
        self._pieces = _pieces_of(tokenizer)

    def of(self, texts: Sequence[str]) -> Tokens:
        if self._pieces is None or not texts:
            return self._by_library(texts)
        parts = [texts[i : i + PART] for i in range(0, len(texts), PART)]
        with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as threads:
            return _joined(threads.map(self._quickly, parts))

    def _by_library(self, texts: Sequence[str]) -> Tokens:
        if not texts:
            return Tokens.of([])
        found = self._tokenizer(
            list(texts),
            truncation=True,
            max_length=self._limit,
            padding=False,
            return_attention_mask=False,
            return_token_type_ids=False,
        )
        return Tokens.of(found["input_ids"])

    def _quickly(self, texts: Sequence[str]) -> Tokens:
        assert self._pieces is not None
        most = CHARACTERS_A_TOKEN * self._limit
        found = self._pieces.of([text[:most] for text in texts])
        slow = self._slow(texts, found, most)
        counts = np.minimum(np.diff(found.starts), self._limit - 2)
        lengths = counts + 2
        starts = np.cumsum(lengths) - lengths
        numbers = np.empty(int(lengths.sum()), np.int32)
        numbers[starts] = self._tokenizer.cls_token_id
        numbers[starts + lengths - 1] = self._tokenizer.sep_token_id
        steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        source = np.repeat(found.starts[:-1], counts) + steps
        numbers[np.repeat(starts + 1, counts) + steps] = found.pieces[source]
        if not slow:
            return Tokens(numbers, starts, lengths)
        rest = self._by_library([texts[i] for i in slow])
        starts[slow] = rest.starts + len(numbers)
        lengths[slow] = rest.lengths
        return Tokens(np.concatenate([numbers, rest.numbers]), starts, lengths)

    def _slow(self, texts: Sequence[str], found: Found, most: int) -> list[int]:
        """Texts for the library; of a cut one the last word, of MAX_WORD pieces at most, may be another."""
        counts = np.diff(found.starts)
        together = "\n".join(texts)
        near = [word for word in self._special if word in together]
        spelled = [i for i, text in enumerate(texts) if any(word in text for word in near)]
        short = [i for i, t in enumerate(texts) if len(t) > most and counts[i] < self._limit + MAX_WORD]
        return sorted({*found.partly.tolist(), *spelled, *short})


def _joined(parts: Iterable[Tokens]) -> Tokens:
    parts = list(parts)
    before = np.cumsum([0, *(len(part.numbers) for part in parts[:-1])])
    return Tokens(
        np.concatenate([part.numbers for part in parts]),
        np.concatenate([part.starts + shift for part, shift in zip(parts, before, strict=True)]),
        np.concatenate([part.lengths for part in parts]),
    )


def _pieces_of(tokenizer: Any) -> Pieces | None:
    """The vocabulary of a tokenizer that works as BERT's for text in lower case does; None for another."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        return None
    told = json.loads(backend.to_str())
    normal, model, before = (told.get(key) or {} for key in ("normalizer", "model", "pre_tokenizer"))
    alike = (
        normal.get("type") == "BertNormalizer"
        and normal.get("lowercase")
        and normal.get("clean_text")
        and normal.get("handle_chinese_chars")
        and normal.get("strip_accents") is not False
        and before.get("type") == "BertPreTokenizer"
        and model.get("type") == "WordPiece"
        and model.get("continuing_subword_prefix") == "##"
        and model.get("max_input_chars_per_word") == 100
    )
    numbers: dict[str, int] = model.get("vocab", {}) if alike else {}
    if sorted(numbers.values()) != list(range(len(numbers))) or "a" not in numbers:
        return None
    if tokenizer("a")["input_ids"] != [tokenizer.cls_token_id, numbers["a"], tokenizer.sep_token_id]:
        return None
    special = set(tokenizer.get_added_vocab())
    alphabet = alphabet_of(numbers.keys() - special)
    nowhere = "\ue000"  # stands for pieces that a text cannot have: no alphabet holds it
    vocabulary = [nowhere if p in special else p for p in sorted(numbers, key=numbers.__getitem__)]
    # The library's table of characters is older than Python's: what changed since is left to the library.
    old, new = unicodedata.ucd_3_2_0.category, unicodedata.category
    settled = [point for point in alphabet["left_out"].tolist() if old(chr(point)) == new(chr(point))]
    alphabet["left_out"] = np.array(settled, np.uint32)
    return Pieces(vocabulary, Characters.of(**alphabet))
