"""Answers whose form is not what it should be: JSON, Python, lists, counts, letters."""

from __future__ import annotations

import ast
import json
import re
import textwrap
import warnings

from .base import Pair, Signal, excerpt

MAX_PARSED = 20_000  # characters of code or JSON that are parsed
_ASKS_JSON = re.compile(
    r"\b(?:in|as|to|into|valid|output|return|respond(?: only)? (?:with|in)|reply(?: only)? (?:with|in)|"
    r"produce|generate|create|format\w*|only|a|an)\b[^.\n]{0,30}\bjson\b",
    re.IGNORECASE,
)
_NO_JSON = re.compile(
    r"javascript|\bjs\b|python|java\b|php|ruby|c#|golang|code|function|program|script|parse|schema|explain|"
    r"what is|difference|command|curl|library|yaml|xml to|class",
    re.IGNORECASE,
)
_FENCE = re.compile(r"```[ \t]*([\w+#-]*)[^\n`]*\n(.*?)(?:```|\Z)", re.DOTALL)
_PYTHON = re.compile(
    r"^(?:from [\w.]+ import |import \w+|def \w+\(.*|class \w+.*:|@\w+|if __name__)", re.MULTILINE
)
_OTHER_CODE = re.compile(
    r"[{};]\s*$|^\s*(?:function|const|let|var|public|private|#include|package|end)\b|=>|\$\w+", re.MULTILINE
)
_PYTHON_2 = re.compile(
    r"^\s*(?:print\s+[^(=\s]|print\s*$|exec\s+['\"]|raise \w+, )|except \w+, \w+:|\bxrange\(|\braw_input\(|"
    r">>> |^In \[|^\s*[%!]\w+|<>",
    re.MULTILINE,
)
_PRINT = re.compile(r"print(?:\s|\Z)")
_NOT_PYTHON_3 = ("exec", "raise ", "except ", "xrange(", "raw_input(", ">>> ", "In [", "%", "!", "<>")
_LEFT_OUT = re.compile(r"^\s*\.\.\.|[^.]\.\.\.$|<\w+>", re.MULTILINE)
_WANTS_CAPITALS = re.compile(
    r"capital|upper ?case|all caps|acronym|abbreviat|initials|shout|morse|headline|cipher|encrypt|dna|"
    r"sequence|licen[cs]e|sign\b|heading|encode|code|convert|sql|stock|ticker|title|poster|slogan|rna|decode",
    re.IGNORECASE,
)


def _json(pair: Pair) -> str | None:
    fences = [body for tag, body in _FENCE.findall(pair.response) if tag.lower() == "json"]
    asked = _ASKS_JSON.search(pair.prompt) is not None and not _NO_JSON.search(pair.prompt)
    text = pair.response.strip()
    bodies = fences or ([text] if asked and text[:1] in "{[" else [])
    for body in bodies:
        trouble = _json_trouble(body.strip())
        if trouble:
            return trouble
    if (
        asked
        and not bodies
        and "{" not in text
        and "[" not in text
        and re.search(r"(?:in|as|valid|only)\s+(?:an? )?json", pair.prompt, re.I)
    ):
        return "JSON was asked for, and there is none"
    return None


def _json_trouble(text: str) -> str | None:
    """What a JSON reader says of a text; several values, comments and dots for left-out parts pass."""
    if not text or len(text) > MAX_PARSED or "..." in text or "//" in text or "/*" in text:
        return None
    try:
        decoder, place = json.JSONDecoder(strict=False), 0
        while place < len(text):
            _, place = decoder.raw_decode(text, place)
            rest = text[place:].lstrip(" \t\r\n,")
            if rest[:1] not in ("{", "["):
                return None
            place = len(text) - len(rest)
    except (ValueError, RecursionError) as error:
        return f"JSON does not parse: {str(error)[:60]}"
    return None


