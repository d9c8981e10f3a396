"""Phone numbers: by their form where the form says it, else by a word before them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .checksums import digits_of
from .spans import Span
from .windows import Window, names_a_thing

_END = r"(?![A-Za-z0-9_/=@]|-(?!(?i:office|fax|mobile|cell|home|work|desk))\w|[.,]\d|\s?[=*/^]|\s[+-]\s?\d)"
_EXT = r"(?: ?(?:x|ext\.?|extension|Durchwahl) ?\d{1,5})?"
_INTERNATIONAL = re.compile(
    r"(?<![A-Za-z0-9_+.*/=)-])(?:\+|(?<!\d )00(?=[1-9]\d[ (./-]))[1-9]\d{0,2}[ \u00a0./-]?(?:\(0?\d{0,4}"
    r"\)[ ./-]?)?"
    r"\d(?:[ \u00a0./\u2010\u2011-]?\(?\d\)?){5,12}" + _EXT + _END
)
_COUNTRIES = frozenset(
    """1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66
    81 82 84 86 90 91 92 93 94 95 98 211 212 213 216 218""".split()
) | frozenset(
    f"{p}{d}"
    for p in (22, 23, 24, 25, 26, 29, 35, 37, 38, 42, 50, 59, 67, 68, 69, 80, 85, 88, 96, 97, 99)
    for d in range(10)
)
"""Source: ITU-T E.164, country codes."""

_NATIONAL = re.compile(
    r"(?<![A-Za-z0-9_+.,*/=$€£#:-])(?:(?<!\d )|(?=\())(?:"
    r"(?:\+?1[ .-]?)?\([2-9]\d{2}\) ?[2-9]\d{2}[ .-]\d{4}|(?:\+?1[ .-])?[2-9]\d{2}([.-])"
    r"[2-9]\d{2}\1\d{4}"  # North America
    r"|0[1-9](?:([ .-])\d{2})(?:\2\d{2}){3}"  # France
    r"|0[1-37]\d{2,3} \d{3} ?\d{3,4}|\(?0[12]\d{1,3}\)? \d{3,4} \d{4}"  # United Kingdom
    r"|\(0[1-9]\d{1,4}\) ?\d{3,8}|0[1-9]\d{1,4}/\d{4,9}|0[2-9]\d{1,3}[ -]\d{3,8}-\d{1,4}"  # Germany, Austria
    r"|01[5-7]\d[ /-]\d{7,8}|01[5-7]\d(?: \d{2,4}){2,4}"  # German mobile
    r"|04\d{2} \d{3} \d{3}|\(0[2378]\) \d{4} \d{4}"  # Australia
    r"|\(\d{2}\) ?9?\d{4}-\d{4}"  # Brazil
    r"|0\d{1,3}-\d{2,4}-\d{4}"  # Japan, Korea
    r"|0\d{2} \d{3} \d{2} \d{2}"  # Switzerland
    r"|06[ -]\d{8}|06(?:[ -]\d{2}){4}"  # Netherlands
    r"|8[ -]?\(\d{3}\)[ -]?\d{3}-\d{2}-\d{2}"  # Russia
    r")" + _EXT + _END
)
_SPOKEN = re.compile(
    r"(?<![A-Za-z0-9_+.,*/=$€£-])(?:#\s?)?(\(?\d{1,4}\)?(?:[ \u00a0./\u2010\u2011-]{0,2}\(?\d{1,4}\)?){1,6}"
    + _EXT
    + r")"
    + _END
)
_WORDS = re.compile(
    r"\b(?:tele)?(?:phones?|fono)\b|\btel[.:)]?\b|\bcell\b|\bmobiles?\b|\bcall(?:ed|ing)?\b|\bfax\b|"
    r"\btext(?:ed)? (?:me|him|"
    r"her|us)|whats ?app|\breach|\bring (?:me|us)|\bdial|answer(?:ing)? (?:at|on)\b|\bsms\b|\bcontact\b|"
    r"\bregistered\b|\bdesk:|\boffice:|messages? to|"
    r"\bhotline|\bcallback|telefon|téléph|teléf|\bhandy|\brufnummer|\bportable\b|\bcelular|\bmóvil|"
    r"\bmovil|\bcellulare|"
    r"\bnumero di\b|\bnúmero\b|\bnuméro\b|\bappel|\bllám|\bllam|\bligue|\bchiam|telefoon|puhelin|"
    r"\btlf\b|телефон|номер|"
    r"звони|手机|电话|電話|手機|携帯|전화|फ़ोन|फोन|هاتف",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s*[-(]?\s*\\?,?\s*(?:office|mobile|fax|cell|home|work|desk)\b|\s+is (?:my|his|her|"
    r"our|their|the) (?:\w+ )?(?:cell|phone|mobile|number|landline|line)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{4}[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ](?:\d{4}|\d{2})|(?:19|20)"
    r"\d{2}\s?[-/]\s?(?:19|20)\d{2}"
)
_RESERVED = re.compile(r"555(?:01\d\d|01\d{5})$")
"""What North America keeps for fiction; people write such numbers where they mean a real one."""
_TOLL_FREE = re.compile(r"1?8(?:00|33|44|55|66|77|88)\d{7}$")
"""Numbers of companies and hot lines in North America."""
_DUMMY = re.compile(r"(\d)\1{5,}|0123456789|1234567890|2345678901|9876543210|^1?555|^1?123456")


def phones(text: str, windows: Sequence[Window]) -> Iterator[Span]:
    """Phone numbers of many countries, and any digits that a word calls a phone number."""
    for low, high in windows:
        for found in _INTERNATIONAL.finditer(text, low, high):
            if _international(found[0]) and not _is_summand(text, found.start(), found[0]):
                yield _trimmed(text, *found.span())
        for found in _NATIONAL.finditer(text, low, high):
            if _can_be_somebodys(found[0]) and not names_a_thing(text, found.start()):
                yield _trimmed(text, *found.span())
        for found in _SPOKEN.finditer(text, low, high):
            start, end = found.span(1)
            length = len(_subscriber(found[1]))
            balanced = found[1].count("(") == found[1].count(")")
            if 7 <= length <= 13 and balanced and _can_be_somebodys(found[1]) and _said(text, start, end):
                yield _trimmed(text, start, end)


def _subscriber(number: str) -> str:
    """The digits without an extension."""
    return digits_of(re.split(r" ?(?:x|ext|Durchwahl)", number)[0])


def _international(number: str) -> bool:
    digits = _subscriber(number).removeprefix("00")
    known = any(digits[:n] in _COUNTRIES for n in (1, 2, 3))
    return known and 8 <= len(digits) <= 15 and _is_not_made_up(digits)


def _is_summand(text: str, start: int, number: str) -> bool:
    return number[1:].isdigit() and text[:start].rstrip()[-1:].isdigit()


def _can_be_somebodys(number: str) -> bool:
    return _DATE.fullmatch(number) is None and _is_not_made_up(_subscriber(number))


def _is_not_made_up(digits: str) -> bool:
    """Whether no sequence, not of two digits alone, and no company's number; fiction's own numbers count."""
    if _RESERVED.search(digits):
        return True
    return len(set(digits)) > 2 and not _DUMMY.search(digits) and not _TOLL_FREE.match(digits)


def _said(text: str, start: int, end: int) -> bool:
    """Whether a word up to 40 characters before, with no other number between, or right after says phone."""
    before = text[max(0, start - 40) : start]
    words = list(_WORDS.finditer(before))
    if words and not re.search(r"\d{5}|[{;<]|def |\(\)", before[words[-1].end() :]):
        return not names_a_thing(text, start)
    return _AFTER.match(text, end) is not None


def _trimmed(text: str, start: int, end: int) -> Span:
    """The number with an opening bracket of its own, and without blanks at its ends."""
    while text[start] in " .-/":
        start += 1
    while text[end - 1] in " .-/(":
        end -= 1
    return Span(start, end, "phone")
