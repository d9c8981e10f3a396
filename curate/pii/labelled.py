"""Values that only the words before them tell apart: days of birth, passports, accounts, plates, devices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .checksums import digits_of, luhn, weighted
from .spans import Span

_MONTH = (
    r"(?:jan(?:uary|uar|uari|vier)?|feb(?:ruary|ruar|ruari)?|f[ée]vrier|mar(?:ch|s)?|märz|apr(?:il)?|"
    r"avril|ma[iy]|jun[ei]?|juin|"
    r"jul[iy]?|juillet|aug(?:ust|ustus)?|août|sep(?:t|tember|tembre)?|o[ck]t(?:ober|obre)?|nov(?:ember|"
    r"embre)?|de[cz](?:ember|embre)?|"
    r"déc(?:embre)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|"
    r"diciembre|gennaio|febbraio|"
    r"aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|janeiro|fevereiro|março|maio|junho|julho|"
    r"setembro|outubro|novembro|"
    r"dezembro)\b\.?"
)
_NUMERIC = (
    r"(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2}|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2}|(?:19|20)"
    r"\d{2}年\d{1,2}月\d{1,2}日|"
    r"\d{1,2}[./-]\d{1,2}[./-]\d{2}(?!\d)|\d{1,2}\.? (?:de )?"
    + _MONTH
    + r"(?: de)?,? (?:19|20)\d{2}|"
    + _MONTH
    + r" \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d{2}|\d{1,2}(?:st|nd|rd|th)(?: of)? "
    + _MONTH
    + r",? (?:19|20)\d{2}|"
    r"\d{1,2}[- ]" + _MONTH + r"[- ](?:19|20)?\d{2})"
)
_DAY = re.compile(rf"(?<![\w./-])(?i:{_NUMERIC})(?![\w/]|[.-]\d)")
_BIRTH_LABEL = re.compile(
    r"(?:\bd\.?o\.?b\b\.?|\bdate of birth|\bbirth ?dates?|\bbirthdays?|\bborn on file|\bgeburtsdatum|"
    r"\bgeburtstag|\bgeb\.|"
    r"date de naissance|fecha de nacimiento|data di nascita|data de nascimento|geboortedatum|födelsedatum|"
    r"data urodzenia|дата рождения|出生日期|出生|生年月日|생년월일)"
    r"(?: \([^()]{2,14}\))?[\s:=)\"'*-]*(?:is|was|ist|est|es|è|é|on|on file is|of|:|für|am|le|el|"
    r"il)?[\s:\"'*]*$",
    re.IGNORECASE,
)
_BORN = re.compile(
    r"\b(born|geboren|née?|nacid[oa]|nat[oa]|nascid[oa]|geboren am|geb)\b[\s:,]*(?:on|am|le|el|il|em|"
    r"the|in \w+ on|in \w+,)?[\s:]*(?:the )?$",
    re.IGNORECASE,
)
_THIRD = re.compile(r"(?:\b(?:was|were|is|wurde|fue|est|era)\s+|[(;] ?)$", re.IGNORECASE)
_FIRST_PERSON = re.compile(r"\b(?:i|ich|je|yo|eu|io|my (?:\w+ ){1,2})\b[\w' ]{0,12}$", re.IGNORECASE)
_PATIENT = re.compile(
    r"\b(?:patient|customer|client|applicant|employee|member|insured|my (?:son|daughter|wife|husband|"
    r"child)|holder|tenant|"
    r"account|caller|user|passenger|claimant|beneficiary)\b",
    re.IGNORECASE,
)
_BIOGRAPHY = re.compile(
    r"\bbirth ?(?:name|place)\b|-lrb-|\bnationality\b|\bgoals\b|\bclubs?\b|\bcareer\b|years active|"
    r"\bbio(?:graphy)?\b|\boccupation\b|"
    r"wikipedia|\bis an? (?:former|retired|\w+an|\w+ish|\w+ese) ",
    re.IGNORECASE,
)
BIRTH_LITERALS = (
    "born",
    "birth",
    "dob",
    "d.o.b",
    "geboren",
    "geburt",
    "geb.",
    "naissance",
    "né le",
    "née le",
    "nacimiento",
    "nacid",
    "nascita",
    "nato",
    "nata",
    "nascimento",
    "nascid",
    "geboortedatum",
    "födelsedatum",
    "urodzenia",
    "рождения",
    "出生",
    "生年月日",
    "생년월일",
)


_BIRTH_WORD = re.compile("|".join(map(re.escape, BIRTH_LITERALS)), re.IGNORECASE)
_REACH_CHARS = 70


def births(text: str) -> Iterator[Span]:
    """Days that the words before them call somebody's day of birth; those of encyclopedias stay."""
    for found in _days_after(text):
        start, end = found.span()
        if int((re.findall(r"(?:19|20)\d\d", found[0]) or ["1950"])[0]) < 1915:
            continue
        before = text[max(0, start - 50) : start]
        if re.search(r"[A-Za-z]{3}", found[0]) and _BIOGRAPHY.search(text) and not _PATIENT.search(before):
            continue
        if _BIRTH_LABEL.search(before) or _is_born(before, found[0]):
            yield Span(start, end, "date_of_birth")


