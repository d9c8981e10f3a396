"""Texts as words for comparing: numbers, operators, negations and the small words that carry little."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

_SIGNS = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(
    r"\d+(?:[.,:/]\d+)*%?|(?<!\w)[a-z](?=\d)|" + rf"[^\W\d_{_SIGNS}](?:[^\W{_SIGNS}]|')*|[{_SIGNS}]|"
    r"[<>=!]=|&&|\|\||(?<=[\w) ])[<>=%^](?=[\w( ])|(?<=[\w)]) ?[*/+] ?(?=[\w(])|[$\u20ac\u00a3\u00a5\u00b0]"
)
"""Numbers, a letter before a number ("x3"), words, operators; signs of Chinese, Japanese and Korean one by
one."""
_CJK = re.compile(f"[{_SIGNS}]")
_NUMBER_WORDS: dict[str, str] = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
}
NEGATIONS = frozenset(
    """
    not no never none nothing nobody neither nor without hardly except unless nicht kein keine keinen
    keiner nie niemals ohne ne pas jamais sans aucun aucune nunca sin ninguno ninguna jamás не нет
    никогда без non mai senza 不 没 沒 无 無 未 非 لا ليس لم لن
    """.split()
)
UNITS = frozenset(
    """
    millisecond second minute hour day week month quarter year decade century mm cm m km millimeter
    centimeter meter kilometer millimetre centimetre metre kilometre inch inches foot feet yard mile mg g kg
    milligram gram kilogram ton tonne ounce oz pound lb ml l liter litre gallon cup tablespoon teaspoon
    celsius fahrenheit kelvin dollar euro cent pence rupee yen percent byte kb mb gb tb kilobyte megabyte
    gigabyte watt volt word sentence paragraph page line point degree
    """.split()
)
"""Units in the singular: another one makes another quantity."""
SMALL = frozenset(
    """
    a an the of to at by for from with as is are was were be been am do does did has have had 
    but it its this that these those i you he she we they me my your his her our their them us
    what which who how when where why will would can could should may might must so than there
    here also just very please into about s t d ll re ve m der die
    das den dem des ein eine einen ist sind zu im mit von für auf le la les un une des 
    est de du en el los las una es que
    """.split()
)


def tokens(text: str) -> list[str]:
    """Words, numbers and operators of a normal form; number words up to twelve as digits."""
    found: list[str] = _TOKEN.findall(text)
    return [_NUMBER_WORDS.get(t, t) if t[0] not in _SPECIAL else _token(t) for t in found]


_SPECIAL = frozenset("0123456789 */+")


def _token(token: str) -> str:
    """A number without thousands separators, an operator without spaces."""
    if "," in token:
        return token.rstrip(".,:/").replace(",", "")
    return token.strip()


_SPAN = re.compile(r"`([^`]{1,200})`")
_NAME_HINT = re.compile(r"[a-z][A-Z]|[A-Za-z][_.][A-Za-z]|::|->")
_NAME = re.compile(r"_*[A-Za-z]\w*(?:(?:\.|::|->)_*[A-Za-z]\w*)*")


def may_hold_code(texts: Sequence[str]) -> np.ndarray:
    """Which texts may hold code tokens, shape (n_texts,), bool: a quick look that misses none."""
    kinds = _KINDS[np.frombuffer("\n\n".join([*texts, "", ""]).encode("ascii", "replace"), np.uint8)]
    first, second, third = kinds[:-2], kinds[1:-1], kinds[2:]
    telling = (first & _SMALL_LETTER) & (second >> 1)
    telling |= ((first & _ANY_LETTER) != 0) & ((second & _MARK) != 0) & ((third & _ANY_LETTER) != 0)
    starts = np.cumsum([0, *(len(t) + 2 for t in texts[:-1])])
    found = np.maximum.reduceat(telling, starts) != 0 if texts else np.zeros(0, bool)
    return found | np.array(["`" in t or "::" in t or "->" in t for t in texts], bool)


_SMALL_LETTER, _CAPITAL, _MARK = 1, 2, 4
_ANY_LETTER = _SMALL_LETTER | _CAPITAL
_KINDS = np.array(
    [
        _SMALL_LETTER if 97 <= c < 123 else _CAPITAL if 65 <= c < 91 else _MARK if chr(c) in "_." else 0
        for c in range(256)
    ],
    np.uint8,
)


def code_tokens(text: str) -> list[str]:
    """What a text, not normalised, holds of code: spans in backticks, dotted, camel and snake case names."""
    found: list[str] = []
    if "`" in text:
        found = ["".join(span.split()) for span in _SPAN.findall(text)]
        text = _SPAN.sub(" ", text)
    if _NAME_HINT.search(text):
        found += [name for name in _NAME.findall(text) if _is_of_code(name)]
    return [token.casefold() for token in found]


def _is_of_code(name: str) -> bool:
    """Whether a name is dotted, snake case or camel case; a word is all small, all capital, or a title."""
    if "_" in name or "." in name or ":" in name or ">" in name:
        return True
    return not (name.islower() or name.isupper() or name.istitle())


def is_number(token: str) -> bool:
    """Whether a token is a number."""
    return token[0].isdigit()


def is_operator(token: str) -> bool:
    """Whether a token is an operator or a unit sign."""
    return not token[0].isalnum() and not _CJK.match(token)