def _python(pair: Pair) -> str | None:
    marked = (
        [body for tag, body in _FENCE.findall(pair.response) if tag.lower() in ("python", "py", "python3")]
        if "```" in pair.response
        else []
    )
    if (
        not marked
        and "```" not in pair.response
        and "python" in pair.prompt_lower
        and _PYTHON.search(pair.response)
        and not _has_prose(pair.response)
    ):
        marked = [pair.response]
    for body in marked:
        trouble = _python_trouble(body)
        if trouble:
            return trouble
    return None


def _has_prose(text: str) -> bool:
    return (
        re.search(
            r"^(?!\s*#)[A-Z][\w ,'’-]{25,}[.:]?\s*$|^(?:output|input|example|explanation|note|answer|"
            r"here)\b.{0,40}:?\s*$",
            text,
            re.MULTILINE | re.IGNORECASE,
        )
        is not None
    )


def _may_be_python_2(code: str) -> bool:
    return any(map(code.__contains__, _NOT_PYTHON_3)) or _PRINT.search(code) is not None


def _python_trouble(code: str) -> str | None:
    """What the parser says of Python code, never run; Python 2, shells and snippets with dots pass."""
    if (
        len(code) > MAX_PARSED
        or "\x00" in code
        or (_may_be_python_2(code) and _PYTHON_2.search(code))
        or (("..." in code or "<" in code) and _LEFT_OUT.search(code))
    ):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(textwrap.dedent(code).strip("\n"))
    except SyntaxError as error:
        if "await" in code or "return' outside" in str(error):
            return None
        return f"Python does not parse: {error.msg}, line {error.lineno}"
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def _fence(pair: Pair) -> str | None:
    count = len(re.findall(r"(?m)^\s*(?:```|~~~)", pair.response))
    return f"{count} code fences" if count % 2 else None


def _shouting(pair: Pair) -> str | None:
    head = pair.response[:240]
    if not head.isupper() or pair.prompt.isupper() or _WANTS_CAPITALS.search(pair.prompt) or pair.is_code:
        return None
    words = re.findall(r"[^\W\d_]{2,}", head)
    loud = [word for word in words if word.isupper()]
    return excerpt(head) if len(loud) >= 5 and len(loud) > 0.8 * len(words) else None


def _symbols(pair: Pair) -> str | None:
    text = pair.response
    hashes, dots = text.count("#"), text.count("...") + text.count("…")
    marks = text.count("!!!") + text.count("???")
    if (
        hashes + dots + marks < 4
        or len(pair.words) < 30
        or pair.is_code
        or pair.asks_code
        or re.search(r"hashtag|tweet|instagram|social|markdown|post|twitter", pair.prompt, re.I)
    ):
        return None
    hashes -= len(re.findall(r"(?m)^#+ ", text))
    for name, n in (("'#'", hashes), ("ellipses", dots), ("'!!!' or '???'", 2 * marks)):
        if n > 0.1 * len(pair.words):
            return f"{n} {name} in {len(pair.words)} words"
    return None


SIGNALS = (
    Signal(
        "invalid_json",
        "JSON was asked for or announced, and it does not parse.",
        "own; RFC 8259",
        False,
        _json,
        ("json",),
        ("json",),
    ),
    Signal(
        "invalid_python",
        "Python code does not parse; it is never run.",
        "own; the grammar of Python 3",
        False,
        _python,
        ("python", "```py"),
        ("python",),
    ),
    Signal(
        "open_code_fence",
        "A code block is opened and never closed.",
        "own; CommonMark",
        False,
        _fence,
        ("```", "~~~"),
    ),
    Signal(
        "shouting",
        "The whole answer is in capital letters.",
        "own; C4-like heuristics on case",
        False,
        _shouting,
    ),
    Signal(
        "symbol_noise",
        "More than a tenth of the words are hash signs, ellipses or doubled marks.",
        "Rae et al. 2021 (Gopher): symbol to word ratio 0.1",
        False,
        _symbols,
        ("#", "...", "…", "!!!", "???"),
    ),
)