def _days_after(text: str) -> Iterator[re.Match[str]]:
    """Days shortly after a word about birth."""
    done = 0
    for word in _BIRTH_WORD.finditer(text):
        for found in _DAY.finditer(text, max(done, word.end()), min(len(text), word.end() + _REACH_CHARS)):
            done = found.end()
            yield found


def _is_born(before: str, day: str) -> bool:
    born = _BORN.search(before)
    if born is None:
        return False
    head = before[: born.start()]
    if _THIRD.search(head):
        return bool(_FIRST_PERSON.search(_THIRD.sub("", head)) or _PATIENT.search(head))
    return (
        not re.search(r"[A-Za-z]{3}", day)
        or not re.search(r"\b[A-Z]\w+ [A-Z]\w+,? $", head)
        or bool(_PATIENT.search(before))
    )


class Labelled(NamedTuple):
    """A value with its label right before it; the pattern's group is the value."""

    kind: str
    literals: tuple[str, ...]
    pattern: re.Pattern[str]
    valid: Callable[[str], bool]


def _has_digit(value: str) -> bool:
    digits = digits_of(value)
    return len(digits) >= 3 and len(set(digits)) > 2 and digits not in "01234567890123456789"


def aba_routing(value: str) -> bool:
    """The check digit of a bank in the United States; American Bankers Association."""
    digits = digits_of(value)
    return _has_digit(value) and weighted(digits, (3, 7, 1) * 3) % 10 == 0


def vehicle(value: str) -> bool:
    """A VIN's check digit in place 9, as in North America; ISO 3779, 49 CFR 565."""
    table = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
    digits = "".join(table.get(c, c) for c in value.upper())
    return (
        "0123456789X"[weighted(digits, (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)) % 11]
        == value[8].upper()
    )


def _labelled(
    kind: str, literals: str, label: str, value: str, valid: Callable[[str], bool] = _has_digit
) -> Labelled:
    link = (
        r"(?:\s+(?:number|no\.?|num|nr\.?|id|code|#|plate))*\s*(?:[:#=]|is|was|ist|est|es|are|=>)*\s*['\"]?"
    )
    pattern = re.compile(rf"\b(?i:{label})(?i:{link})({value})(?![\w@]|-\w|\.\d|\()")
    return Labelled(kind, tuple(literals.split("|")), pattern, valid)


