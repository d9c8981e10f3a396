"""Answers that repeat: the prompt, a word, a sentence, a line."""

from __future__ import annotations

import operator
import re
from collections import Counter

from ...text import normalise
from .base import Pair, Signal, excerpt

MIN_LOOP_WORDS = 30
GRAM = 6  # words in a row that repeat
MIN_ECHO_CHARS = 15
MIN_LATER_ECHO = 60  # characters; in a chat people take up each other's words
_LABEL = re.compile(r"^\W*(?:question|prompt|instruction|task|input|q)\s*:", re.IGNORECASE)
LOOK = 20_000  # characters in which a loop is looked for
_RUN = re.compile(
    r"([^\W\d_])\1{24,}|(\d)\2{39,}|\b(\w{1,20})(?:[\s,.!?-]+\3\b){7,}|(.{2,12}?)\4{14,}", re.IGNORECASE
)
_RUN_CJK = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af].{1,39}?)\1{3,}")
_SPACELESS = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_REPEATS = re.compile(
    r"\brepeat|song|lyric|poem|chant|refrain|rhyme|\brap\b|times\b|pattern|table|mantra|chorus|hymn|"
    r"palindrome|loop|print|ballad|villanelle|pantoum|mad ?libs|tongue|sequence|list",
    re.IGNORECASE,
)
_TO_EDIT = re.compile(
    r"\b(?:correct|edit|fix|proofread|rewrite|rephrase|paraphrase|translate|convert|change|modify|improve|"
    r"summari[sz]e|simplify|shorten|reword|revise|transform|expand|restate|transcribe)",
    re.IGNORECASE,
)
_MAY_STAY = re.compile(
    r"\b(?:if (?:needed|necessary|any|there|the)|whether|is (?:it|this|the)|copy|repeat|output the (?:same|"
    r"input)|verbatim|quote|return the (?:same|original)|extract|find|identify|error|mistake|gramma|"
    r"punctuat|spell|correct|proofread|edit|fix)",
    re.IGNORECASE,
)
_EDGE = " .:;!?\"'-,“”*#>`"


def _echo(pair: Pair) -> str | None:
    if not MIN_ECHO_CHARS <= len(pair.response) <= 4 * len(pair.prompt) + 60:
        return None
    if pair.earlier and len(pair.response) < MIN_LATER_ECHO:
        return None
    head = pair.prompt_lower.lstrip(_EDGE)[:12]
    if head not in pair.lower or re.search(r"\b(?:repeat|echo|copy|restate)\b", pair.prompt_lower):
        return None
    prompt, response = normalise(pair.prompt), normalise(_LABEL.sub("", pair.response))
    asked = normalise(pair.prompt.strip().split("\n", 1)[0])
    rest = response.replace(prompt.strip(_EDGE), "")
    rest = rest.replace(asked.strip(_EDGE), "") if len(asked) >= MIN_ECHO_CHARS else rest
    words = [w for w in rest.split() if w.strip(_EDGE)]
    most = 0.25 if response.isascii() else 0.1
    if len(rest) <= most * len(response) and len(words) <= 3 and not pair.is_code:
        return excerpt(pair.response)
    return None


def _unchanged(pair: Pair) -> str | None:
    if (
        len(pair.response) < 40
        or not _TO_EDIT.search(pair.prompt[:200])
        or _MAY_STAY.search(pair.prompt[:200])
    ):
        return None
    if pair.response.strip()[:30] not in pair.prompt:
        return None
    response = normalise(pair.response).strip(_EDGE)
    place = normalise(pair.prompt).find(response)
    return excerpt(pair.response) if place > 0 and not pair.is_code else None


def _loop(pair: Pair) -> str | None:
    words = pair.words[:4000]
    if len(words) < MIN_LOOP_WORDS:
        return _short_loop(pair)
    distinct = pair.distinct if len(words) == len(pair.words) else len(set(words))
    if distinct > 0.6 * len(words):
        return None if pair.response.isascii() else _short_loop(pair)
    if "|" in pair.response and pair.response.count("|") > 8:
        return None
    if not _probed(words):
        return _short_loop(pair)
    grams = Counter(zip(*(words[i:] for i in range(GRAM)), strict=False))
    repeated = sum(n - 1 for n in grams.values())
    gram, count = grams.most_common(1)[0]
    share = repeated / max(len(words) - GRAM + 1, 1)
    wanted = 0.75 if pair.is_code or _REPEATS.search(pair.prompt) else 0.45
    if count >= 4 and share >= wanted:
        return f"{' '.join(gram)!r} {count} times"
    return _short_loop(pair)


