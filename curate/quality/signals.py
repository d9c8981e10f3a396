"""Numbers about one prompt and its answer, each with words for what a low and a high value mean."""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ..encoders.static import FILE
from .marks import BARE, PROMPT, PROMPT_MARKS, RESPONSE, RESPONSE_MARKS

WORD = re.compile(r"\w+(?:['’]\w+)?")
WIDE_ENDS = "。！？।؟"
CLOSED = frozenset(".!?。！？।؟\"'”’)]}`»:;*|>…")
SENTENCE_ENDS = b".!?"
CODE_BYTES = b"{}();=<>[]_\\/"
CAPITALS = bytes(range(65, 91))
MAX_CHARS = 6000
"""Characters read of a text: a longer one keeps its head and its tail, so that cost is bounded."""
LITTLE = frozenset(
    "i we they he she the a an of and or to in on at for with by from as that which who is are was were be"
    " been has have had will would can could should may might must not but if than then their its his her our"
    " your my this these those such also more most very into about between through because while when where"
    " der die das und oder zu mit von für ein eine le la les de des du et ou un une que qui dans pour el los"
    " las y con por".split()
)
"""Words that seldom end a sentence."""
LIST_ITEM = re.compile(r"^[ \t]*(?:[-*•+]|\(?\d{1,2}[.):])[ \t]", re.MULTILINE)
VOWELS = re.compile(r"[aeiouyà-öø-ÿ]")

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


def bounded(text: str) -> str:
    """At most `MAX_CHARS` characters of a text: its head and its tail."""
    if len(text) <= MAX_CHARS:
        return text
    return f"{text[: MAX_CHARS // 2]}\n{text[-MAX_CHARS // 2 :]}"


@functools.cache
def known_words() -> frozenset[str]:
    """The whole words of the static encoder's vocabulary: about 20,000 of English."""
    with np.load(FILE, allow_pickle=False) as arrays:
        pieces = arrays["pieces"].tobytes().decode("utf-8").split("\n")
    return frozenset(piece for piece in pieces if len(piece) > 1 and not piece.startswith("##"))


def signals_of(prompt: str, response: str) -> list[float]:
    """The signals of one row, in the order of `SIGNALS`."""
    asked, told = bounded(prompt), bounded(response.strip())
    asked_low, told_low = asked.lower(), told.lower()
    asked_words, words = WORD.findall(asked_low), WORD.findall(told_low)
    marks, asks = RESPONSE.found(told_low), PROMPT.found(asked_low)
    n = len(words)
    size, asked_size = math.log1p(n), math.log1p(len(asked_words))
    scale = 1.0 / max(len(told), 1)
    lines = told.count("\n") + 1
    items = len(LIST_ITEM.findall(told)) if lines > 1 else 0
    counts = Counter(words)
    raw = told.encode("utf-8", "surrogatepass")
    code = _bytes_of(raw, CODE_BYTES) * scale
    ends = _bytes_of(raw, SENTENCE_ENDS)
    if len(raw) > len(told):
        ends += sum(map(told.count, WIDE_ENDS))
    letters = len("".join(words))
    values = [
        size,
        asked_size,
        size - asked_size,
        size if "closed" in asks and "open" not in asks else 0.0,
        size if "open" in asks else 0.0,
        letters / n if n else 0.0,
        math.log1p(n / max(1, ends)),
        math.log1p(n / lines),
        math.log(len(counts)) / math.log(n) if n > 1 else 1.0,
        *_repetition(words, counts, told, lines),
        sum(len(word) > 7 for word in counts) / max(len(counts), 1),
        *_edges(told, n, items),
        told.count(",") / max(n, 1),
        1 - (letters + told.count(" ") + lines - 1) * scale if told else 0.0,
        sum(map(str.isdigit, words)) / max(n, 1),
        _bytes_of(raw, CAPITALS) * scale,
        _foreign(told) - _foreign(asked),
        code,
        math.log1p(items),
        _fit("list" in asks, items > 1),
        _fit("code" in asks, code > 0.03 or "code" in marks),
        float("**" in told or told.startswith("#") or "\n#" in told),
        *_overlap(asked_low, told_low, asked_words, words),
        *_unknown(asked_words, counts),
        _missing_material(asked, asked_words, asks),
        float(n == 0),
        float(told_low in BARE or (n < 4 and "placeholder" in marks)),
        _open_end(told, words),
    ]
    values += [float(name in marks) for name in RESPONSE_MARKS]
    values += [float(name in asks) for name in PROMPT_MARKS]
    return values