LABELLED: tuple[Labelled, ...] = (
    _labelled(
        "passport",
        "passport|reisepass|passeport|pasaporte|passaporto",
        r"passports?|reisepass(?:nummer)?|passeport|pasaporte|passaporto",
        r"[A-Z]{0,3}\d[A-Z0-9]{5,9}",
    ),
    _labelled(
        "driver_license",
        "driver's l|drivers l|driver l|driver’s l|driving l|führerschein|permis de conduire|carnet de "
        "conducir|dl number|dl no",
        r"driver['’]?s?['’]? licen[cs]e|driving licen[cs]e|führerschein(?:nummer)?|permis de conduire|"
        r"carnet de conducir|DL(?= n)",
        r"[A-Z]{0,5}\d[A-Z0-9]?[A-Z0-9 -]{3,16}[A-Z0-9]",
    ),
    _labelled(
        "license_plate",
        " plate|kennzeichen|registration n|immatriculation|matrícula|reg no",
        r"(?:licen[cs]e|number|registration) plates?|plates?(?= (?:is|number|no|:|[A-Z]{2,3}[ -]?\d{3,4}"
        r"\b))|kfz-kennzeichen|"
        r"kennzeichen|"
        r"plaque d'immatriculation|matrícula|vehicle registration|reg(?:istration)? no\.?",
        r"[A-Z0-9]{1,4}[ -]?[A-Z0-9]{1,4}(?:[ -][A-Z0-9]{1,4})?",
    ),
    _labelled("bank_account", "routing n|routing:|aba n|aba routing", r"routing|aba", r"\d{9}", aba_routing),
    _labelled("bank_account", "sort code|sort-code|sortcode", r"sort[ -]?code", r"\d{2}[- ]?\d{2}[- ]?\d{2}"),
    _labelled(
        "bank_account",
        "account n|account #|acct|a/c|kontonummer|numéro de compte|número de cuenta|bank account|account:|"
        "account is",
        r"(?:bank |savings |checking |current )?(?:account|acct|a/c)(?= ?(?:n|#|:|is ))|kontonummer|"
        r"numéro de compte|número de cuenta|"
        r"bank account",
        r"\d(?:[ -]?\d){6,16}",
    ),
    _labelled(
        "health_id",
        "mrn |mrn:|mrn#|medical record|patient id|patient n|health insurance|insurance id|member id|"
        "policy n|versichertennummer",
        r"MRN|medical record|patient(?= (?:id|n))|health insurance|insurance(?= id)|member(?= id)|"
        r"versichertennummer|"
        r"(?:insurance |health )policy",
        r"[A-Z]{0,4}[ -]?\d[A-Z0-9-]{4,14}",
    ),
    _labelled(
        "device_id", "imei", r"imei", r"\d{2}[ -]?\d{6}[ -]?\d{6}[ -]?\d", lambda v: luhn(digits_of(v))
    ),
    _labelled(
        "vehicle_id",
        "vin number|vin:|vin is|vin no|vin #|vehicle identification|chassis n",
        r"vin|vehicle identification|chassis",
        r"[A-HJ-NPR-Z0-9]{17}",
        vehicle,
    ),
    _labelled(
        "national_id",
        "national id|identity card|id card|personalausweis|carte d'identité|carta d'identità|identity n|"
        "alien reg",
        r"national id(?:entity|entification)?(?: card)?|identity(?: card)?|id card|"
        r"personalausweis(?:nummer)?|carte d'identité|"
        r"carta d'identità|alien registration",
        r"[A-Z]{0,3}[ -]?\d[A-Z0-9-]{4,18}",
    ),
    _labelled(
        "tax_id",
        "tax id|tax number|tax identification|steuernummer|taxpayer|utr n|utr:|utr is",
        r"tax(?:payer)? id(?:entification)?|tax(?= number)|steuernummer|utr",
        r"\d[\d /-]{6,14}\d",
    ),
    _labelled(
        "us_ssn",
        "last four|last 4",
        r"last (?:four|4)(?: digits)? of (?:my |his |her |the )?(?:ssn|social(?: security)?)",
        r"\d{4}",
    ),
)


def labelled(text: str, lowered: str) -> Iterator[Span]:
    """Values whose label stands right before them."""
    for one in LABELLED:
        if not any(literal in lowered for literal in one.literals):
            continue
        for found in one.pattern.finditer(text):
            if any(c.isdigit() for c in found[1]) and one.valid(found[1]):
                yield Span(*found.span(1), one.kind)