def _probed(words: list[str]) -> bool:
    """Whether two of eight places hold words that come three times: so it is where half of a text repeats."""
    text = " ".join(words)
    step = max(len(words) // 8, 1)
    found = 0
    for place in range(0, len(words) - GRAM, step):
        found += text.count(" ".join(words[place : place + GRAM])) >= 3
        if found == 2:
            return True
    return False


def _short_loop(pair: Pair) -> str | None:
    text = pair.response[:LOOK]
    lines = [line for line in text.split("\n") if line.strip()] if text.count("\n") >= 3 else []
    if len(lines) > 3 and len(set(lines)) == 1 and not pair.is_code and not _REPEATS.search(pair.prompt):
        return f"{excerpt(lines[0], 0, 40)} {len(lines)} times"
    found = None
    if _repeats_word(pair):
        found = _RUN.search(text[:4000])
    elif len(pair.words) * 12 < len(text) and text.isascii():
        found = _RUN.search(max(pair.words, key=len)[:1000])
    if (
        found is None
        and len(text) >= 60
        and not text.isascii()
        and len(set(text[-200:])) < 0.3 * len(text[-200:])
        and _SPACELESS.search(text[:200])
    ):
        found = _RUN_CJK.search(text[:4000])
    if found is None or pair.is_code or _REPEATS.search(pair.prompt) or not re.search(r"\w", found.group()):
        return None
    if _SPACELESS.search(found.group()) and len(found.group()) < 24:
        return None
    return f"{excerpt(found.group(), 0, 40)} over and over"


def _repeats_word(pair: Pair) -> bool:
    """Whether a word stands eight times in a row; marks and case aside in the pattern that looks closer."""
    words = pair.words
    if len(words) < 8 or pair.distinct > 0.6 * len(words):
        return False
    return sum(map(operator.eq, words, words[1:])) >= 6


def _repeated_lines(pair: Pair) -> str | None:
    text = pair.response
    if len(text) < 300 or text.count(". ") + text.count("\n") + text.count("。") < 3:
        return None
    parts = [p for p in text[:LOOK].replace("\n", ". ").replace("。", ". ").split(". ") if len(p) >= 25]
    if (
        len(parts) < 4
        or len(set(parts)) == len(parts)
        or pair.is_code
        or _REPEATS.search(pair.prompt)
        or pair.asks_script
    ):
        return None
    again = [p for p, n in Counter(parts).items() if n > 1]
    chars = sum(len(p) for p in parts)
    repeated = chars - sum(map(len, set(parts)))
    return (
        f"{excerpt(max(again, key=len))} again; {repeated} of {chars} characters repeat"
        if repeated > 0.2 * chars
        else None
    )


SIGNALS = (
    Signal(
        "echo", "The answer repeats the prompt.", "Twinkle hard filters; oumi analyze.quality", True, _echo
    ),
    Signal(
        "loop",
        "The answer repeats the same words over and over.",
        "Twinkle dead_loop: 8-gram repetition above 0.45 in 30 words or more; Rae et al. 2021 (Gopher), "
        "table A1",
        True,
        _loop,
    ),
    Signal(
        "unchanged_input",
        "The answer is the text that was to be changed, unchanged.",
        "Self-Instruct filter_invalid_instances: input equals output",
        False,
        _unchanged,
        prompt_triggers=(
            "edit",
            "rewrite",
            "rephrase",
            "paraphrase",
            "translate",
            "convert",
            "change",
            "modify",
            "improve",
            "summari",
            "simplify",
            "shorten",
            "reword",
            "revise",
            "transform",
            "expand",
            "transcribe",
        ),
    ),
    Signal(
        "repeated_lines",
        "More than a fifth of a long answer are sentences or lines that it has already.",
        "Rae et al. 2021 (Gopher), table A1: duplicate lines above 0.20 of the characters",
        False,
        _repeated_lines,
    ),
)
