"""Untrusted text as HTML: escaped, and with the characters that nobody sees made visible."""

from __future__ import annotations

import html
import re
import unicodedata

_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and symbols that draw nothing, though Unicode does not class them as hidden."""


def is_hidden(character: str) -> bool:
    """Whether a character draws nothing, or changes how its neighbours are drawn.

    Controls other than line feed and tab, format characters (zero width, bidirectional, tags), line and
    paragraph separators, lone surrogates, private use, and blanks that count as letters.
    """
    if character in "\n\t":
        return False
    return character in _BLANKS or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


_HIDDEN = re.compile("([^\x20-\x7e\n\t])\\1*")


def shown(text: str) -> str:
    """Text as HTML that says what it holds: markup is escaped, hidden characters stand as code points."""
    return _HIDDEN.sub(_mark, html.escape(text))


def _mark(match: re.Match[str]) -> str:
    character = match[1]
    if not is_hidden(character):
        return match[0]
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "control character")
    times = f" ×{len(match[0])}" if len(match[0]) > 1 else ""
    return f'<span class="hidden" title="{name}">{code}{times}</span>'


def shorten(text: str, limit: int) -> str:
    """The first `limit` characters with line breaks as spaces, and an ellipsis where something was cut."""
    line = " ".join(text[: limit * 4].split())
    return line if len(line) <= limit and len(text) <= limit * 4 else line[:limit].rstrip() + " …"


def cut(text: str, limit: int) -> str:
    """Text as HTML, at most `limit` characters, with the number of those left out."""
    if len(text) <= limit:
        return shown(text)
    return f'{shown(text[:limit])}<span class="more"> … {number(len(text) - limit)} more characters</span>'


def number(value: float) -> str:
    """A count with thousands separators."""
    return f"{value:,.0f}"


def share(part: float, whole: float) -> str:
    """A share in per cent; small ones keep a digit, and none but the true nought is 0 %."""
    if not whole or not part:
        return "0 %"
    percent = 100 * part / whole
    if percent < 0.1:
        return "< 0.1 %"
    return f"{percent:.1f} %" if percent < 99.95 or part == whole else "99.9 %"
