"""Answers that stop too early: how the end of a text looks, weighed by a small logistic model."""

from __future__ import annotations

import functools
import json
import math
import re
import statistics
from pathlib import Path

from .base import ASKS_CODE, PROMPT_GROUPS, Pair, Signal
from .words import beginnings, english_words

MIN_WORDS = 4
SURE = 9.0
"""Log odds of an answer that ends with the number of an item that is not there."""
WEIGHTS = Path(__file__).with_name("truncation.json")
FEATURES = (
    *(
        "dangling_mark",
        "function_word",
        "unknown_word",
        "part_of_word",
        "short_word",
        "name",
        "part_of_name",
        "last_line",
        "sentences_before",
    ),
    *(
        "listed",
        "lone_line",
        "long_item",
        "open_bracket",
        "short_text",
        "ends_in_digit",
        "commas",
        "lines_end_bare",
        "lines_end_full",
        "comma_list",
        "starts_low",
        "begins_seen_word",
    ),
)
"""What `end_features` measures, in order."""
_CLOSED = frozenset(".!?。！？…؟।॥\"”’»)]}*`_~>」』）】》'|;$%#@&©®™✓✅" + "।։።")
_FUNCTION = frozenset(
    "and or the a an of to in for with that is are was were by from as at on but because which who whose "
    "than into their its his her our your my this these those "
    "be been being has have had will would can could should may might must not if when while where how such "
    "each every between about over under after before through "
    "during without within also very more most some any all both either neither nor so then they we he she "
    "you i "
    "und oder der die das ein eine einen dem den des zu mit für von auf ist sind war als wie dass nicht im "
    "am bei "
    "et ou le la les un une de du des à dans pour avec que qui est sont sur par en au aux ce cette "
    "y o el los las del que en con por para es son su una como al se".split()
)
_SHORT = frozenset(
    "it me us up so go do no on in be he we ok tv pc ai uk us eu un am pm ad bc id ph cm mm kg km ml mg hz "
    "oz lb ft mb gb hr mr x y z n a b c d e m s g l vs ii iv vi ix xi cd dj".split()
)
_SENTENCE_END = re.compile(r"[.!?](?=\s)|[。！？]")
_ITEM = re.compile(r"\s*(?:[-*•]|\d{1,3}[.)]|[a-zA-Z][.)])\s+")
_NUMBERED = re.compile(r"\(?1[.)].*\b2[.)]")
_BARE_MARKER = re.compile(r"(?:\n\s*|[:;,]\s+)(?:\(?\d{1,2}[.)]|[-*•])\s*$")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+$|\S+@\S+$|\w\.[a-z]{2,4}$|(?:[:;=]-?[DPOpo3/\\]|\b[xX]D+|<3|\b(?:ha|he|ah|"
    r"lo)(?:ha|he|l)+)$"
)
_WORD = re.compile(r"[^\W\d_]+$")
_ANY_WORD = re.compile(r"[^\W\d_]{4,}")
_CONTINUES = re.compile(
    r"\b(?:complete|continue|finish|fill|next word|prefix|title|headline|keyword|tag|hashtag|name\b|slogan|"
    r"tagline|label|classif\w*|categor\w*|extract|caption|phrase|word\b)",
    re.I,
)


def end_features(response: str, prompt: str) -> list[float] | None:
    """How the end of an answer looks, by `FEATURES`; None where it has an end."""
    text = response.rstrip()
    if (
        len(text) < 12
        or text[-1] in _CLOSED
        or not any(map(str.isalnum, text[-6:]))
        or text[-1] in ":："
        or (ord(text[-1]) > 0x2100 and not text[-1].isalnum())
    ):
        return None
    if text.split()[-1][0] in "#@" or _ADDRESS.search(text[-80:]):
        return None
    lines = [line for line in text.split("\n") if line.strip()]
    last, others = lines[-1], lines[:-1]
    words = last.split()
    word = _WORD.search(text)
    final = word.group() if word else ""
    low = final.lower()
    known = english_words()
    near = [w.strip(".,;:!?()'\"").lower() for w in text[-120:].split()[:-1]]
    english = not near or sum(w in known for w in near) >= 0.6 * len(near)
    unknown = bool(final) and english and low not in known and low.isascii() and len(low) > 2
    ended = sum(line.rstrip()[-1] in _CLOSED for line in others)
    size = statistics.median(map(len, others)) if others else len(last)
    commas = last.count(",")
    return [
        float(text[-1] in ",;-–—(/&、，"),
        float(low in _FUNCTION and len(words) > 2),
        float(unknown and final.islower()),
        float(unknown and final.islower() and low in beginnings()),
        float(0 < len(low) <= 2 and final.islower() and low not in _SHORT and english),
        float(final[:1].isupper()),
        float(unknown and not final.islower() and low in beginnings()),
        math.log1p(len(words)) if " " in last else math.log1p(len(last) / 5),
        float(min(len(_SENTENCE_END.findall(text)), 3)),
        float(_ITEM.match(last) is not None),
        float(not others),
        max(-2.0, min(2.0, math.log((len(last) + 1) / (size + 1)))),
        float(text.count("(") > text.count(")") or text.count('"') % 2 or text.count("[") > text.count("]")),
        float(len(text) < 60),
        float(text[-1].isdigit()),
        min(commas / max(len(words), 1), 0.5),
        float(len(others) > 1 and ended == 0),
        float(ended / len(others)) if others else 0.0,
        float(commas > 1 and len(words) <= 3 * (commas + 1)),
        float(text[:1].islower()),
        float(_begins_seen(low, prompt, text)),
    ]


def _begins_seen(word: str, prompt: str, text: str) -> bool:
    """Whether a word of the prompt, or an earlier one of the answer, begins with a last word."""
    if len(word) < 2:
        return False
    asked, told = prompt[-2000:].lower(), text[-2000 : -len(word)].lower()
    if word not in asked and word not in told:
        return False
    seen = {*_ANY_WORD.findall(asked), *_ANY_WORD.findall(told)}
    return word not in seen and any(len(w) > len(word) + 1 and w.startswith(word) for w in seen)


def ends_in_list(response: str) -> bool:
    """Whether an answer ends as a list, an equation or a phrase does, rather than as a sentence."""
    text = response.rstrip()
    start = text.rfind("\n") + 1
    last = text[start:]
    words, commas = last.count(" ") + 1, last.count(",")
    if words < 6 and (start > 0 or text[-1:] not in _CLOSED):
        return True
    if (commas > 1 and words <= 3 * (commas + 1)) or "=" in last:
        return True
    return _ITEM.match(last) is not None or _NUMBERED.match(last) is not None


@functools.cache
def _weights(kind: str) -> tuple[list[float], float]:
    told = json.loads(WEIGHTS.read_text(encoding="utf-8"))[kind]
    return [told["weights"][name] for name in FEATURES], told["bias"]


def cut_score(pair: Pair) -> float | None:
    """Log odds that an answer was cut, to three digits; None where its end is one, or where it is code."""
    text = pair.response.rstrip()
    numbered = text[-1:] in ".)" and text[-2:-1].isdigit() and _BARE_MARKER.search(text[-8:])
    if text[-1:] in _CLOSED and not numbered:
        return None
    if (
        len(text) < 12
        or len(pair.words) < MIN_WORDS
        or pair.is_code
        or "```" in text
        or (len(pair.words) < 5 and _CONTINUES.search(pair.prompt))
    ):
        return None
    if numbered:
        return None if pair.asks_code or len(text) < 30 else SURE
    found = None if pair.lower.strip() in pair.prompt_lower else end_features(text, pair.prompt)
    if found is None:
        return None
    weights, bias = _weights("list" if ends_in_list(text) else "prose")
    return round(
        bias + sum(w * f for w, f in zip(weights, found, strict=True)) - (2.5 if pair.asks_code else 0.0), 3
    )


def _open_bracket(pair: Pair) -> str | None:
    """Code that stops inside a block; strings and comments are not told apart, so two have to be open."""
    text = pair.response
    missing = text.count("{") - text.count("}")
    ends_open = text.rstrip()[-1:] in "({[,=+&|"
    stops = (missing >= 1 and (ends_open or missing >= 2)) or (ends_open and missing >= 0 and len(text) > 60)
    return f"{missing} braces are never closed" if stops and pair.asks_code and pair.is_code else None


SIGNALS = (
    Signal(
        "truncated_code",
        "The code stops inside a block.",
        "own",
        False,
        _open_bracket,
        prompt_triggers=PROMPT_GROUPS[ASKS_CODE],
    ),
)
