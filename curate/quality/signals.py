"""Numbers about prompts and their answers, each with words for what a low and a high value mean."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from . import text_shape as shape
from .marks import PROMPT, PROMPT_MARKS, RESPONSE, RESPONSE_MARKS
from .word_facts import WordFacts, word_facts, words_of

CHUNK = 2048
"""Rows judged at once."""
Columns = dict[str, np.ndarray]

TEXT_SIGNALS: tuple[str, ...] = (
    "response_words",
    "prompt_words",
    "length_ratio",
    "closed_length",
    "open_length",
    "word_length",
    "sentence_words",
    "line_words",
    "distinct_words",
    "repeated_pairs",
    "repeated_lines",
    "commonest_word",
    "long_word_ratio",
    "cut_off",
    "lower_start",
    "comma_ratio",
    "symbol_ratio",
    "digit_ratio",
    "upper_ratio",
    "foreign_letters",
    "code_ratio",
    "list_items",
    "list_fit",
    "code_fit",
    "bold_or_heading",
    "prompt_covered",
    "new_words",
    "copied_pairs",
    "echo",
    "shared_numbers",
    "unknown_words",
    "no_vowels",
    "missing_material",
    "no_words",
    "bare_mark",
    "open_end",
)
MARK_SIGNALS = tuple(f"mark_{name}" for name in RESPONSE_MARKS)
PROMPT_SIGNALS = tuple(f"asks_{name}" for name in PROMPT_MARKS)
SIGNALS = (*TEXT_SIGNALS, *MARK_SIGNALS, *PROMPT_SIGNALS)


def signals_of(prompt: str, response: str) -> list[float]:
    """The signals of one row, in the order of `SIGNALS`."""
    return signals([prompt], [response])[0].tolist()


def signals(prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray:
    """The signals of some rows, in the order of `SIGNALS`; shape (n, len(SIGNALS)), float64."""
    starts = range(0, len(prompts), CHUNK)
    parts = [_signals(prompts[i : i + CHUNK], responses[i : i + CHUNK]) for i in starts]
    return np.concatenate([np.zeros((0, len(SIGNALS))), *parts])


def _signals(prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray:
    asked, told = (
        [shape.bounded(text) for text in prompts],
        [shape.bounded(text.strip()) for text in responses],
    )
    asked_low, told_low = [text.lower() for text in asked], [text.lower() for text in told]
    asked_words, words = [words_of(text) for text in asked_low], [words_of(text) for text in told_low]
    marks, asks = [RESPONSE.found(text) for text in told_low], [PROMPT.found(text) for text in asked_low]
    facts = word_facts(asked_words, words)
    marked, wanted = _flags(marks, RESPONSE_MARKS), _flags(asks, PROMPT_MARKS)
    columns = _of_words(facts) | _of_shape(told, facts)
    size, items, code = columns["response_words"], columns["list_items"], columns["code_ratio"]
    missing = map(shape.missing_material, asked, facts.asked.tolist(), asks)
    bare = map(shape.bare, told_low, facts.told.tolist(), marks)
    columns |= {
        "closed_length": np.where(wanted["closed"] & ~wanted["open"], size, 0.0),
        "open_length": np.where(wanted["open"], size, 0.0),
        "foreign_letters": _floats(map(shape.foreign, told)) - _floats(map(shape.foreign, asked)),
        "list_fit": np.where(wanted["list"], np.where(items > 1, 1.0, -1.0), 0.0),
        "code_fit": np.where(wanted["code"], np.where((code > 0.03) | marked["code"], 1.0, -1.0), 0.0),
        "list_items": _logs(math.log1p, items),
        "echo": _floats(map(shape.echo, asked_low, told_low)),
        "missing_material": _floats(missing),
        "bare_mark": _floats(bare),
        "open_end": _floats(map(shape.open_end, told, words)),
    }
    ordered = [columns[name] for name in TEXT_SIGNALS]
    return np.stack([*ordered, *marked.values(), *wanted.values()], axis=1, dtype=np.float64)


def _of_words(facts: WordFacts) -> Columns:
    n, distinct = facts.told, facts.distinct
    size, asked_size = _logs(math.log1p, n), _logs(math.log1p, facts.asked)
    base = facts.asked_strange / np.maximum(facts.asked_distinct, 1)
    pairs = np.where(n > 2, n - 1, 1)
    many = np.where(n > 1, n, 2)
    return {
        "response_words": size,
        "prompt_words": asked_size,
        "length_ratio": size - asked_size,
        "word_length": _share(facts.letters, n, 0.0),
        "distinct_words": np.where(
            n > 1, _logs(math.log, np.maximum(distinct, 1)) / _logs(math.log, many), 1.0
        ),
        "repeated_pairs": np.where(n > 2, 1 - facts.pairs / pairs, 0.0),
        "commonest_word": np.where(n > 3, facts.commonest / np.maximum(n, 1), 0.0),
        "long_word_ratio": _share(facts.seven, distinct, 0.0),
        "digit_ratio": _share(facts.digits, n, 0.0),
        "prompt_covered": _share(facts.shared, facts.mine, 0.5),
        "new_words": np.where(facts.theirs > 0, 1 - _share(facts.shared, facts.theirs, 0.5), 0.5),
        "copied_pairs": _share(facts.copied, facts.pairs, 0.0),
        "shared_numbers": _share(facts.given, facts.numbers, 0.5),
        "unknown_words": np.where(n > 0, np.maximum(0.0, _share(facts.strange, distinct, 0.0) - base), 0.0),
        "no_vowels": _share(facts.silent, distinct, 0.0),
        "no_words": n == 0,
    }


def _of_shape(told: Sequence[str], facts: WordFacts) -> Columns:
    """Signals of the answers' characters and lines; `list_items` is the plain number."""
    n = facts.told
    words = n.tolist()
    lines = [text.count("\n") + 1 for text in told]
    items = list(map(shape.list_items, told, lines))
    code, ends, capitals = _whole(map(shape.byte_counts, told)).reshape(-1, 3).T
    length, rows, spaces = _whole(map(len, told)), _whole(lines), _whole([text.count(" ") for text in told])
    scale = 1.0 / np.maximum(length, 1)
    symbols = 1 - (facts.letters + spaces + rows - 1) * scale
    return {
        "sentence_words": _logs(math.log1p, n / np.maximum(ends, 1)),
        "line_words": _logs(math.log1p, n / rows),
        "repeated_lines": _floats(map(shape.repeated_lines, told, lines)),
        "cut_off": _floats(map(shape.cut_off, told, words, items)),
        "lower_start": _floats(map(shape.lower_start, told, words)),
        "comma_ratio": _whole([text.count(",") for text in told]) / np.maximum(n, 1),
        "symbol_ratio": np.where(length > 0, symbols, 0.0),
        "upper_ratio": capitals * scale,
        "code_ratio": code * scale,
        "list_items": _whole(items),
        "bold_or_heading": _floats(map(shape.bold_or_heading, told)),
    }


def _flags(found: Sequence[frozenset[str]], names: Iterable[str]) -> Columns:
    """For each name which rows have it, bool; rows have few different sets, so each set is looked at once."""
    kinds: dict[frozenset[str], int] = {}
    at = np.array([kinds.setdefault(names_found, len(kinds)) for names_found in found], np.int64)
    return {name: np.array([name in kind for kind in kinds], bool)[at] for name in names}


def _share(part: np.ndarray, whole: np.ndarray, empty: float) -> np.ndarray:
    return np.where(whole > 0, part / np.maximum(whole, 1), empty)


def _logs(logarithm: Callable[[float], float], values: np.ndarray) -> np.ndarray:
    """By `math`, since NumPy's last digit differs from machine to machine."""
    return np.array(list(map(logarithm, values.tolist())))


def _floats(values: Iterable[float]) -> np.ndarray:
    return np.array(list(values), np.float64)


def _whole(values: Iterable[Any]) -> np.ndarray:
    return np.array(list(values), np.int64)
