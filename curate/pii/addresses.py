"""Postal addresses of a house: a street with its number, and what follows of flat, postcode and town."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .spans import Span

_U = "A-ZÀ-ÖØ-ÞĀĄĆČĎĐĘĚĞİŁŃŇŐŘŚŠŞŤŮŰŹŻŽ"
_WORD = rf"[{_U}][\w'’.-]*"
_NAME = (
    rf"{_WORD}(?: (?:{_WORD}|de|des|du|la|le|les|del|della|di|do|da|dos|das|of|the|van|den|der|von|"
    rf"zum|zur|y|e)){{0,4}}"
)
_NUMBER = r"\d{1,5}(?:[-/]\d{1,4})?(?: ?[A-Za-z](?![\w]))?"
_SUFFIX = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Av|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way|Place|Pl|Square|"
    r"Sq|Terrace|Ter|Close|"
    r"Crescent|Cres|Highway|Hwy|Parkway|Pkwy|Circle|Cir|Alley|Row|Gardens|Grove|Hill|Mews|Trail|Walk|"
    r"Quay|Park|Rise|"
    r"View|Turnpike|Pike|Loop|Esplanade|Parade|Wharf|Green)\b\.?"
)
_GERMAN = (
    rf"(?:[{_U}][\w.-]*(?:straße|strasse|str\.|gasse|allee|weg|platz|damm|ufer|ring|stieg|chaussee|steig|"
    rf"markt)"
    rf"|{_WORD}(?:[ -]{_WORD})? (?:Straße|Strasse|Str\.|Gasse|Allee|Weg|Platz|Damm|Ufer|Ring|Chaussee)"
    rf"|(?:Am|Im|An der|Auf der|Unter den|Zum|Zur) {_WORD})"
)
_LATIN = (
    r"(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Bb]d|[Pp]lace|[Cc]hemin|[Ii]mpasse|[Aa]llée|[Qq]uai|[Cc]ours|"
    r"[Rr]oute|"
    r"Calle|C/|Avenida|Avda\.?|Plaza|Paseo|Carrer|Camino|Carretera|Via|Viale|Piazza|Corso|Largo|Vicolo|"
    r"Strada|Rua|Travessa|"
    r"Praça|Alameda|Estrada|Ulica|ul\.|Strada|Bulevardul|ulica|Trg|Ul\.)"
)
_NORTHERN = (
    rf"[{_U}][\w-]*(?:straat|laan|gracht|kade|singel|plein|dijk|gatan|vägen|gränd|gata|vej|gade|allé|"
    rf"veien|vegen|katu|tie|"
    rf"kuja|polku|utca|út|tér|caddesi|sokak|sokağı)"
)
_TOWN_WORD = rf"(?:(?:St|Ste|Bad|Mt)\. ?)?[{_U}][\w'’-]*"
_PLACE = rf"{_TOWN_WORD}(?: (?:{_TOWN_WORD}|am|an der|sur|la|de|upon)){{0,3}}"
_UNIT = (
    r"(?:,?\s{0,3}(?:Apt\b|Apartment|Suite|Ste|Unit|Flat|Floor|Flr|Fl|Room|Rm|Appt|Wohnung|Top|Piso|Box|#)"
    r"\.? ?#?[\w-]{1,6}\b)?"
)
_TOWN = (
    rf"(?:,?\s{{1,3}}(?:[A-Z]{{1,2}}-)?\d{{4,6}}(?: ?[A-Z]{{2}}\b)? {_PLACE}"
    rf"|,?\s{{1,3}}\d{{2,3}}[ -]\d{{2,3}} {_PLACE}"
    rf"|,?\s{{1,3}}{_PLACE},? [A-Z]{{2}},? \d{{5}}(?:-\d{{4}})?\b"
    rf"|,?\s{{1,3}}{_PLACE},? (?:[A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}}|(?:[A-Z]{{2}},? )?[A-Z]\d[A-Z] "
    rf"?\d[A-Z]\d)\b"
    rf"|, {_PLACE},? \d{{4,6}}(?:-\d{{3,4}})?\b"
    rf"|, {_PLACE}(?:, {_PLACE})?(?!\w|:))?"
)
_STREET = re.compile(
    rf"(?<![\w.,/$€£#:-])(?:(?:Flat|Apt|Unit) \d{{1,4}}[A-Z]?, )?(?:"
    rf"{_NUMBER} (?:[NSEW]\.? |North |South |East |West )?(?:(?:{_WORD}|\d{{1,3}}(?:st|nd|rd|th)) ){{1,"
    rf"3}}{_SUFFIX}(?: [NSEW]{{1,2}}\b)?"
    rf"|{_NUMBER},? {_GERMAN}(?! \d)|(?:\d{{1,5}} )?{_GERMAN} {_NUMBER}"
    rf"|{_NUMBER}(?: bis| ter)?,? {_LATIN} (?:l'|d'|de l'|de la |du |des |de |del |della |dei |di |do |"
    rf"da |dos |las |los )?{_NAME}"
    rf"|{_LATIN} (?:l'|d'|de la |de |des |du |del |della |dei |di |do |da |dos |las |los )?{_NAME}(?:,? "
    rf"(?:n[º°.]? ?)?{_NUMBER})"
    rf"|{_NUMBER},? {_NORTHERN}(?! \d)|(?:\d{{1,5}} )?{_NORTHERN} {_NUMBER}"
    rf"){_UNIT}{_TOWN}(?![\w@])"
)
_BOX = re.compile(
    rf"\b(?:P\.? ?O\.? ?Box|Post Office Box|Postfach) \d{{1,6}}\b{_TOWN}"
    rf"|\bPSC \d{{3,4}},? Box \d{{3,5}}\s+(?:APO|FPO) A[AEP] \d{{5}}"
)
_AFTER_NAME = """alley ave avenue blvd boulevard circle close court crescent ct dr, dr. drive gardens grove
    highway hill hwy lane ln loop mews parade park parkway pkwy pl place quay rd rise road row sq
    st, st. street terrace trail turnpike way""".split()
_BEFORE_NAME = """alameda allée avenida avenue bd c/ calle camino carrer chemin corso cours gade gata impasse
    katu kuja largo paseo piazza plaza praça psc quai ring route rua rue travessa tér ul. ulica
    veien vej via viale vicolo""".split()
LITERALS = (
    *(f" {word}" for word in _AFTER_NAME),
    *(f"{word} " for word in _BEFORE_NAME),
    *(
        " st ",
        "allee",
        "avda",
        "caddesi",
        "chaussee",
        "damm",
        "dijk",
        "gasse",
        "gatan",
        "gracht",
        "kade",
        "laan",
        "p. o. box",
        "p.o. box",
        "platz",
        "plein",
        "po box",
        "postfach",
        "singel",
        "sokak",
        "square",
        "str.",
        "straat",
        "strasse",
        "straße",
        "ufer",
        "utca",
        "vägen",
        "walk",
        "weg",
    ),
)
_FAMOUS = re.compile(
    r"Wall Street|Downing Street|Pennsylvania Ave|Baker Street|Sesame Street|Abbey Road|Fifth Avenue|"
    r"5th Avenue|Main St|Any ?(?:Street|town)|"
    r"Fake St|Fleet Street|Champs|Hacker Way|Infinite Loop|Amphitheatre|Microsoft Way|Privet Drive|"
    r"Evergreen Terrace|Your |Sample |"
    r"Example |Street Name|Times Square|Elm Street$|Penny Lane|Bourbon Street|Broadway",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:1[5-9]|20)\d{2}\b")
_COUNTED = re.compile(
    r"\b(?:top|about|only|over|than|are|were|have|has|had|in|of|since|by|until|from|step|chapter|page|"
    r"figure|section|table|question|"
    r"exercise|level|phase|day|week|world war)\s$",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(
    r"address|\blive[sd]?\b|living|\bmov(?:e|ed|ing)\b|resid|\bship|deliver|\bsend\b|\bhome\b|\bmy\b|"
    r"wohn|anschrift|adress|habit|\bvivo\b|"
    r"domicil|dirección|indirizzo|endereço|billing|mailing|on file|osoite|postal",
    re.IGNORECASE,
)
_PUBLIC = re.compile(
    r"restaurant|museum|\bhotel|\bstore\b|\bcaf[eé]|headquarter|building|tower|\bshop\b|bookstore|"
    r"theat(?:er|re)|rating|tourist|landmark|"
    r"\bhow tall|\bopened\b|stadium|\bgarage\b|\bpark\b",
    re.IGNORECASE,
)
_RISKY = re.compile(
    rf"(?:[{_U}][\w-]*(?:ring|tie|gade|kade|kuja|markt|weg|damm|ufer|steig|út|tér|singel|gata|plein|katu)"
    rf"|Am|Im|An der|Auf der|Unter den|Zum|Zur)\b"
)


_NUMBERED = re.compile(
    rf"[0-9][A-Za-z]?,? (?:[{_U}]|rue|av|bo|bd|pl|ch|im|al|qu|co|ro|bis|ter)|[{_U}][\w.'’-]+,? "
    rf"(?:n[º°.]? ?)?[0-9]"
)


def may_hold_number(text: str) -> bool:
    """Whether a number stands beside a word with a capital."""
    return _NUMBERED.search(text) is not None


def addresses(text: str) -> Iterator[Span]:
    """Streets with a house number, as far as flat, postcode and town go; not famous ones, no years."""
    for found in _STREET.finditer(text) if may_hold_number(text) else ():
        start, end = found.span()
        written = found[0]
        if not _FAMOUS.search(written) and _is_home(text, start, written):
            yield Span(start, end - (len(written) - len(written.rstrip(" .,-'’"))), "address")
    for found in _BOX.finditer(text):
        yield Span(*found.span(), "address")


def _is_home(text: str, start: int, written: str) -> bool:
    """Whether somebody can be written to there: a postcode says so, or the words before a bare street."""
    before = text[max(0, start - 80) : start]
    addressed = _ADDRESSED.search(before) is not None
    postcode = re.search(r"[a-z],? .*(?:\d{4,6}|\d{2,3}[ -]\d{2,3}|\d[A-Z]{2})\b", written) is not None
    if (_YEAR.match(written) and not addressed) or (not postcode and _COUNTED.search(before[-24:])):
        return False
    if _PUBLIC.search(before) and not re.search(
        r"\bmy\b|\bhis\b|\bher\b|customer|client|patient", before, re.IGNORECASE
    ):
        return False
    if _RISKY.match(written):
        return addressed or (postcode and re.search(r", ?\d", written) is not None)
    return addressed or postcode
