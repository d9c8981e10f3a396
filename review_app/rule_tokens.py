"""The words and signs of a `--where` rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..schemas.errors import RecipeError

Fail = Callable[[str, str, int, str], RecipeError]

PATTERN = re.compile(
    r"""(?P<space>\s+)
      | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]))
      | (?P<name>[^\W\d]\w*(?:\.\w+)*)
      | (?P<sign>==|!=|<=|>=|<|>|\(|\)|\[|\]|,)""",
    re.VERBOSE | re.DOTALL,
)
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}
CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
WORDS = frozenset({"and", "or", "not", "in"})
SLIPS = {"=": "==", "&&": "and", "&": "and", "||": "or", "|": "or", "!": "not", "<>": "!=", "===": "=="}
MAX_INTEGER = 2**63 - 1


@dataclass(frozen=True)
class Token:
    """One word or sign: kind is value, field, word, sign or end; `at` is its place, from 0."""

    kind: str
    text: str
    at: int
    value: str | int | float | bool | None = None


def tokens(text: str, fail: Fail) -> list[Token]:
    """The tokens of a rule, with an end token last. Words are read without regard to case.

    Args:
        text: The rule.
        fail: Makes the error from what, text, place and fix.

    Raises:
        RecipeError: A character that starts no token.
    """
    lone = re.search("[\ud800-\udfff]", text)
    if lone:
        raise fail("the rule is not valid Unicode", ascii(text), lone.start(), "write the rule in UTF-8")
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = PATTERN.match(text, at)
        slip = _slip(text, at)
        if match is None or slip:
            raise _unreadable(text, at, slip, fail)
        at = match.end()
        if match.lastgroup != "space":
            found.append(_token(match, fail))
    return [*found, Token("end", "", len(text))]


def _token(match: re.Match[str], fail: Fail) -> Token:
    kind, text, at = match.lastgroup, match.group(), match.start()
    if kind == "sign":
        return Token("sign", text, at)
    if kind == "number":
        return Token("value", text, at, _number(text))
    if kind == "text":
        return Token("value", text, at, _text(match, fail))
    low = text.lower()
    if low in CONSTANTS:
        return Token("value", low, at, CONSTANTS[low])
    return Token("word", low, at) if low in WORDS else Token("field", text, at)


def _number(text: str) -> int | float:
    try:
        whole = int(text)
    except ValueError:
        return float(text)
    return whole if abs(whole) <= MAX_INTEGER else float(text)


def _text(match: re.Match[str], fail: Fail) -> str:
    def unescape(escape: re.Match[str]) -> str:
        code = escape.group(1)
        if len(code) == 5 and not 0xD800 <= int(code[1:], 16) <= 0xDFFF:
            return chr(int(code[1:], 16))
        if code not in ESCAPES:
            at = match.start() + 1 + escape.start()
            raise fail(f"unknown escape \\{code}", match.string, at, r"write \\ for a backslash")
        return ESCAPES[code]

    return ESCAPE.sub(unescape, match.group()[1:-1])


def _slip(text: str, at: int) -> str:
    """A sign of another language at this place, or ""."""
    signs = re.match(r"[=&|!<>]+", text[at : at + 4])
    return signs.group() if signs and signs.group() in SLIPS else ""


def _unreadable(text: str, at: int, slip: str, fail: Fail) -> RecipeError:
    if slip:
        return fail(f"{slip!r} is not a sign of this language", text, at, f"write: {SLIPS[slip]}")
    if text[at] in "'\"":
        return fail("the text is not closed", text, at, f"add {text[at]} at its end")
    return fail(
        f"{text[at]!r} is not expected here", text, at, "write FIELD OPERATOR VALUE, such as language == 'en'"
    )
