"""Answers that are cut, looped, echoed or garbled."""

from __future__ import annotations

import re
from collections import Counter

from ...text import normalise
from .base import Pair, Signal, excerpt

MIN_LOOP_WORDS = 30
MIN_ECHO_CHARS = 20
_CUT_WORD = re.compile(
    r"(?:,|\b(?:and|or|the|a|an|of|to|in|for|with|that|is|are|was|were|by|from|as|at|on|but|because|which))\s*$",
    re.I,
)
_GARBLED = re.compile("\ufffd|Ã[\u0080-\u00bf]|â€[\u0099\u009c\u009d™œ]")
_WORDS = re.compile(r"\S+")


def _echo(pair: Pair) -> str | None:
    if (
        not MIN_ECHO_CHARS <= len(pair.response) <= 2 * len(pair.prompt)
        or pair.response[:1].lower() != pair.prompt[:1].lower()
    ):
        return None
    if normalise(pair.prompt) != normalise(pair.response):
        return None
    return excerpt(pair.response)


def _loop(pair: Pair) -> str | None:
    words = _WORDS.findall(pair.response[:20_000])
    if len(words) < MIN_LOOP_WORDS:
        return None
    if len(set(words)) > 0.6 * len(words):
        return None  # a loop of four words that fills half of the answer leaves fewer distinct ones
    last = words[-1]
    run = 0
    for word in reversed(words):
        if word != last:
            break
        run += 1
    if run >= 10:
        return f"{last!r} {run} times at the end"
    grams = Counter(zip(words, words[1:], words[2:], words[3:], strict=False))
    gram, count = grams.most_common(1)[0]
    share = 4 * count / len(words)
    return f"{' '.join(gram)!r} {count} times" if count >= 6 and share >= 0.5 else None


def _garbled(pair: Pair) -> str | None:
    if pair.response.isascii():
        return None
    found = _GARBLED.findall(pair.response)
    return f"{len(found)} broken characters, such as {found[0]!r}" if len(found) >= 1 else None


def _truncated(pair: Pair) -> str | None:
    text = pair.response.rstrip()
    if len(text) < 40 or not _CUT_WORD.search(text[-24:]) or "```" in text:
        return None
    if pair.prompt.rstrip().endswith((",", ":")) or re.search(
        r"\bcomplete\b|\bcontinue\b", pair.prompt, re.I
    ):
        return None
    return f"ends in {excerpt(text[-30:])}"


def _fence(pair: Pair) -> str | None:
    count = len(re.findall(r"(?m)^\s*```", pair.response))
    return f"{count} code fences" if count % 2 else None


SIGNALS = (
    Signal(
        "echo", "The answer repeats the prompt.", "Twinkle hard filters; oumi analyze.quality", True, _echo
    ),
    Signal(
        "loop",
        "The answer repeats the same words over and over.",
        "Twinkle dead_loop; Rae et al. 2021 (Gopher) repetition rules, table A1",
        True,
        _loop,
    ),
    Signal(
        "garbled",
        "The answer holds characters that a wrong decoding broke.",
        "ftfy heuristics (Speer 2019); U+FFFD replacement character",
        False,
        _garbled,
    ),
    Signal(
        "truncated",
        "The answer stops in the middle of a sentence.",
        "AlpacaDataCleaned, 'truncated output'",
        False,
        _truncated,
    ),
    Signal("open_code_fence", "A code block is opened and never closed.", "own", False, _fence),
)
