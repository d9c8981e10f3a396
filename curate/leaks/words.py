"""A text as the words that are compared: whatever wraps, spaces, escapes or decorates them is gone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from ..compare.normal_form import normal_form

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"\d+(?:[.,]\d+)*|[{_CJK}]|[^\W\d_{_CJK}]+")
_ASCII_WORD = re.compile(r"[a-z]+|\d+(?:[.,]\d+)*")
_OPERATION = re.compile(r"(?<=[\d)]) ?[-+*/^=<>%] ?(?=[\d(])|(?<=[a-z]) ?[+*/^=<>] ?(?=[a-z\d(])")
_MARK = re.compile("[\u0300-\u036f]")
_ESCAPE = re.compile(
    r"\\+(?:u(?P<code>[0-9a-fA-F]{4})|(?P<quote>[\"'/])|"
    # Commands of LaTeX that begin like an escape stay as they are.
    r"n(?!(?:abla|eq?|u|ot|otin|leq|geq|mid|i|ewline|ewcommand|rightarrow)(?![a-zA-Z]))|"
    r"t(?!(?:imes|ext[a-z]*|heta|an|au|o|riangle[a-z]*|op|ilde|frac|binom|herefore)(?![a-zA-Z]))|"
    r"r(?!(?:ight[a-z]*|ho|m|angle|ceil|floor)(?![a-zA-Z])))"
)
# Letters of other scripts that look like Latin ones. Source: Unicode TR 39 confusables, single letters.
_LOOKS_LATIN = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u03bf\u03b1\u03b9\u03bd\u03c1\u03c5\u03ba\u03c7",
    "aeopcyxijshdoaivpukx",
)
_LATIN = re.compile("[a-z]")
_LOOK_ALIKE = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_NAMED = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty"
)
_NUMBERS = {word: str(number) for number, word in enumerate(_NAMED.split())}
_NUMBERS |= {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80"}
_NUMBERS |= {"ninety": "90"}


def unescaped(text: str) -> str:
    r"""The text without the escapes of JSON: `\n`, `\"`, `\u00e9`, doubled or not."""
    return _ESCAPE.sub(_meant, text) if "\\" in text else text


def _meant(match: re.Match[str]) -> str:
    if match["code"]:
        character = chr(int(match["code"], 16))
        return character if not "\ud800" <= character <= "\udfff" else " "
    return match["quote"] or "\n"


def words(text: str) -> list[str]:
    """Words and numbers of a text; numbers as their digits alone, number words up to twenty as digits.

    Texts that differ in case, spacing, punctuation, markdown, escapes, entities, accents, look-alike or
    invisible letters have the same words. Chinese, Japanese and Korean give a word a character.
    """
    text = normal_form(unescaped(text)).replace("'", "")
    if text.isascii():
        found = _ASCII_WORD.findall(text)
    else:
        if _LOOK_ALIKE.search(text) and len(_LATIN.findall(text)) > len(_LOOK_ALIKE.findall(text)):
            text = text.translate(_LOOKS_LATIN)  # words of look-alikes alone in a Latin text
        text = unicodedata.normalize("NFC", _MARK.sub("", unicodedata.normalize("NFD", text)))
        found = _WORD.findall(text)
    return [_NUMBERS.get(w) or w if w[0] > "9" else _digits(w) for w in found]


def _digits(number: str) -> str:
    return number if number.isdecimal() else number.replace(",", "").replace(".", "")


_ONE_CJK = re.compile(f"[{_CJK}]")
CJK_SIZE = 0.5


def size_of(word: str) -> float:
    """How much of a word it is: a character of Chinese, Japanese or Korean is about half of one."""
    return CJK_SIZE if len(word) == 1 and _ONE_CJK.match(word) else 1.0


def length_of(told: Iterable[str]) -> float:
    """How many words a text has, characters of Chinese, Japanese and Korean as half ones."""
    found = list(told)
    return float(len(found)) if "".join(found).isascii() else sum(map(size_of, found))


def is_number(word: str) -> bool:
    """Whether a word is a number."""
    return word[0].isdecimal()


def operations(text: str) -> list[str]:
    """The operators between the numbers and names of a text, in order."""
    return [o.strip() for o in _OPERATION.findall(normal_form(unescaped(text)))]