def _fit(asked: bool, given: bool) -> float:
    """1 where what is asked for is given, -1 where it is not, 0 where it is not asked for."""
    return (1.0 if given else -1.0) if asked else 0.0


def _repetition(words: Sequence[str], counts: Counter[str], told: str, lines: int) -> tuple[float, ...]:
    """Shares of word pairs and of lines that stand there twice, and of the commonest word."""
    n = len(words)
    pairs = 1 - len(set(pairwise(words))) / (n - 1) if n > 2 else 0.0
    repeated = 1 - len(set(told.split("\n"))) / lines if lines > 2 else 0.0
    return pairs, repeated, max(counts.values()) / n if n > 3 else 0.0


def _edges(told: str, n: int, items: int) -> tuple[float, float]:
    """Whether a long answer ends within a sentence, and whether it starts within one."""
    if not told or n < 6:
        return 0.0, 0.0
    last = told[-1]
    cut = 0.0 if last in CLOSED or not (last.isalnum() or last in ",-(") else 1.0
    if cut and items > 1 and len(told) - told.rfind("\n") < 80:
        cut = 0.3
    first = told[0]
    return cut, float(first.islower())


def _open_end(told: str, words: Sequence[str]) -> float:
    """How surely the last sentence lacks its end: a little word, a broken word or an open bracket there."""
    if len(words) < 4 or not told[-1].isalnum():
        return 0.0
    last = words[-1]
    if last in LITTLE:
        return 1.0
    broken = last.isascii() and last.isalpha() and last not in known_words() and words.count(last) == 1
    unclosed = told.count("(") > told.count(")") or told.count("[") > told.count("]") or told.count('"') % 2
    return 0.5 * broken + 0.5 * bool(unclosed)


def _bytes_of(raw: bytes, wanted: bytes) -> int:
    """How many bytes of a text are among some."""
    return len(raw) - len(raw.translate(None, wanted))


def _foreign(text: str) -> float:
    """Share of characters beyond ASCII."""
    if not text or text.isascii():
        return 0.0
    return 1 - len(text.encode("ascii", "ignore")) / len(text)


def _overlap(asked: str, told: str, asked_words: Sequence[str], words: Sequence[str]) -> tuple[float, ...]:
    """How prompt and answer share words, word pairs, their beginning, and numbers."""
    mine = {w for w in set(asked_words) if len(w) > 3}
    theirs = {w for w in set(words) if len(w) > 3}
    shared = len(mine & theirs)
    covered = shared / len(mine) if mine else 0.5
    new = 1 - shared / len(theirs) if theirs else 0.5
    pairs = set(pairwise(words))
    copied = len(pairs & set(pairwise(asked_words))) / len(pairs) if pairs else 0.0
    head = told[:60]
    echo = 1.0 if len(head) > 12 and head in asked else 0.0
    if len(asked) > 12 and asked[:80] in told:
        echo = 1.0
    numbers = {w for w in asked_words if w.isdigit()}
    given = len(numbers.intersection(words)) / len(numbers) if numbers else 0.5
    return covered, new, copied, echo, given


def _unknown(asked_words: Sequence[str], counts: Counter[str]) -> tuple[float, float]:
    """Shares of the answer's words that are not English, beyond the prompt's share, and of vowelless ones."""
    if not counts:
        return 0.0, 0.0
    known = known_words()
    strange = [w for w in counts.keys() - known if len(w) > 2 and w.isalpha()]
    theirs = set(asked_words)
    base = sum(len(w) > 2 and w.isalpha() for w in theirs - known) / max(len(theirs), 1)
    silent = sum(VOWELS.search(w) is None for w in strange if w.isascii())
    return max(0.0, len(strange) / len(counts) - base), silent / len(counts)


def _missing_material(asked: str, words: Sequence[str], asks: frozenset[str]) -> float:
    """1 where a short prompt speaks of a text that it does not hold."""
    if "refers" not in asks or len(words) > 16:
        return 0.0
    body = asked.rstrip()
    holds = "\n" in body or '"' in body or "'" in body or ":" in body[:-1] or "`" in body or "“" in body
    return 0.0 if holds else 1.0
