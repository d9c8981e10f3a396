"""Lists whose numbers are wrong, and parts of a prompt that have no answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .base import Pair, Signal, excerpt

_ITEM = re.compile(r"\n([ \t]*)(\d{1,3})([.)、．])(?!\d)\s*\S")


_BULLET = re.compile(
    r"^[ \t]*(?:[-*•‣▪◦+–]|\d{1,3}[.)]|[a-zA-Z][.)]|\(\d{1,2}\)|step \d+:?)\s+\S",
    re.MULTILINE | re.IGNORECASE,
)


_INLINE = re.compile(r"(?:(?<=\s)|^)\(?(\d{1,2})[.)]\s*(?=[A-Za-z\"'])")


_NUMBERS = {
    w: n for n, w in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
} | {"fifteen": 15, "twenty": 20}


_ASKS_COUNT = re.compile(
    r"\b(?:list|name|give|provide|suggest|identify|mention|enumerate|recommend|state|generate|write|create|"
    r"describe|outline|propose|produce|come up with|brainstorm|offer|tell me|find|list out|list down|what "
    r"are)\b"
    r"(?: (?:me|us|out|down|at least|exactly|the|a list of|a set of|top|your|some))*\s+(?:top )?(\d{1,2}|"
    + "|".join(_NUMBERS)
    + r")\b(?![-–:./%°,]|\s*(?:or|to|and|-|–|out of|of the|more|by|x)\s)\s+((?:[\w'-]+ ){0,3}?[\w'-]+s)\b",
)


_UNITS = re.compile(
    r"(?:words?|sentences?|paragraphs?|lines?|stanzas?|characters|minutes?|hours?|days?|weeks?|months?|"
    r"years?|pages?|syllables|letters|seconds|dollars|times|people|children|kids|players|persons|numbers|"
    r"verses|digits|parts|columns|rows|"
    r"miles|points|grams?|cups|pounds|kilometers|meters|inches|feet|percent|stars|students|members|sides|"
    r"variables|inputs|integers|strings|arguments|countries|friends|sections|chapters|steps|class|this|is|"
    r"was|has|less|questions|bedrooms|sources)$",
    re.IGNORECASE,
)


_QUESTION = re.compile(r"^\s*(?:\d{1,2}[.)]|[a-z]\)|[-*])\s+\S[^\n]*\?\s*$", re.MULTILINE)


def _items(text: str) -> Iterator[re.Match[str]]:
    """The numbered lines of a text; each match starts where its line does."""
    return _ITEM.finditer("\n" + text)  # a pattern that begins with a letter is found much faster than by ^


def _numbering(pair: Pair) -> str | None:
    if pair.response.count("\n") < 2:  # fewer than three items
        return None
    items = [(len(m[1]), int(m[2]), m.start()) for m in _items(pair.response)]
    left = min((indent for indent, _, _ in items), default=0)
    numbers = [(n, place) for indent, n, place in items if indent == left]
    if len(numbers) < 3 or numbers[0][0] > 1 or (pair.is_code and pair.asks_code):
        return None
    values = [n for n, _ in numbers]
    if len(set(values)) == 1:
        return None if len(values) > 2 and "\n\n" in pair.response else f"every item is number {values[0]}"
    seen = {values[0]}
    for n, place in numbers[1:]:
        if n > 1 and n - 1 not in seen:
            return f"{n} without {n - 1}: {excerpt(pair.response, place, 30)}"
        seen.add(n)
    return None


def _count(pair: Pair) -> str | None:
    found = _ASKS_COUNT.search(pair.prompt_lower[:400])
    if (
        not found
        or _UNITS.search(found[2])
        or re.search(r"up to|no more than|at most|maximum|fewer|less than|or more", pair.prompt_lower)
        or len(_ASKS_COUNT.findall(pair.prompt_lower[:400])) > 1
    ):
        return None
    wanted = _NUMBERS.get(found[1].lower()) or int(found[1] if found[1].isdigit() else 0)
    if wanted < 2 or pair.is_code or pair.asks_code:
        return None
    given = _given(pair)
    if given is None or given == wanted or (given > wanted and "at least" in pair.prompt_lower):
        return None
    return f"{found[1]} {found[2]} asked for, {given} given"


def _given(pair: Pair) -> int | None:
    """Items of a list; None where the answer is prose, nested or grouped, so that they cannot be counted."""
    lines = [m.group() for m in _BULLET.finditer(pair.response)]
    inline = [int(n) for n in _INLINE.findall(pair.response)]
    if len(inline) > max(len(lines), 1) and inline == list(range(1, len(inline) + 1)):
        return len(inline)
    if lines:
        numbered = [int(m[2]) for m in _items(pair.response)]
        if numbered and numbered[0] == 1 and numbered == list(range(1, len(numbered) + 1)):
            return len(numbered) if len(lines) == len(numbered) or len(numbered) > 1 else None
        indents = {len(line) - len(line.lstrip()) for line in lines}
        return len(lines) if len(indents) == 1 and not numbered and len(lines) > 1 else None
    return None


def _unanswered(pair: Pair) -> str | None:
    asked = len(_QUESTION.findall(pair.prompt))
    if asked < 2 or re.search(
        r"choose|which of|translate|rewrite|classif|correct|summari|following (?:questions )?(?:as|into)|"
        r"rank|sort|options|sentiment|edit|paraphrase|convert|identify",
        pair.prompt,
        re.I,
    ):
        return None
    given = max(
        len(_BULLET.findall(pair.response)),
        len([p for p in pair.response.split("\n") if p.strip()]),
        len(re.findall(r"[.!?;](?:\s|$)", pair.response)),
    )
    return f"{asked} questions, {given} answers" if given < asked / 2 or len(pair.words) < asked else None


SIGNALS = (
    Signal(
        "wrong_numbering",
        "A numbered list skips or repeats numbers.",
        "FastChat filter_wrong_format",
        False,
        _numbering,
        ("1. ", "1) ", "2. ", "2) "),
    ),
    Signal(
        "wrong_count",
        "The answer lists more or fewer items than were asked for.",
        "own; IFEval (Zhou et al. 2023) for instructions that can be checked",
        False,
        _count,
        prompt_triggers=tuple(f" {n} " for n in (*range(2, 21), *list(_NUMBERS)[2:])),
    ),
    Signal(
        "unanswered_part",
        "The prompt has several numbered questions, and less than half are answered.",
        "own",
        False,
        _unanswered,
        prompt_triggers=("?\n",),
    ),
)
